//! Artifact versions: numbering, making one or many, deleting, pruning.

use crate::server::{
    api::wire::artifact_versions::{ArtifactVersionRequest, ArtifactVersionUpdate, ArtifactVisualizationRequest, Version},
    db::{
        Connection,
        artifact_versions::{self, ArtifactVersionRow, ArtifactVisualizationRow},
        artifacts as artifact_rows,
        artifacts::ArtifactRow,
        run_metadata as metadata_rows,
        stack_components::StackComponentRow,
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{artifacts, names, projects, run_metadata, tags},
    time::Timestamp,
};

/// Longest URI, in characters (ZenML's `TEXT_FIELD_MAX_LENGTH`).
const MAX_URI_LENGTH: usize = 65_535;

/// ZenML's `VisualizationType`.
const VISUALIZATION_TYPES: [&str; 5] = ["csv", "html", "image", "json", "markdown"];

/// The artifact version with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ArtifactVersionRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("artifact version", id))
}

/// Makes a version, and its artifact where it is named and new.
///
/// Without a version text the version gets the next number; a text that is taken is refused.
pub async fn create(connection: &mut Connection, user: Id, request: ArtifactVersionRequest) -> Result<ArtifactVersionRow> {
    check(&request)?;
    projects::require(connection, request.project).await?;
    if let Some(store) = request.artifact_store_id {
        connection.get::<StackComponentRow>(store).await?.ok_or_else(|| AppError::missing("artifact store", store))?;
    }
    let artifact = artifact(connection, user, &request).await?;
    let now = Timestamp::now();
    let (version, version_number) = version_text(connection, &artifact, request.version.as_ref(), now).await?;
    let row = ArtifactVersionRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        artifact_id: artifact.id,
        artifact_store_id: request.artifact_store_id,
        version,
        version_number,
        kind: request.kind.as_str().to_owned(),
        uri: request.uri,
        materializer: request.materializer.text().to_owned(),
        data_type: request.data_type.text().to_owned(),
        save_type: request.save_type.as_str().to_owned(),
        content_hash: request.content_hash,
        item_count: request.item_count,
    };
    connection.insert(&row).await.on_conflict(|| {
        AppError::Exists(format!(
            "Unable to create artifact version {} (version {}): An artifact with the same name and version already exists.",
            artifact.name, row.version
        ))
    })?;
    insert_visualizations(connection, row.id, request.visualizations.unwrap_or_default()).await?;
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "artifact_version", row.id, &names).await?;
    run_metadata::store_untyped(connection, user, row.project_id, ("artifact_version", row.id), request.metadata.unwrap_or_default())
        .await?;
    Ok(row)
}

fn check(request: &ArtifactVersionRequest) -> Result<()> {
    let refuse = |message: &str| Err(AppError::Malformed(format!("1 validation error:\n  {message}")));
    match (&request.artifact_id, request.artifact_name.as_deref().filter(|name| !name.is_empty())) {
        (Some(_), Some(_)) => return refuse("Only one of `artifact_name` and `artifact_id` can be set."),
        (None, None) => return refuse("Either `artifact_name` or `artifact_id` must be set."),
        _ => {}
    }
    if let Some(Version::Text(text)) = &request.version {
        if text.is_empty() {
            return Err(AppError::Invalid("The version cannot be empty; leave it out for the next number.".to_owned()));
        }
        names::length(text, names::MAX_LENGTH, "version")?;
    }
    names::length(&request.uri, MAX_URI_LENGTH, "uri")?;
    names::length(request.content_hash.as_deref().unwrap_or_default(), names::MAX_LENGTH, "content_hash")?;
    for (key, value) in request.metadata.iter().flat_map(|values| values.iter()) {
        run_metadata::check_value(key, value.get())?;
    }
    for visualization in request.visualizations.iter().flatten() {
        if !VISUALIZATION_TYPES.contains(&visualization.kind.as_str()) {
            let known = VISUALIZATION_TYPES.join("`, `");
            return refuse(&format!("`{}` is not a type of visualization. Types are `{known}`.", visualization.kind));
        }
        names::length(&visualization.uri, MAX_URI_LENGTH, "uri")?;
    }
    Ok(())
}

async fn artifact(connection: &mut Connection, user: Id, request: &ArtifactVersionRequest) -> Result<ArtifactRow> {
    match (request.artifact_id, &request.artifact_name) {
        (Some(id), _) => {
            let artifact = artifacts::get(connection, id).await?;
            (artifact.project_id == request.project).then_some(artifact).ok_or_else(|| AppError::missing("artifact", id))
        }
        (None, name) => {
            let name = name.clone().unwrap_or_default();
            artifacts::get_or_create(connection, user, request.project, name, request.has_custom_name).await
        }
    }
}

/// The version's text, and its number where the text is one.
async fn version_text(
    connection: &mut Connection,
    artifact: &ArtifactRow,
    version: Option<&Version>,
    now: Timestamp,
) -> Result<(String, Option<i64>)> {
    let (text, number) = match version {
        None => {
            let number = artifact_rows::next_number(connection, artifact.id, now).await?;
            return Ok((number.to_string(), Some(number)));
        }
        Some(Version::Number(number)) => (number.to_string(), Some(*number)),
        Some(Version::Text(text)) => (text.clone(), text.parse().ok()),
    };
    artifact_rows::record_version(connection, artifact.id, number, now).await?;
    Ok((text, number))
}

async fn insert_visualizations(connection: &mut Connection, version: Id, requests: Vec<ArtifactVisualizationRequest>) -> Result<()> {
    let now = Timestamp::now();
    for (position, request) in (0i64..).zip(requests) {
        let row = ArtifactVisualizationRow {
            id: Id::new(),
            created: now,
            updated: now,
            artifact_version_id: version,
            position,
            kind: request.kind,
            uri: request.uri,
        };
        connection.insert(&row).await?;
    }
    Ok(())
}

/// Changes a version's tags, the only part of it that changes.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: ArtifactVersionUpdate) -> Result<ArtifactVersionRow> {
    get(connection, id).await?;
    connection.update::<ArtifactVersionRow>(id, Changes::new()).await?;
    tags::change(connection, user, "artifact_version", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Refuses a version that a run refers to: it cannot be deleted.
pub async fn require_unused(connection: &mut Connection, id: Id) -> Result<()> {
    if artifact_versions::is_unused(connection, id).await? {
        return Ok(());
    }
    Err(AppError::Invalid(
        "The metadata of artifact versions that are used in runs cannot be deleted. \
         Please delete all runs that use this artifact version first."
            .to_owned(),
    ))
}

/// Deletes a version with its visualizations, tags, metadata and links.
pub async fn delete(connection: &mut Connection, version: &ArtifactVersionRow) -> Result<()> {
    tag_rows::detach_all(connection, "artifact_version", version.id).await?;
    metadata_rows::delete_of(connection, "artifact_version", version.id).await?;
    connection.delete::<ArtifactVersionRow>(version.id).await?;
    artifact_rows::refresh_latest_version(connection, version.artifact_id).await?;
    Ok(())
}

/// Deletes the project's versions that no run refers to, and then, unless `only_versions`, artifacts without a version.
pub async fn prune(connection: &mut Connection, project: Id, only_versions: bool) -> Result<()> {
    artifact_versions::delete_unused(connection, project).await?;
    artifact_rows::refresh_latest_versions(connection, project).await?;
    if !only_versions {
        artifact_rows::delete_without_versions(connection, project).await?;
    }
    Ok(())
}
