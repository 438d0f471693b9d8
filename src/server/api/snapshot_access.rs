//! `/pipeline_snapshots/{id}/access`: Darkroom's own, so that a script can say who may run a snapshot.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    extract::{ApiJson, IdPath},
    routes::Routes,
};
use crate::{
    model::{pipeline_snapshots::MayRun, roles::Action},
    server::{auth::Account, error::Result, id::Id, service, state::AppState},
};

/// The routes of who may run snapshots.
pub fn router() -> Routes {
    Routes::new().get(Action::Read, "/pipeline_snapshots/{id}/access", get_pipeline_snapshot_access).put(
        Action::Edit,
        "/pipeline_snapshots/{id}/access",
        update_pipeline_snapshot_access,
    )
}

/// Who may run the snapshot.
#[derive(Deserialize, JsonSchema)]
struct AccessUpdate {
    may_run: MayRun,
    /// Names or ids of accounts, where the rule is to name some.
    #[serde(default)]
    users: Vec<String>,
}

/// Who may run the snapshot.
#[derive(Serialize, JsonSchema)]
struct Access {
    may_run: MayRun,
    /// Whether the rule is that of the snapshot it was made from.
    inherited: bool,
    users: Vec<AccessUser>,
}

/// An account that is named.
#[derive(Serialize, JsonSchema)]
struct AccessUser {
    id: Id,
    name: String,
}

impl From<service::snapshot_access::Access> for Access {
    fn from(access: service::snapshot_access::Access) -> Self {
        let users = access.named.into_iter().map(|user| AccessUser { id: user.id, name: user.name }).collect();
        Self { may_run: access.may_run, inherited: access.inherited, users }
    }
}

async fn get_pipeline_snapshot_access(State(state): State<AppState>, _: Account, IdPath(id): IdPath) -> Result<Json<Access>> {
    let mut connection = state.db.read().await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, id).await?;
    Ok(Json(service::snapshot_access::of(&mut connection, &snapshot).await?.into()))
}

async fn update_pipeline_snapshot_access(
    State(state): State<AppState>,
    _: Account,
    IdPath(id): IdPath,
    ApiJson(update): ApiJson<AccessUpdate>,
) -> Result<Json<Access>> {
    let mut connection = state.db.begin().await?;
    let snapshot = service::pipeline_snapshots::get(&mut connection, id).await?;
    let access = service::snapshot_access::set(&mut connection, &snapshot, update.may_run, &update.users).await?;
    connection.commit().await?;
    state.events.send("snapshot", id);
    Ok(Json(access.into()))
}
