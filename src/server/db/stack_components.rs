//! Stack components: configured pieces of infrastructure.

use std::collections::HashMap;

use super::{
    Connection, DbError, LONGEST_LIST, id_values,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    placeholders,
    record::{Columns, Record},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A stack component. Configuration, environment and labels are JSON text.
    pub struct StackComponentRow in "stack_components" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        name: String,
        component_type: String = "type",
        flavor: String,
        configuration: String,
        environment: String,
        labels: Option<String>,
        connector_id: Option<Id>,
        connector_resource_id: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "stack_components c",
    id: "c.id",
    fields: &[
        Field::new("id", Kind::Uuid("c.id")),
        Field::new("created", Kind::Time("c.created")),
        Field::new("updated", Kind::Time("c.updated")),
        Field::new("name", Kind::Text("c.name")),
        Field::new("type", Kind::Text("c.type")),
        Field::new("flavor", Kind::Text("c.flavor")),
        Field::new("connector_id", Kind::Uuid("c.connector_id")),
        Field::new(
            "stack_id",
            Kind::Through {
                template: "c.id in (select sc.component_id from stack_compositions sc where {})",
                kind: &Kind::Uuid("sc.stack_id"),
            },
        ),
        Field::new("user", Kind::NameOrId { key: "c.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of components; `scope_type` limits it to one type whatever the other filters are.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<StackComponentRow>, ListError> {
    let scopes: Vec<Scope> =
        request.get("scope_type").filter(|kind| !kind.is_empty()).map(|kind| Scope::new("c.type = $?", args![kind])).into_iter().collect();
    page(connection, &LIST, &StackComponentRow::columns("c"), request, &scopes).await
}

/// The components of a type and flavor that reach their resources through a service connector.
pub async fn through(
    connection: &mut Connection,
    connector: Id,
    component_type: &str,
    flavor: &str,
) -> Result<Vec<StackComponentRow>, DbError> {
    let condition = "connector_id = $1 and type = $2 and flavor = $3 order by created, id";
    connection.find_all(condition, args![connector, component_type, flavor]).await
}

/// The names of the stacks a component is part of.
pub async fn stacks_with(connection: &mut Connection, component: Id) -> Result<Vec<(Id, String)>, DbError> {
    let sql =
        "select s.id, s.name from stack_compositions sc join stacks s on s.id = sc.stack_id where sc.component_id = $1 order by s.name";
    connection.fetch_all(sql, args![component]).await
}

struct InStack {
    stack_id: Id,
    component: StackComponentRow,
}

impl Record for InStack {
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbError> {
        Ok(Self { stack_id: columns.value()?, component: StackComponentRow::read(columns)? })
    }
}

/// The components of one stack, as [`of_stacks`] orders them.
pub async fn of_stack(connection: &mut Connection, stack: Id) -> Result<Vec<StackComponentRow>, DbError> {
    Ok(of_stacks(connection, [stack]).await?.remove(&stack).unwrap_or_default())
}

/// The components of stacks, in the order of the stack: of several of one type the default is the first.
pub async fn of_stacks(
    connection: &mut Connection,
    stacks: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<StackComponentRow>>, DbError> {
    let mut found: HashMap<Id, Vec<StackComponentRow>> = HashMap::new();
    for chunk in id_values(stacks).chunks(LONGEST_LIST) {
        let sql = format!(
            "select sc.stack_id, {} from stack_compositions sc join stack_components c on c.id = sc.component_id \
             where sc.stack_id in ({}) order by sc.type, sc.is_default desc, sc.position",
            StackComponentRow::columns("c"),
            placeholders(1, chunk.len())
        );
        for row in connection.fetch_all::<InStack>(&sql, chunk.to_vec()).await? {
            found.entry(row.stack_id).or_default().push(row.component);
        }
    }
    Ok(found)
}
