//! What can be done with a run on its page: Stop, Answer, Delete. New Snapshot is the business of the snapshots' pages.

use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use serde::Deserialize;
use serde_json::Value;

use super::{forms, pipeline_run};
use crate::{
    model::{form::FormState, list::encode, pipeline_runs::AnswerKind},
    server::{
        api::wire::{run_wait_conditions::RunWaitConditionResolveRequest, words::Resolution},
        auth::Account,
        error::{AppError, Result},
        id::Id,
        launch, service,
        state::AppState,
    },
};

/// `POST …/runs/{run}/stop`
pub async fn stop(
    State(state): State<AppState>,
    account: Account,
    Path((project, run)): Path<(String, String)>,
    mut parts: Parts,
) -> Result<Response> {
    let found = pipeline_run::find(&mut state.db.read().await?, &project, &run).await?;
    let path = format!("/projects/{}/runs/{run}", encode(&project));
    let stopped = async {
        account.require_steering(&state, &found).await?;
        launch::stop::request_stop(&state, found.id, true).await
    };
    match stopped.await {
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
    let run = pipeline_run::find(&mut state.db.read().await?, project, run).await?;
    account.require_steering(state, &run).await?;
    let mut connection = state.db.begin().await?;
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
