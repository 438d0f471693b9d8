//! What can be done with a run on its page: New Snapshot, Stop, Answer, Delete.

use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;
use serde_json::Value;

use super::{context, forms, pipeline_run};
use crate::{
    model::{
        error::PageError,
        form::FormState,
        list::encode,
        pipeline_runs::{AnswerKind, NewSnapshot},
    },
    server::{
        api::wire::{
            pipeline_snapshots::{NameChange, PipelineSnapshotUpdate},
            run_wait_conditions::RunWaitConditionResolveRequest,
            words::Resolution,
        },
        auth::Account,
        db::{Connection, pipeline_runs::PipelineRunRow, pipeline_snapshots::PipelineSnapshotRow, pipelines::PipelineRow},
        error::{AppError, Result},
        id::Id,
        launch::{self, readiness},
        service,
        state::AppState,
        time::Timestamp,
    },
};

/// What the form of a new snapshot begins with.
pub async fn new_snapshot(project: &str, run: &str) -> Result<NewSnapshot, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let run = pipeline_run::find(&mut connection, project, run).await?;
        let pipeline = match run.pipeline_id {
            Some(id) => connection.get::<PipelineRow>(id).await?,
            None => None,
        };
        let pipeline = pipeline.map_or_else(|| "snapshot".to_owned(), |pipeline| pipeline.name);
        Ok::<_, AppError>(NewSnapshot {
            run_name: run.name,
            name: format!("{pipeline}-{}", Timestamp::now().format("%Y-%m-%d-%H%M")),
            pipeline,
        })
    };
    Ok(read.await?)
}

/// The form of a new snapshot.
#[derive(Clone, Deserialize)]
pub struct NewSnapshotForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    /// Separated by commas.
    #[serde(default)]
    tags: String,
    /// A checkbox: there when checked.
    replace: Option<String>,
}

impl NewSnapshotForm {
    fn typed(&self) -> FormState {
        FormState::with_values([
            ("name", self.name.clone()),
            ("description", self.description.clone()),
            ("tags", self.tags.clone()),
            ("replace", self.replace.clone().unwrap_or_default()),
        ])
    }

    fn update(&self) -> PipelineSnapshotUpdate {
        let tags: Vec<String> = self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        PipelineSnapshotUpdate {
            name: NameChange::Set(self.name.trim().to_owned()),
            description: Some(self.description.trim().to_owned()),
            replace: Some(self.replace.is_some()),
            add_tags: Some(tags).filter(|tags| !tags.is_empty()),
            ..PipelineSnapshotUpdate::default()
        }
    }
}

/// `POST …/runs/{run}/create-snapshot`: names the run's snapshot and goes to it.
pub async fn create_snapshot(
    State(state): State<AppState>,
    account: Account,
    Path((project, run)): Path<(String, String)>,
    parts: Parts,
    Form(form): Form<NewSnapshotForm>,
) -> Result<Response> {
    if form.name.trim().is_empty() {
        return Ok(forms::refuse(&state, parts, form.typed().with_error("name", "Give the snapshot a name.")).await);
    }
    match store(&state, &account, &project, &run, &form).await {
        Ok(snapshot) => forms::see_other(&format!("/projects/{}/snapshots/{}", encode(&project), snapshot.id)),
        Err(error) if error.status() == StatusCode::CONFLICT => {
            let message = format!("This pipeline has a snapshot named `{}` already. Choose another name, or replace it.", form.name.trim());
            let refused = form.typed().with_error("name", message).with_error("replace", "offered");
            Ok(forms::refuse(&state, parts, refused).await)
        }
        Err(AppError::Invalid(message)) => Ok(forms::refuse(&state, parts, form.typed().with_error("name", message)).await),
        Err(error) => Ok(forms::refuse_error(&state, parts, form.typed(), error).await),
    }
}

async fn store(state: &AppState, account: &Account, project: &str, run: &str, form: &NewSnapshotForm) -> Result<PipelineSnapshotRow> {
    let mut connection = state.db.begin().await?;
    let run = pipeline_run::find(&mut connection, project, run).await?;
    let unnamed = unnamed_snapshot(&mut connection, account, &run).await?;
    let named = service::pipeline_snapshots::update(&mut connection, account.user.id, unnamed.id, form.update()).await?;
    readiness::refresh(&mut connection, state, &named).await?;
    connection.commit().await?;
    state.events.send("snapshot", named.id);
    Ok(named)
}

/// The run's own snapshot, or a copy of it where that has a name already.
async fn unnamed_snapshot(connection: &mut Connection, account: &Account, run: &PipelineRunRow) -> Result<PipelineSnapshotRow> {
    let own = service::pipeline_snapshots::get(connection, run.snapshot_id).await?;
    if own.name.is_none() { Ok(own) } else { service::pipeline_snapshots::copy(connection, account.user.id, &own).await }
}

/// `POST …/runs/{run}/stop`
pub async fn stop(
    State(state): State<AppState>,
    _: Account,
    Path((project, run)): Path<(String, String)>,
    mut parts: Parts,
) -> Result<Response> {
    let found = pipeline_run::find(&mut state.db.read().await?, &project, &run).await?;
    let path = format!("/projects/{}/runs/{run}", encode(&project));
    match launch::stop::request_stop(&state, found.id, true).await {
        Ok(()) => forms::see_other(&path),
        Err(error) => {
            // The run's page says why; there is no page of this URL.
            parts.uri = path.parse().map_err(anyhow::Error::from)?;
            Ok(forms::refuse_error(&state, parts, FormState::default(), error).await)
        }
    }
}

/// The answer to what a run waits for.
#[derive(Clone, Deserialize)]
pub struct AnswerForm {
    /// Id of the wait condition: the answer is to what the page showed, not to what the run may ask by now.
    condition: Id,
    resolution: Resolution,
    #[serde(default)]
    result: String,
}

/// `POST …/runs/{run}/answer`: answers and goes back to the run, or says on its page what is wrong with the answer.
pub async fn answer(
    State(state): State<AppState>,
    account: Account,
    Path((project, run)): Path<(String, String)>,
    mut parts: Parts,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let path = format!("/projects/{}/runs/{run}", encode(&project));
    let answered = store_answer(&state, &account, &project, &run, &form).await;
    parts.uri = path.parse().map_err(anyhow::Error::from)?;
    let typed = FormState::with_values([("result", form.result.clone())]);
    match answered {
        Ok(()) => forms::see_other(&path),
        Err(AppError::Invalid(message)) => Ok(forms::refuse(&state, parts, typed.with_error("result", message)).await),
        Err(error) => Ok(forms::refuse_error(&state, parts, typed, error).await),
    }
}

async fn store_answer(state: &AppState, account: &Account, project: &str, run: &str, form: &AnswerForm) -> Result<()> {
    let mut connection = state.db.begin().await?;
    let run = pipeline_run::find(&mut connection, project, run).await?;
    let condition = service::run_wait_conditions::get(&mut connection, form.condition).await?;
    if condition.run_id != run.id {
        return Err(AppError::missing("run wait condition", form.condition));
    }
    let result = match form.resolution {
        Resolution::Continue => typed_answer(condition.data_schema.as_deref(), &form.result)?,
        Resolution::Abort => None,
    };
    let request = RunWaitConditionResolveRequest { resolution: form.resolution, result };
    service::run_wait_conditions::resolve(&mut connection, state, account.user.id, condition.id, request).await?;
    connection.commit().await?;
    state.launch_signal.wake();
    state.events.send("run", run.id);
    Ok(())
}

/// The value that was typed for a schema.
fn typed_answer(schema: Option<&str>, typed: &str) -> Result<Option<Value>> {
    match pipeline_run::answer_kind(schema)? {
        AnswerKind::Nothing => Ok(None),
        AnswerKind::Text => Ok(Some(Value::from(typed))),
        AnswerKind::YesOrNo | AnswerKind::Json { .. } => serde_json::from_str(typed)
            .map(Some)
            .map_err(|error| AppError::Invalid(format!("The answer is not JSON: {error}. Text stands in double quotes."))),
    }
}

/// `POST …/runs/{run}/delete`: deletes the run and goes to the list.
pub async fn delete(
    State(state): State<AppState>,
    _: Account,
    Path((project, run)): Path<(String, String)>,
    parts: Parts,
) -> Result<Response> {
    let deleted = async {
        let mut connection = state.db.begin().await?;
        let run = pipeline_run::find(&mut connection, &project, &run).await?;
        service::pipeline_runs::delete(&mut connection, run.id).await?;
        connection.commit().await?;
        state.events.send("run", run.id);
        Ok::<_, AppError>(())
    };
    match deleted.await {
        Ok(()) => forms::see_other(&format!("/projects/{}/runs", encode(&project))),
        Err(error) => Ok(forms::refuse_error(&state, parts, FormState::default(), error).await),
    }
}
