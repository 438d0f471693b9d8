//! Service connectors: configured ways to reach the resources of a cloud, a cluster or a registry.

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A service connector. Its secret values are those of an internal secret.
    pub struct ServiceConnectorRow in "service_connectors" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        name: String,
        description: String,
        connector_type: String = "type",
        auth_method: String,
        /// JSON list of texts.
        resource_types: String,
        resource_id: Option<String>,
        /// One connector of one resource type gives access to several resources.
        supports_instances: bool,
        /// JSON object: what is not secret.
        configuration: String,
        secret_id: Option<Id>,
        expires_at: Option<Timestamp>,
        /// Seconds.
        expires_skew_tolerance: Option<i64>,
        expiration_seconds: Option<i64>,
        /// JSON object of texts.
        labels: String,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "service_connectors s",
    id: "s.id",
    fields: &[
        Field::new("id", Kind::Uuid("s.id")),
        Field::new("created", Kind::Time("s.created")),
        Field::new("updated", Kind::Time("s.updated")),
        // Says what is shown of each connector, not which.
        Field::new("expand_secrets", Kind::Flag { yes: None, no: None }),
        Field::new("name", Kind::Text("s.name")),
        Field::new("connector_type", Kind::Text("s.type")),
        Field::new("auth_method", Kind::Text("s.auth_method")),
        Field::new("resource_id", Kind::Text("s.resource_id")),
        Field::new("user", Kind::NameOrId { key: "s.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// What a list can be narrowed to besides its fields, whatever its `logical_operator`.
#[derive(Debug, Default)]
pub struct Narrowing {
    /// The connector gives access to this type of resource.
    pub resource_type: Option<String>,
    /// The connector has these labels, with these values where one is named.
    pub labels: Vec<(String, Option<String>)>,
}

impl Narrowing {
    /// The columns hold compact JSON: an item `"a"` or a pair `"a":"b"` stands in it exactly so, and not inside a text,
    /// whose quotes are escaped.
    fn scopes(&self) -> Vec<Scope> {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let holds = |column: &str, part: String| Scope::new(format!("replace({column}, $?, '') <> {column}"), args![part]);
        let resource_type = self.resource_type.iter().map(|kind| holds("s.resource_types", json(kind)));
        let labels = self.labels.iter().map(|(name, value)| {
            let value = value.as_deref().map(json).unwrap_or_default();
            holds("s.labels", format!("{}:{value}", json(name)))
        });
        resource_type.chain(labels).collect()
    }
}

/// One page of service connectors.
pub async fn list(
    connection: &mut Connection,
    request: &ListRequest,
    narrowing: &Narrowing,
) -> Result<Page<ServiceConnectorRow>, ListError> {
    page(connection, &LIST, &ServiceConnectorRow::columns("s"), request, &narrowing.scopes()).await
}

/// How many stack components use a connector.
pub async fn components_with(connection: &mut Connection, connector: Id) -> Result<i64, DbError> {
    connection.count("select count(*) from stack_components where connector_id = $1", args![connector]).await
}
