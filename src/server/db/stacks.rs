//! Stacks and which components they are made of.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, page},
    stack_components::StackComponentRow,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A stack. Environment and labels are JSON text.
    pub struct StackRow in "stacks" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        name: String,
        description: String,
        stack_spec_path: Option<String>,
        environment: String,
        labels: String,
        /// Launches from the browser on it are asked about.
        protected: bool,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "stacks s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        Field::new("name", Kind::Text("s.name")),
        Field::new("description", Kind::Text("s.description")),
        Field::new(
            "component_id",
            Kind::Through {
                template: "s.id in (select sc.stack_id from stack_compositions sc where {})",
                kind: &Kind::Uuid("sc.component_id"),
            },
        ),
        Field::new(
            "component",
            Kind::Through {
                template: "s.id in (select sc.stack_id from stack_compositions sc where {})",
                kind: &Kind::NameOrId { key: "sc.component_id", table: "stack_components", names: &["name"] },
            },
        ),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of stacks.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<StackRow>, ListError> {
    page(connection, &LIST, &StackRow::columns("s"), request, &[]).await
}

/// The stack with this name.
pub async fn find_by_name(connection: &mut Connection, name: &str) -> Result<Option<StackRow>, DbError> {
    connection.find("name = $1", args![name]).await
}

/// Makes these components, in this order, the stack's: the first of each type is that type's default.
pub async fn set_components(connection: &mut Connection, stack: Id, components: &[StackComponentRow]) -> Result<(), DbError> {
    connection.execute("delete from stack_compositions where stack_id = $1", args![stack]).await?;
    let mut types: Vec<&str> = Vec::new();
    for (position, component) in components.iter().enumerate() {
        let is_default = !types.contains(&component.component_type.as_str());
        types.push(&component.component_type);
        let sql = "insert into stack_compositions (stack_id, component_id, type, is_default, position) values ($1, $2, $3, $4, $5)";
        connection.execute(sql, args![stack, component.id, &component.component_type, is_default, position as i64]).await?;
    }
    Ok(())
}

/// How many stacks, components and projects there are.
pub async fn statistics(connection: &mut Connection) -> Result<(i64, i64, i64), DbError> {
    let sql = "select (select count(*) from stacks), (select count(*) from stack_components), (select count(*) from projects)";
    connection.fetch_one(sql, args![]).await
}
