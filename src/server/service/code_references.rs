//! Code references: made with the snapshot that uses them.

use crate::server::{
    api::wire::code_references::CodeReferenceRequest,
    db::{
        Connection,
        code_references::{self, CodeReferenceRow},
        code_repositories::CodeRepositoryRow,
    },
    error::{AppError, Result},
    id::Id,
};

/// The reference to a commit, made if there is none. The repository must be of the same project.
pub async fn get_or_create(connection: &mut Connection, project: Id, request: &CodeReferenceRequest) -> Result<CodeReferenceRow> {
    connection
        .get::<CodeRepositoryRow>(request.code_repository)
        .await?
        .filter(|repository| repository.project_id == project)
        .ok_or_else(|| AppError::missing("code repository", request.code_repository))?;
    Ok(code_references::get_or_create(connection, project, request.code_repository, &request.commit, &request.subdirectory).await?)
}
