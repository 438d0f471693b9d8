//! `/artifact_versions`.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    extract::{ApiJson, IdPath},
    resource::{Context, Create, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        artifact_versions::{ArtifactVersionRequest, ArtifactVersionUpdate, Metadata, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::{
            Account,
            downloads::{self, DownloadType},
        },
        db::{
            Connection,
            artifact_versions::{self, ArtifactVersionRow},
            artifacts::ArtifactRow,
            list::{ListRequest, ListSpec, Page},
            run_metadata, tags,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The most versions of one batch.
const MAX_BATCH: usize = 10_000;

/// The routes of artifact versions.
pub fn router() -> Routes {
    Routes::new()
        .list::<ArtifactVersions>(Action::Read)
        .create::<ArtifactVersions>(Action::Record)
        .delete(Action::Edit, "/artifact_versions", prune_artifact_versions)
        .reads("project_name_or_id", "The project; needed.")
        .reads("only_versions", "Whether artifacts without versions stay; they do unless asked not to.")
        .post(Action::Record, "/artifact_versions/batch", create_artifact_versions)
        .one::<ArtifactVersions>(Action::Read)
        .update::<ArtifactVersions>(Action::Record)
        .delete(Action::Edit, "/artifact_versions/{id}", delete_artifact_version)
        .reads("delete_metadata", "Whether the version is deleted; it is unless asked not to.")
        .reads("delete_from_artifact_store", "Whether its files are deleted.")
        .fails(&[501])
        .get(Action::Open, "/artifact_versions/{id}/data", download_data)
        .reads("token", "From `download-token`; it stands for credentials.")
        .fails(&[400, 401, 501])
        .get(Action::Read, "/artifact_versions/{id}/download-token", get_download_token)
        .fails(&[400, 501])
        .get(Action::Read, "/artifact_versions/{id}/visualize", get_visualization)
        .reads("index", "Which visualization, from 0.")
        .fails(&[400, 501])
}

/// Artifact versions as a resource.
pub struct ArtifactVersions;

impl Resource for ArtifactVersions {
    const PATH: &'static str = "/artifact_versions";
    const NAME: &'static str = "artifact version";
    const LIST: &'static ListSpec = &artifact_versions::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ArtifactVersionRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ArtifactVersionRow>> {
        let project = context.project(request).await?;
        Ok(artifact_versions::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ArtifactVersionRow> {
        service::artifact_versions::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[ArtifactVersionRow], hydrate: bool) -> Result<Vec<Entity>> {
        entities(&mut context.connection, rows, hydrate).await
    }
}

impl Create for ArtifactVersions {
    type Request = ArtifactVersionRequest;

    async fn create(context: &mut Context, request: ArtifactVersionRequest) -> Result<ArtifactVersionRow> {
        service::artifact_versions::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for ArtifactVersions {
    type Update = ArtifactVersionUpdate;

    async fn update(context: &mut Context, id: Id, update: ArtifactVersionUpdate) -> Result<ArtifactVersionRow> {
        service::artifact_versions::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

/// All versions are made, or none.
async fn create_artifact_versions(
    State(state): State<AppState>,
    account: Account,
    ApiJson(requests): ApiJson<Vec<ArtifactVersionRequest>>,
) -> Result<Json<Vec<Entity>>> {
    if requests.len() > MAX_BATCH {
        return Err(AppError::Malformed(format!("1 validation error:\n  At most {MAX_BATCH} artifact versions can be made at once.")));
    }
    let mut connection = state.db.begin().await?;
    let mut versions = Vec::with_capacity(requests.len());
    for request in requests {
        versions.push(service::artifact_versions::create(&mut connection, account.user.id, request).await?);
    }
    let entities = entities(&mut connection, &versions, true).await?;
    connection.commit().await?;
    Ok(Json(entities))
}

/// `?delete_metadata=` (on unless switched off) deletes the version, `?delete_from_artifact_store=` its files.
async fn delete_artifact_version(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let delete_metadata = request.switch("delete_metadata")?.unwrap_or(true);
    let delete_data = request.switch("delete_from_artifact_store")?.unwrap_or(false);
    let mut connection = state.db.read().await?;
    let version = service::artifact_versions::get(&mut connection, id).await?;
    if delete_metadata {
        service::artifact_versions::require_unused(&mut connection, id).await?;
    }
    drop(connection);
    if delete_data {
        service::artifact_data::delete(&state, &version).await?;
    }
    if delete_metadata {
        let mut connection = state.db.begin().await?;
        service::artifact_versions::require_unused(&mut connection, id).await?;
        service::artifact_versions::delete(&mut connection, &version).await?;
        connection.commit().await?;
    }
    Ok(Json(()))
}

async fn prune_artifact_versions(State(state): State<AppState>, _: Account, request: ListRequest) -> Result<Json<()>> {
    let project = request
        .get("project_name_or_id")
        .ok_or_else(|| AppError::Malformed("1 validation error:\n  The query parameter `project_name_or_id` is missing.".to_owned()))?;
    let only_versions = request.switch("only_versions")?.unwrap_or(true);
    let mut connection = state.db.begin().await?;
    let project = service::projects::find(&mut connection, project).await?;
    service::artifact_versions::prune(&mut connection, project.id, only_versions).await?;
    connection.commit().await?;
    Ok(Json(()))
}

#[derive(Serialize, JsonSchema)]
struct LoadedVisualization {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

async fn get_visualization(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    request: ListRequest,
) -> Result<Json<LoadedVisualization>> {
    let index = request.get("index").unwrap_or("0");
    let malformed = |_| AppError::Malformed(format!("1 validation error:\n  `index` must be a whole number, not `{index}`."));
    let index = index.parse().map_err(malformed)?;
    let version = service::artifact_versions::get(&mut state.db.read().await?, id).await?;
    let loaded = service::artifact_data::visualization(&state, &version, index).await?;
    Ok(Json(LoadedVisualization { kind: loaded.kind, value: loaded.value }))
}

async fn get_download_token(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<String>> {
    let version = service::artifact_versions::get(&mut state.db.read().await?, id).await?;
    service::artifact_data::downloadable(&state, &version).await?;
    Ok(Json(downloads::sign(&state.keys, DownloadType::ArtifactVersion, id)?))
}

/// The token in the address stands for credentials: a browser's download sends no headers.
async fn download_data(State(state): State<AppState>, IdPath(id): IdPath, request: ListRequest) -> Result<Response> {
    downloads::verify(&state.keys, downloads::token(&request)?, DownloadType::ArtifactVersion, id)?;
    let mut connection = state.db.read().await?;
    let version = service::artifact_versions::get(&mut connection, id).await?;
    let artifact = service::artifacts::get(&mut connection, version.artifact_id).await?;
    drop(connection);
    let path = service::artifact_data::downloadable(&state, &version).await?;
    let name = format!("{}-{}.tar.gz", artifact.name, version.version);
    let disposition = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(&name, NON_ALPHANUMERIC));
    let body = Body::from_stream(ReceiverStream::new(service::artifact_data::archive(path)));
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

/// Artifact versions with what is linked to them, read together.
async fn entities(connection: &mut Connection, rows: &[ArtifactVersionRow], hydrate: bool) -> Result<Vec<Entity>> {
    let ids = || rows.iter().map(|row| row.id);
    let artifacts = connection.get_many::<ArtifactRow>(rows.iter().map(|row| row.artifact_id)).await?;
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let tags = tags::of(connection, "artifact_version", ids()).await?;
    let producers = artifact_versions::producers(connection, ids()).await?;
    let mut metadata = if hydrate { Some(metadata(connection, rows).await?) } else { None };
    rows.iter()
        .map(|row| {
            let artifact = artifacts.get(&row.artifact_id).ok_or_else(|| AppError::missing("artifact", row.artifact_id))?;
            let producer = producers.get(&row.id);
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                tags: wire::tags::of(&tags, row.id)?,
                producer_step_run_id: producer.map(|producer| producer.step_run),
                producer_pipeline_run_id: producer.map(|producer| producer.pipeline_run),
            };
            let metadata = metadata.as_mut().and_then(|metadata| metadata.remove(&row.id));
            wire::artifact_versions::entity(row, artifact, &resources, metadata.as_ref())
        })
        .collect()
}

async fn metadata(
    connection: &mut Connection,
    rows: &[ArtifactVersionRow],
) -> Result<std::collections::HashMap<crate::server::id::Id, Metadata>> {
    let visualizations = artifact_versions::visualizations(connection, rows.iter().map(|row| row.id)).await?;
    let mut run_metadata = run_metadata::of(connection, "artifact_version", rows.iter().map(|row| row.id)).await?;
    let read = |row: &ArtifactVersionRow| {
        let visualizations =
            visualizations.get(&row.id).into_iter().flatten().map(wire::artifact_versions::visualization).collect::<Result<_>>()?;
        Ok((row.id, Metadata { visualizations, run_metadata: run_metadata.remove(&row.id).unwrap_or_default() }))
    };
    rows.iter().map(read).collect()
}
