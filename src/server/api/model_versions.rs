//! `/model_versions`, and the removal of their links.

use std::collections::HashMap;

use axum::{Json, extract::State};

use super::{
    extract::{ApiPath, IdPath},
    resource::{Context, Create, Delete, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity,
        model_versions::{ModelVersionRequest, ModelVersionUpdate, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            list::{ListRequest, ListSpec, Page},
            model_versions::{self, ModelVersionRow},
            models::ModelRow,
            run_metadata, services, tags,
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of model versions.
pub fn router() -> Routes {
    Routes::new()
        .list::<ModelVersions>(Action::Read)
        .create::<ModelVersions>(Action::Record)
        .one::<ModelVersions>(Action::Read)
        .update::<ModelVersions>(Action::Record)
        .remove::<ModelVersions>(Action::Edit)
        .delete(Action::Edit, "/model_versions/{id}/artifacts", delete_artifact_links)
        .reads("only_links", "Whether the artifact versions stay; they do unless asked not to.")
        .delete(Action::Edit, "/model_versions/{id}/artifacts/{name_or_id}", delete_artifact_link)
        .delete(Action::Edit, "/model_versions/{id}/runs/{name_or_id}", delete_run_link)
}

/// Model versions as a resource.
pub struct ModelVersions;

impl Resource for ModelVersions {
    const PATH: &'static str = "/model_versions";
    const NAME: &'static str = "model version";
    const LIST: &'static ListSpec = &model_versions::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ModelVersionRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ModelVersionRow>> {
        let project = context.project(request).await?;
        Ok(model_versions::list(&mut context.connection, project, None, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ModelVersionRow> {
        service::model_versions::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[ModelVersionRow], hydrate: bool) -> Result<Vec<Entity>> {
        entities(&mut context.connection, rows, hydrate).await
    }
}

impl Create for ModelVersions {
    type Request = ModelVersionRequest;

    async fn create(context: &mut Context, request: ModelVersionRequest) -> Result<ModelVersionRow> {
        service::model_versions::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for ModelVersions {
    type Update = ModelVersionUpdate;

    async fn update(context: &mut Context, id: Id, update: ModelVersionUpdate) -> Result<ModelVersionRow> {
        service::model_versions::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for ModelVersions {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::model_versions::delete(&mut context.connection, id).await
    }
}

/// `?only_links=false` deletes the artifact versions as well.
async fn delete_artifact_links(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let only_links = request.switch("only_links")?.unwrap_or(true);
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_artifacts(&mut connection, id, only_links).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn delete_artifact_link(
    State(state): State<AppState>,
    _: Account,
    ApiPath((id, name_or_id)): ApiPath<(Id, String)>,
) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_artifact(&mut connection, id, &name_or_id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn delete_run_link(State(state): State<AppState>, _: Account, ApiPath((id, name_or_id)): ApiPath<(Id, String)>) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::model_versions::unlink_run(&mut connection, id, &name_or_id).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// Model versions with what is linked to them, read together.
pub(super) async fn entities(connection: &mut Connection, rows: &[ModelVersionRow], hydrate: bool) -> Result<Vec<Entity>> {
    let ids = || rows.iter().map(|row| row.id);
    let models = connection.get_many::<ModelRow>(rows.iter().map(|row| row.model_id)).await?;
    let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
    let tags = tags::of(connection, "model_version", ids()).await?;
    let mut services = services_of(connection, rows, hydrate).await?;
    let mut run_metadata = if hydrate { Some(run_metadata::of(connection, "model_version", ids()).await?) } else { None };
    rows.iter()
        .map(|row| {
            let model = models.get(&row.model_id).ok_or_else(|| AppError::missing("model", row.model_id))?;
            let resources = Resources {
                user: wire::users::owner(&users, row.user_id)?,
                services: wire::model_versions::services(services.remove(&row.id).unwrap_or_default()),
                tags: wire::tags::of(&tags, row.id)?,
            };
            let run_metadata = run_metadata.as_mut().map(|metadata| metadata.remove(&row.id).unwrap_or_default());
            wire::model_versions::entity(row, model, &resources, run_metadata.as_ref())
        })
        .collect()
}

/// The services of model versions, by version.
async fn services_of(connection: &mut Connection, rows: &[ModelVersionRow], hydrate: bool) -> Result<HashMap<Id, Vec<Entity>>> {
    let rows = services::of_model_versions(connection, rows.iter().map(|row| row.id)).await?;
    let entities = super::services::entities(connection, &rows, hydrate).await?;
    let mut found: HashMap<Id, Vec<Entity>> = HashMap::new();
    for (row, entity) in rows.iter().zip(entities) {
        if let Some(version) = row.model_version_id {
            found.entry(version).or_default().push(entity);
        }
    }
    Ok(found)
}
