//! Code references: a commit of a code repository, stored once for each project.

use super::{Connection, DbError};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A commit and the folder in it that holds a snapshot's code.
    pub struct CodeReferenceRow in "code_references" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        project_id: Id,
        code_repository_id: Id,
        commit_hash: String,
        subdirectory: String,
    }
}

/// The reference to this commit, made if there is none; safe against another request making it at the same time.
/// The repository must exist.
pub async fn get_or_create(
    connection: &mut Connection,
    project: Id,
    code_repository: Id,
    commit: &str,
    subdirectory: &str,
) -> Result<CodeReferenceRow, DbError> {
    let now = Timestamp::now();
    let reference = CodeReferenceRow {
        id: Id::new(),
        created: now,
        updated: now,
        project_id: project,
        code_repository_id: code_repository,
        commit_hash: commit.to_owned(),
        subdirectory: subdirectory.to_owned(),
    };
    if connection.insert_if_absent(&reference).await? {
        return Ok(reference);
    }
    let condition = "project_id = $1 and code_repository_id = $2 and commit_hash = $3 and subdirectory = $4";
    connection.find(condition, args![project, code_repository, commit, subdirectory]).await?.ok_or(DbError::RowNotFound)
}
