//! Code repositories: where pipeline code comes from, registered by name.

use super::{
    Connection,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A code repository.
    pub struct CodeRepositoryRow in "code_repositories" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        description: Option<String>,
        /// JSON, free for each kind of repository.
        config: String,
        /// JSON of the `Source` of the client's class for it.
        source: String,
        logo_url: Option<String>,
    }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "code_repositories r",
    id: "r.id",
    fields: &[
        Field::new("id", Kind::Uuid("r.id")),
        Field::new("created", Kind::Time("r.created")),
        Field::new("updated", Kind::Time("r.updated")),
        Field::new("name", Kind::Text("r.name")),
        Field::new("user", Kind::NameOrId { key: "r.user_id", table: "users", names: &["name", "full_name"] }),
    ],
    sorts: &[],
};

/// One page of a project's code repositories.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<CodeRepositoryRow>, ListError> {
    let scope = Scope::new("r.project_id = $?", args![project]);
    page(connection, &LIST, &CodeRepositoryRow::columns("r"), request, &[scope]).await
}
