//! `/triggers`, and `/supported-events`, which says what triggers can wait for.

use std::collections::{HashMap, HashSet};

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    extract::{ApiPath, ApiQuery, IdPath, OptionalJson},
    resource::{Context, Create, Resource, Update},
    routes::Routes,
    wire::{
        self, Entity, RawMap, stored_json,
        triggers::{Resources, SourceType, TriggerRequest, TriggerUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            Connection,
            list::{ListRequest, ListSpec, Page},
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::PipelineSnapshotRow,
            trigger_executions,
            trigger_snapshots::{self, TriggerSnapshotRow},
            triggers::{self, TriggerRow},
            users::UserRow,
            webhooks::WebhookRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of triggers.
pub fn router() -> Routes {
    Routes::new()
        .list::<Triggers>(Action::Read)
        .create::<Triggers>(Action::Edit)
        .one::<Triggers>(Action::Read)
        .update::<Triggers>(Action::Edit)
        .delete(Action::Edit, "/triggers/{id}", delete_trigger)
        .put(Action::Edit, "/triggers/{id}/pipeline_snapshots/{snapshot_id}", attach_trigger)
        .delete(Action::Edit, "/triggers/{id}/pipeline_snapshots/{snapshot_id}", detach_trigger)
        .delete(Action::Edit, "/triggers/{id}/dispatch_state", clear_dispatch_errors)
        .get(Action::Open, "/supported-events", list_supported_events)
}

/// Triggers as a resource.
pub struct Triggers;

impl Resource for Triggers {
    const PATH: &'static str = "/triggers";
    const NAME: &'static str = "trigger";
    const LIST: &'static ListSpec = &triggers::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = TriggerRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<TriggerRow>> {
        let project = context.project(request).await?;
        Ok(triggers::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<TriggerRow> {
        service::triggers::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[TriggerRow], hydrate: bool) -> Result<Vec<Entity>> {
        let linked = Linked::read(&mut context.connection, rows).await?;
        rows.iter().map(|row| wire::triggers::entity(row, &linked.resources(row)?, hydrate)).collect()
    }
}

impl Create for Triggers {
    type Request = TriggerRequest;

    async fn create(context: &mut Context, request: TriggerRequest) -> Result<TriggerRow> {
        service::triggers::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Update for Triggers {
    type Update = TriggerUpdate;

    async fn update(context: &mut Context, id: Id, update: TriggerUpdate) -> Result<TriggerRow> {
        service::triggers::update(&mut context.connection, id, update).await
    }
}

/// `?soft=false` deletes the trigger; otherwise it is archived.
async fn delete_trigger(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::triggers::delete(&mut connection, id, request.switch("soft")?.unwrap_or(true)).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// The body is the run configuration of the runs to come, if there is one.
async fn attach_trigger(
    State(state): State<AppState>,
    account: Account,
    ApiPath(ids): ApiPath<(Id, Id)>,
    request: ListRequest,
    OptionalJson(configuration): OptionalJson<Value>,
) -> Result<Json<()>> {
    let allow_replace = request.switch("allow_replace")?.unwrap_or(false);
    let configuration = configuration.unwrap_or_default();
    let mut connection = state.db.begin().await?;
    service::triggers::attach(&mut connection, &state, account.user.id, ids, &configuration, allow_replace).await?;
    connection.commit().await?;
    Ok(Json(()))
}

async fn detach_trigger(State(state): State<AppState>, _: Account, ApiPath((id, snapshot)): ApiPath<(Id, Id)>) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::triggers::detach(&mut connection, id, snapshot).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// `?snapshot_id=`: of this attached snapshot only.
async fn clear_dispatch_errors(State(state): State<AppState>, _: Account, IdPath(id): IdPath, request: ListRequest) -> Result<Json<()>> {
    let read =
        |text: &str| text.parse().map_err(|_| AppError::Malformed(format!("1 validation error:\n  `snapshot_id`: `{text}` is no id.")));
    let snapshot = request.get("snapshot_id").map(read).transpose()?;
    let mut connection = state.db.begin().await?;
    service::triggers::clear_errors(&mut connection, id, snapshot).await?;
    connection.commit().await?;
    Ok(Json(()))
}

#[derive(Deserialize, JsonSchema)]
struct SupportedEvents {
    source_type: SourceType,
}

/// The events of a kind of source. Needs no sign-in, as in the reference server: it tells nothing of what is stored.
async fn list_supported_events(ApiQuery(query): ApiQuery<SupportedEvents>) -> Json<Value> {
    let what = match query.source_type {
        SourceType::Pipeline => "A pipeline run of the source pipeline",
        SourceType::PipelineRun => "The source pipeline run",
        SourceType::PipelineSnapshot => "A pipeline run of the source snapshot",
    };
    let [completed, failed] = query.source_type.events();
    Json(json!([
        { "value": completed, "description": format!("{what} completed successfully.") },
        { "value": failed, "description": format!("{what} failed.") },
    ]))
}

/// The rows that triggers refer to.
struct Linked {
    users: HashMap<Id, UserRow>,
    links: HashMap<Id, Vec<TriggerSnapshotRow>>,
    snapshots: HashMap<Id, PipelineSnapshotRow>,
    deployable: HashSet<Id>,
    latest_runs: HashMap<Id, Id>,
    runs: HashMap<Id, PipelineRunRow>,
    webhooks: HashMap<Id, WebhookRow>,
}

impl Linked {
    async fn read(connection: &mut Connection, rows: &[TriggerRow]) -> Result<Self> {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let links = trigger_snapshots::of(connection, ids.clone()).await?;
        let snapshots = links.values().flatten().flat_map(|link| [Some(link.snapshot_id), link.source_snapshot_id]).flatten();
        let snapshots = connection.get_many::<PipelineSnapshotRow>(snapshots.collect::<Vec<Id>>()).await?;
        let latest_runs = trigger_executions::latest_runs(connection, ids).await?;
        Ok(Self {
            users: connection.get_many(rows.iter().filter_map(|row| row.user_id)).await?,
            deployable: service::pipeline_snapshots::deployable(connection, snapshots.values().collect()).await?,
            runs: connection.get_many(latest_runs.values().copied().collect::<Vec<Id>>()).await?,
            webhooks: connection.get_many(rows.iter().filter_map(|row| row.webhook_id)).await?,
            links,
            snapshots,
            latest_runs,
        })
    }

    fn snapshot(&self, id: Id) -> Result<Option<Entity>> {
        let row = self.snapshots.get(&id);
        row.map(|row| wire::pipeline_snapshots::shallow(row, self.deployable.contains(&id))).transpose()
    }

    fn resources(&self, row: &TriggerRow) -> Result<Resources> {
        let mut resources = Resources {
            user: wire::users::owner(&self.users, row.user_id)?,
            snapshots: Vec::new(),
            executable_snapshots: Vec::new(),
            latest_run: None,
            webhook: row.webhook_id.and_then(|id| self.webhooks.get(&id)).map(|row| wire::webhooks::shallow(row, None)).transpose()?,
            snapshot_dispatch_states: RawMap::default(),
        };
        let latest_run = self.latest_runs.get(&row.id).and_then(|id| self.runs.get(id));
        resources.latest_run = latest_run.map(wire::pipeline_runs::shallow).transpose()?;
        for link in self.links.get(&row.id).into_iter().flatten() {
            let shown = link.source_snapshot_id.unwrap_or(link.snapshot_id);
            resources.snapshots.extend(self.snapshot(shown)?);
            resources.executable_snapshots.extend(self.snapshot(link.snapshot_id)?);
            if let Some(state) = &link.dispatch_state {
                resources.snapshot_dispatch_states.0.push((shown.to_string(), stored_json(state)?));
            }
        }
        Ok(resources)
    }
}
