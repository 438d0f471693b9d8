//! `/models`.

use axum::{Json, extract::State};

use super::{
    extract::ApiPath,
    model_versions,
    resource::{Context, Create, Delete, NameOrId, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity, PageResponse,
        models::{ModelRequest, ModelUpdate, Resources},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            curated_visualizations,
            list::{ListRequest, ListSpec, Page},
            model_versions as version_rows,
            models::{self, ModelRow},
            tags,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of models.
pub fn router() -> Routes {
    Routes::new()
        .list::<Models>(Action::Read)
        .create::<Models>(Action::Record)
        .one::<Models>(Action::Read)
        .update::<Models>(Action::Record)
        .remove::<Models>(Action::Edit)
        .get(Action::Read, "/models/{name_or_id}/model_versions", list_versions_of_model)
        .filters(&version_rows::LIST)
        .in_project()
}

/// Models as a resource.
pub struct Models;

impl Resource for Models {
    const PATH: &'static str = "/models";
    const NAME: &'static str = "model";
    const LIST: &'static ListSpec = &models::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = ModelRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<ModelRow>> {
        let project = context.project(request).await?;
        Ok(models::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<ModelRow> {
        service::models::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[ModelRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let tags = tags::of(connection, "model", rows.iter().map(|row| row.id)).await?;
        let visualizations = curated_visualizations::of(connection, "model", rows.iter().map(|row| row.id)).await?;
        let mut latest = version_rows::latest(connection, rows.iter().map(|row| row.id)).await?;
        rows.iter()
            .map(|row| {
                let (latest_version_id, latest_version_name) = latest.remove(&row.id).unzip();
                let resources = Resources {
                    user: wire::users::owner(&users, row.user_id)?,
                    tags: wire::tags::of(&tags, row.id)?,
                    latest_version_name,
                    latest_version_id,
                    visualizations: wire::curated_visualizations::of(&visualizations, row.id)?,
                };
                wire::models::entity(row, &resources, hydrate)
            })
            .collect()
    }
}

impl Create for Models {
    type Request = ModelRequest;

    async fn create(context: &mut Context, request: ModelRequest) -> Result<ModelRow> {
        service::models::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Models {
    type Update = ModelUpdate;

    async fn update(context: &mut Context, id: Id, update: ModelUpdate) -> Result<ModelRow> {
        service::models::update(&mut context.connection, context.account.user.id, id, update).await
    }
}

impl Delete for Models {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::models::delete(&mut context.connection, id).await
    }
}

/// The versions of one model, which the path names by name or id.
async fn list_versions_of_model(
    State(state): State<AppState>,
    _: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut connection = state.db.read().await?;
    let project = service::projects::scope(&mut connection, &state.server, &request).await?;
    let model = service::models::find(&mut connection, project, &name_or_id).await?;
    let page = version_rows::list(&mut connection, project, Some(model.id), &request).await?;
    let items = model_versions::entities(&mut connection, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}
