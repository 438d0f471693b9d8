//! Tokens that an account gets for its programs. A token never reaches further than the one it was asked with.

use crate::server::{
    auth::tokens::Claims,
    db::{deployments::DeploymentRow, pipeline_runs::PipelineRunRow, schedules::ScheduleRow},
    error::{AppError, Result},
    id::Id,
    state::AppState,
    time::Timestamp,
};

/// Lifetime of a generic token where none is asked for, in seconds.
const DEFAULT_LIFETIME: i64 = 3600;
/// Longest lifetime of a generic token, in seconds: a week.
const MAX_LIFETIME: i64 = 7 * 24 * 3600;

/// What a workload token is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    pub schedule_id: Option<Id>,
    pub pipeline_run_id: Option<Id>,
    pub deployment_id: Option<Id>,
}

/// A token that ends after a number of seconds. Scope, API key and device of the asking token stay.
pub fn generic(state: &AppState, asking: Claims, expires_in: Option<i64>) -> Result<String> {
    let lifetime = expires_in.filter(|seconds| *seconds != 0).unwrap_or(DEFAULT_LIFETIME);
    if !(1..=MAX_LIFETIME).contains(&lifetime) {
        return Err(AppError::Invalid(format!("`expires_in` must be from 1 to {MAX_LIFETIME} seconds.")));
    }
    let mut claims = renewed(state, asking);
    // Not past the asking token's own end: otherwise a leaked token could be renewed for ever.
    let end = Timestamp::now().plus_seconds(lifetime).unix_seconds();
    claims.exp = Some(claims.exp.map_or(end, |limit| limit.min(end)));
    claims.sign(&state.keys)
}

/// A token that counts while a schedule is active, while a run is at work (and a while after it, see
/// [`crate::server::auth`]), or while a deployment exists.
pub async fn workload(state: &AppState, asking: Claims, wanted: Scope) -> Result<String> {
    let schedule = wanted.schedule_id.or(asking.schedule_id);
    let run = wanted.pipeline_run_id.or(asking.pipeline_run_id);
    let deployment = wanted.deployment_id.or(asking.deployment_id);
    if schedule.or(run).or(deployment).is_none() {
        return Err(AppError::Invalid("Workload API tokens must be scoped to a schedule, pipeline run or deployment.".to_owned()));
    }
    if let Some(id) = schedule {
        check_schedule(state, &asking, id).await?;
    }
    if let Some(id) = run {
        check_run(state, &asking, id).await?;
    }
    if let Some(id) = deployment {
        check_deployment(state, &asking, id).await?;
    }
    let claims = renewed(state, asking);
    Claims { exp: None, schedule_id: schedule, pipeline_run_id: run, deployment_id: deployment, ..claims }.sign(&state.keys)
}

async fn check_schedule(state: &AppState, asking: &Claims, id: Id) -> Result<()> {
    if let Some(scope) = asking.schedule_id.filter(|scope| *scope != id) {
        let message = format!("The token of this request is scoped to schedule {scope} and cannot reach schedule {id}.");
        return Err(AppError::NotAuthorized(message));
    }
    let schedule: Option<ScheduleRow> = state.db.read().await?.get(id).await?;
    let schedule =
        schedule.ok_or_else(|| AppError::Invalid(format!("Schedule {id} does not exist, so no API token can be made for it.")))?;
    if !schedule.active {
        return Err(AppError::Invalid(format!("Schedule {id} is not active, so no API token can be made for it.")));
    }
    Ok(())
}

async fn check_deployment(state: &AppState, asking: &Claims, id: Id) -> Result<()> {
    if let Some(scope) = asking.deployment_id.filter(|scope| *scope != id) {
        let message = format!("The token of this request is scoped to deployment {scope} and cannot reach deployment {id}.");
        return Err(AppError::NotAuthorized(message));
    }
    let deployment: Option<DeploymentRow> = state.db.read().await?.get(id).await?;
    match deployment {
        Some(_) => Ok(()),
        None => Err(AppError::Invalid(format!("Deployment {id} does not exist, so no API token can be made for it."))),
    }
}

async fn check_run(state: &AppState, asking: &Claims, run_id: Id) -> Result<()> {
    let run: Option<PipelineRunRow> = state.db.read().await?.get(run_id).await?;
    let run = run.ok_or_else(|| AppError::Invalid(format!("Pipeline run {run_id} does not exist, so no API token can be made for it.")))?;
    if !run.in_progress {
        return Err(AppError::Invalid(format!("Pipeline run {run_id} has ended, so no API token can be made for it.")));
    }
    if let Some(scope) = asking.pipeline_run_id
        && scope != run_id
        // Nested runs work in the environment of their root, whose token they hold.
        && run.root_run_id != Some(scope)
    {
        let message = format!("The token of this request is scoped to pipeline run {scope} and cannot reach pipeline run {run_id}.");
        return Err(AppError::NotAuthorized(message));
    }
    Ok(())
}

/// The same claims, issued now. A program has no session: the CSRF token stays with the page that signed in.
fn renewed(state: &AppState, asking: Claims) -> Claims {
    let issued = Claims::new(&state.server, asking.sub);
    Claims { iat: issued.iat, session_id: None, ..asking }
}
