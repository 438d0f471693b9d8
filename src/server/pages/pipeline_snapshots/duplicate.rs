//! A snapshot as a preset: all its parameters under its name, to be laid over other snapshots of the pipeline.

use axum::{
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};

use super::find;
use crate::{
    checker,
    model::{form::FormState, list::encode},
    run_configuration::form,
    server::{
        api::wire::presets::PresetRequest,
        auth::Account,
        db::{presets, users::UserRow},
        error::Result,
        id::Id,
        pages::forms,
        service::{self, drafts::Content},
        state::AppState,
    },
};

/// `POST …/snapshots/{snapshot}/preset`: makes a shared preset of a snapshot's parameters, and opens Run Details with it.
/// Values of secret fields are left out.
pub async fn duplicate(
    State(state): State<AppState>,
    account: Account,
    Path((project, id)): Path<(String, String)>,
    mut parts: Parts,
) -> Result<Response> {
    match preset(&state, &account.user, &project, &id).await {
        Ok((snapshot, preset)) => forms::see_other(&format!("/projects/{}/snapshots/{snapshot}/run?preset={preset}", encode(&project))),
        Err(error) => {
            // The list says why; there is no page of this URL.
            parts.uri = format!("/projects/{}/snapshots", encode(&project)).parse().map_err(anyhow::Error::from)?;
            Ok(forms::refuse_error(&state, parts, FormState::default(), error).await)
        }
    }
}

/// Makes the preset; gives the ids of snapshot and preset.
async fn preset(state: &AppState, user: &UserRow, project: &str, id: &str) -> Result<(Id, Id)> {
    let mut connection = state.db.begin().await?;
    let row = find(&mut connection, project, id).await?;
    let snapshot = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    let content = Content { text: checker::expanded(&snapshot, ""), ..Content::default() }.without_secrets(&form::fields(&snapshot))?;
    let wanted = row.name.clone().unwrap_or_else(|| format!("snapshot {}", &row.id.hex()[..8]));
    let mut name = wanted.clone();
    for number in 2.. {
        if presets::find(&mut connection, row.pipeline_id, user.id, &name).await?.is_none() {
            break;
        }
        name = format!("{wanted} {number}");
    }
    let description = row.name.as_ref().map(|name| format!("The parameters of the snapshot {name}"));
    let request = PresetRequest { pipeline: row.pipeline_id, name, description, private: false, configuration: content.text };
    let preset = service::presets::create(&mut connection, user, request).await?;
    connection.commit().await?;
    Ok((row.id, preset.id))
}
