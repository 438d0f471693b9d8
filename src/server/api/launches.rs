//! Launching: `POST /pipeline_snapshots/{id}/runs`, `POST /runs/{id}/replay`, and our own `POST /pipelines/{name or id}/runs`
//! for the newest runnable snapshot of a pipeline.

use aide::{generate::GenContext, openapi::Operation, operation::OperationInput};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use serde_json::Value;

use super::{
    extract::{ApiPath, IdPath, OptionalJson},
    pipeline_runs::{Detail, entities},
    resource::NameOrId,
    routes::Routes,
    wire::Entity,
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::list::ListRequest,
        error::{AppError, Result},
        middleware::idempotency,
        service::{
            self,
            launches::{Launch, What},
        },
        state::AppState,
    },
};

/// The routes of launches. ZenML's documentation writes the first path with a dash, its client with an underscore.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Launch, "/pipeline_snapshots/{id}/runs", launch_pipeline_snapshot)
        .fails(&[429, 501])
        .post(Action::Launch, "/pipeline-snapshots/{id}/runs", launch_pipeline_snapshot)
        .fails(&[429, 501])
        .post(Action::Launch, "/pipelines/{name_or_id}/runs", launch_pipeline)
        .fails(&[429, 501])
        .in_project()
        .post(Action::Launch, "/run_templates/{id}/runs", launch_run_template)
        .fails(&[429, 501])
        .post(Action::Launch, "/runs/{id}/replay", replay_run)
        .fails(&[429, 501])
}

/// Who launches by REST, and the key of the request, if it has one: it is kept with the launch, so that a repetition
/// launches nothing even when the answer to the first was lost with the server.
struct Launcher {
    account: Account,
    request_key: Option<String>,
}

impl FromRequestParts<AppState> for Launcher {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let account = Account::from_request_parts(parts, state).await?;
        let request_key = idempotency::key(&parts.headers)?.map(|key| format!("{key}{}", parts.uri));
        Ok(Self { account, request_key })
    }
}

impl OperationInput for Launcher {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        Account::operation_input(context, operation);
    }
}

impl Launcher {
    async fn launch(self, state: &AppState, what: What, body: Option<Value>) -> Result<Json<Entity>> {
        let request_key = self.request_key.as_deref();
        let is_run = self.account.claims.as_ref().is_some_and(|claims| claims.pipeline_run_id.is_some());
        let by = Launch { user: self.account.user.id, is_run, source: "rest", layers: None, request_key, tag: None, proposal: None };
        let run = service::launches::launch_once(state, by, &what, &body.unwrap_or_default()).await?;
        Ok(Json(super::only(entities(&mut state.db.read().await?, &[run], Detail::HYDRATED).await?)?))
    }
}

async fn launch_pipeline_snapshot(
    State(state): State<AppState>,
    launcher: Launcher,
    IdPath(id): IdPath,
    OptionalJson(body): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    launcher.launch(&state, What::Snapshot(id), body).await
}

async fn launch_pipeline(
    State(state): State<AppState>,
    launcher: Launcher,
    ApiPath(NameOrId(pipeline)): ApiPath<NameOrId>,
    request: ListRequest,
    OptionalJson(body): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    let project = service::projects::scope(&mut state.db.read().await?, &state.server, &request).await?;
    launcher.launch(&state, What::LatestOf { project, pipeline }, body).await
}

/// The body is a run configuration, or nothing.
async fn launch_run_template(
    State(state): State<AppState>,
    launcher: Launcher,
    IdPath(id): IdPath,
    OptionalJson(configuration): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    let body = Some(configuration.unwrap_or(Value::Null));
    launcher.launch(&state, What::Template(id), body).await
}

async fn replay_run(
    State(state): State<AppState>,
    launcher: Launcher,
    IdPath(id): IdPath,
    OptionalJson(body): OptionalJson<Value>,
) -> Result<Json<Entity>> {
    launcher.launch(&state, What::Run(id), body).await
}
