//! `/pipeline_snapshots/{id}/form_view`: Darkroom's own, so that a form view can be kept in git and brought here by a script.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    extract::{ApiJson, IdPath},
    routes::Routes,
};
use crate::{
    model::roles::Action,
    run_configuration::{
        form_view::{FormView, check},
        problem::Problem,
    },
    server::{
        auth::Account,
        db::{Connection, form_views::FormViewRow, pipeline_snapshots::PipelineSnapshotRow},
        error::Result,
        id::Id,
        service::{self, form_views},
        state::AppState,
        time::Timestamp,
    },
};

const PATH: &str = "/pipeline_snapshots/{id}/form_view";

/// The routes of form views.
pub fn router() -> Routes {
    Routes::new().get(Action::Read, PATH, get_form_view).put(Action::Edit, PATH, put_form_view).fails(&[400, 413]).delete(
        Action::Edit,
        PATH,
        delete_form_view,
    )
}

/// A form view with what there is to say about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FormViewResponse {
    pub snapshot_id: Id,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// Who changed it last.
    pub changed_by: Option<Id>,
    /// What a `PUT` takes.
    pub form_view: FormView,
    pub warnings: Vec<FormViewWarning>,
}

/// Something in a view that has no effect on its snapshot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FormViewWarning {
    /// The place in the view: `fields.2.path`.
    pub path: String,
    pub message: String,
}

fn response(row: FormViewRow, form_view: FormView, problems: Vec<Problem>) -> FormViewResponse {
    let warning = |problem: Problem| FormViewWarning {
        path: problem.path.to_string(),
        message: [Some(problem.message), problem.fix].into_iter().flatten().collect::<Vec<_>>().join(" "),
    };
    let warnings = problems.into_iter().map(warning).collect();
    FormViewResponse { snapshot_id: row.id, created: row.created, updated: row.updated, changed_by: row.changed_by, form_view, warnings }
}

async fn get_form_view(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<FormViewResponse>> {
    let mut connection = state.db.read().await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, id).await?;
    let (row, view) = form_views::find(&mut connection, id).await?.ok_or_else(|| form_views::missing(id))?;
    let problems = problems(&mut connection, &snapshot, &view).await?;
    Ok(Json(response(row, view, problems)))
}

async fn problems(connection: &mut Connection, snapshot: &PipelineSnapshotRow, view: &FormView) -> Result<Vec<Problem>> {
    Ok(check(&service::pipeline_snapshots::for_run_configuration(connection, snapshot).await?, view))
}

/// Gives a snapshot this form view, in place of the one that it may have.
async fn put_form_view(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    ApiJson(view): ApiJson<FormView>,
) -> Result<Json<FormViewResponse>> {
    let mut connection = state.db.begin().await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, id).await?;
    let (row, problems) = form_views::put(&mut connection, account.user.id, &snapshot, &view).await?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(response(row, view, problems)))
}

async fn delete_form_view(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    service::pipeline_snapshots::get(&mut connection, id).await?;
    form_views::delete(&mut connection, id).await?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(()))
}
