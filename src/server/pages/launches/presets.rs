//! Presets on Run Details: which there are, laying one over the draft, saving the draft as one, taking one home as a file.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use super::{draft::Outcome, posted::Posted};
use crate::{
    model::launches::PresetChoice,
    run_configuration::snapshot::Snapshot,
    server::{
        api::wire::presets::PresetRequest,
        auth::Account,
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, presets, users::UserRow},
        error::{AppError, Result},
        id::Id,
        service::{self, launch_layers, projects},
        state::AppState,
    },
};

/// Most presets that the page offers; a link may name any.
const MAX_OFFERED: i64 = 200;

/// The presets of a snapshot's pipeline that an account sees.
pub async fn offered(connection: &mut Connection, user: &UserRow, snapshot: &PipelineSnapshotRow) -> Result<Vec<PresetChoice>> {
    let rows = presets::of_pipeline(connection, snapshot.pipeline_id, user.id, MAX_OFFERED).await?;
    let owners = connection.get_many::<UserRow>(rows.iter().map(|row| row.user_id)).await?;
    let choice = |row: presets::PresetChoiceRow| PresetChoice {
        id: row.id.to_string(),
        owner: owners.get(&row.user_id).map(|owner| owner.name.clone()).unwrap_or_default(),
        changeable: service::presets::may_change(row.user_id, user),
        name: row.name,
        description: row.description,
        private: row.private,
    };
    Ok(rows.into_iter().map(choice).collect())
}

/// Reads a preset as a layer of the draft.
pub async fn lay(state: &AppState, account: &Account, about: (&PipelineSnapshotRow, &Snapshot), id: &str) -> Result<Outcome> {
    let mut connection = state.db.read().await?;
    Ok(Outcome::Layer(launch_layers::preset(&mut connection, account.user.id, about, id).await?))
}

/// Saves the text of the draft as a preset of the snapshot's pipeline, under the name that was typed.
pub async fn save(state: &AppState, account: &Account, snapshot: &PipelineSnapshotRow, posted: &Posted, text: &str) -> Result<Outcome> {
    let name = posted.value("preset_name").trim().to_owned();
    if name.is_empty() {
        return Err(AppError::Invalid("Give the preset a name first.".to_owned()));
    }
    let request = PresetRequest {
        pipeline: snapshot.pipeline_id,
        name,
        description: Some(posted.value("preset_description").trim().to_owned()),
        private: !posted.value("preset_private").is_empty(),
        configuration: text.to_owned(),
    };
    let mut connection = state.db.begin().await?;
    let preset = service::presets::create(&mut connection, &account.user, request).await?;
    connection.commit().await?;
    Ok(Outcome::Told("Saved", format!("`{}` is now a preset of this pipeline. Comments in the YAML are kept.", preset.name)))
}

/// Deletes a preset; the draft keeps the values that came from it.
pub async fn delete(state: &AppState, account: &Account, id: &str) -> Result<Outcome> {
    let id: Id = id.parse().map_err(|_| AppError::missing("preset", id))?;
    let mut connection = state.db.begin().await?;
    let preset = service::presets::get(&mut connection, account.user.id, id).await?;
    service::presets::delete(&mut connection, &account.user, id).await?;
    connection.commit().await?;
    Ok(Outcome::Told("Deleted", format!("The preset `{}` is gone. Values that came from it stay in this draft.", preset.name)))
}

/// `GET …/presets/{preset}/yaml`: the preset as a file, to be kept in git; uploaded again it is a draft.
pub async fn download(State(state): State<AppState>, account: Account, Path((project, id)): Path<(String, Id)>) -> Result<Response> {
    let mut connection = state.db.read().await?;
    let project = projects::find(&mut connection, &project).await?;
    let preset = service::presets::get(&mut connection, account.user.id, id).await?;
    if preset.project_id != project.id {
        return Err(AppError::missing("preset", id));
    }
    let name = file_name(&preset.name);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.yaml\"")).map_err(anyhow::Error::from)?;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/yaml")), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, preset.configuration).into_response())
}

/// A name with only what every system takes in the name of a file.
pub fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    name.chars().map(plain).collect()
}
