//! The server's own settings: one row.

use super::{Connection, DbError, Value};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// The settings.
    pub struct ServerSettingsRow in "server_settings" {
        /// The deployment's id.
        id: Id,
        server_name: String,
        logo_url: Option<String>,
        /// Whether the first admin was made.
        active: bool,
        /// Hash of the token in the set-up link; none once the server is active.
        setup_token_hash: Option<String>,
        display_announcements: Option<bool>,
        display_updates: Option<bool>,
        enable_analytics: bool,
        /// The steps of the onboarding that were ever reached, as a JSON list.
        onboarding_state: String,
        last_user_activity: Timestamp,
        created: Timestamp,
        updated: Timestamp,
    }
}

/// The row; none on an empty database. In a transaction it is locked, since it also tells whether the server is active.
pub async fn find(connection: &mut Connection) -> Result<Option<ServerSettingsRow>, DbError> {
    let lock = connection.for_update();
    connection.find(&format!("true{lock}"), args![]).await
}

/// The row of a database that was prepared at start.
pub async fn get(connection: &mut Connection) -> Result<ServerSettingsRow, DbError> {
    connection.find("true", args![]).await?.ok_or(DbError::RowNotFound)
}

/// Notes when somebody last used the server. `updated` stays: nobody changed a setting.
pub async fn note_activity(connection: &mut Connection, at: Timestamp) -> Result<(), DbError> {
    connection.execute("update server_settings set last_user_activity = $1 where last_user_activity < $1", args![at]).await?;
    Ok(())
}

/// How many stacks, stack components and projects there are.
pub async fn statistics(connection: &mut Connection) -> Result<(i64, i64, i64), DbError> {
    let sql = "select (select count(*) from stacks), (select count(*) from stack_components), (select count(*) from projects)";
    connection.fetch_one(sql, args![]).await
}

/// The steps of the onboarding of ZenML 0.98 that the database shows, by the query that finds them done; `known` are left out.
pub async fn onboarding_steps(connection: &mut Connection, known: &[String]) -> Result<Vec<&'static str>, DbError> {
    // Stacks with a component of the type $1 whose flavor is neither $2 nor $3.
    let stacks = "select sc.stack_id from stack_compositions sc join stack_components c on c.id = sc.component_id \
                  where c.type = $1 and c.flavor <> $2 and c.flavor <> $3";
    let runs = format!("select r.id from pipeline_runs r where r.stack_id in ({stacks})");
    let orchestrators = || args!["orchestrator", "local", "local_docker"];
    let artifact_stores = || args!["artifact_store", "local", "local"];
    let steps: [(&[&'static str], &str, Vec<Value>); 8] = [
        (&["device_verified"], "select id from devices where user_id is not null", args![]),
        (&["project_created"], "select id from projects", args![]),
        (&["pipeline_run"], "select id from pipeline_runs where in_progress = false", args![]),
        (&["stack_with_remote_orchestrator_created"], stacks, orchestrators()),
        (&["stack_with_remote_artifact_store_created"], stacks, artifact_stores()),
        (&["pipeline_run_with_remote_orchestrator"], &runs, orchestrators()),
        (&["pipeline_run_with_remote_artifact_store"], &runs, artifact_stores()),
        (&["pipeline_deployed", "oss_onboarding_completed", "pro_onboarding_completed"], "select id from deployments", args![]),
    ];
    let mut done = Vec::new();
    for (names, sql, values) in steps {
        let is_known = names.iter().all(|name| known.iter().any(|known| known == name));
        if !is_known && connection.fetch_optional::<(Id,)>(&format!("{sql} limit 1"), values).await?.is_some() {
            done.extend(names);
        }
    }
    Ok(done)
}
