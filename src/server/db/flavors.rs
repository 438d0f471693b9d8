//! Flavors: what kinds of stack components there are.

use std::collections::HashMap;

use super::{
    Connection, DbError, Value,
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
    /// A flavor. Schemas are JSON text.
    pub struct FlavorRow in "flavors" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        name: String,
        component_type: String = "type",
        display_name: Option<String>,
        integration: Option<String>,
        source: String,
        config_schema: String,
        settings_schema: Option<String>,
        /// Components of this flavor work only on the machine that made them.
        is_local: bool,
        is_remote: bool,
        /// The settings have a `synchronous` field, which a launch sets to false.
        has_synchronous_field: bool,
        connector_type: Option<String>,
        connector_resource_type: Option<String>,
        connector_resource_id_attr: Option<String>,
        logo_url: Option<String>,
        docs_url: Option<String>,
        sdk_docs_url: Option<String>,
        is_custom: bool,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "flavors f",
    id: "f.id",
    fields: &[
        Field::new("id", Kind::Uuid("f.id")),
        Field::new("created", Kind::Time("f.created")),
        Field::new("updated", Kind::Time("f.updated")),
        Field::new("name", Kind::Text("f.name")),
        Field::new("display_name", Kind::Text("f.display_name")),
        Field::new("type", Kind::Text("f.type")),
        Field::new("integration", Kind::Text("f.integration")),
        Field::new("user", Kind::NameOrId { key: "f.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of flavors.
pub async fn list(connection: &mut Connection, request: &ListRequest) -> Result<Page<FlavorRow>, ListError> {
    page(connection, &LIST, &FlavorRow::columns("f"), request, &[]).await
}

/// The flavor of a component type with this name.
pub async fn find(connection: &mut Connection, component_type: &str, name: &str) -> Result<Option<FlavorRow>, DbError> {
    connection.find("type = $1 and name = $2", args![component_type, name]).await
}

/// Flavors by component type and name.
pub type Flavors = HashMap<(String, String), FlavorRow>;

/// The flavors of components, read together.
pub async fn of_components(connection: &mut Connection, components: &[StackComponentRow]) -> Result<Flavors, DbError> {
    let mut keys: Vec<(&str, &str)> = components.iter().map(|c| (c.component_type.as_str(), c.flavor.as_str())).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Flavors::new();
    for chunk in keys.chunks(200) {
        let conditions: Vec<String> = (0..chunk.len()).map(|n| format!("(type = ${} and name = ${})", 2 * n + 1, 2 * n + 2)).collect();
        let values: Vec<Value> = chunk.iter().flat_map(|(component_type, name)| args![*component_type, *name]).collect();
        for row in connection.find_all::<FlavorRow>(&conditions.join(" or "), values).await? {
            found.insert((row.component_type.clone(), row.name.clone()), row);
        }
    }
    Ok(found)
}

/// Whether a stack component is of this flavor.
pub async fn in_use(connection: &mut Connection, flavor: &FlavorRow) -> Result<bool, DbError> {
    let sql = "select count(*) from stack_components where type = $1 and flavor = $2";
    Ok(connection.count(sql, args![&flavor.component_type, &flavor.name]).await? > 0)
}
