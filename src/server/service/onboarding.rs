//! The steps of the onboarding: once reached, a step stays reached, whatever is deleted later (as in ZenML).

use crate::server::{
    db::{
        Connection,
        server_settings::{self, ServerSettingsRow},
        stored::Changes,
    },
    error::Result,
};

/// The steps that were reached, in no order that means anything.
pub async fn state(connection: &mut Connection) -> Result<Vec<String>> {
    let row = server_settings::get(connection).await?;
    reached(connection, &row).await
}

/// Stores which steps are reached by now. Whoever makes what a step is about calls it in the same transaction.
pub async fn note(connection: &mut Connection) -> Result<()> {
    let row = server_settings::get(connection).await?;
    if reached(connection, &row).await?.len() == stored(&row)?.len() {
        return Ok(());
    }
    // Again, and locked this time: what others have reached meanwhile must not be lost.
    let Some(row) = server_settings::find(connection).await? else { return Ok(()) };
    let steps = serde_json::to_string(&reached(connection, &row).await?)?;
    connection.update::<ServerSettingsRow>(row.id, Changes::new().set("onboarding_state", steps)).await?;
    Ok(())
}

async fn reached(connection: &mut Connection, row: &ServerSettingsRow) -> Result<Vec<String>> {
    let mut steps = stored(row)?;
    let shown = server_settings::onboarding_steps(connection, &steps).await?;
    for step in shown {
        if !steps.iter().any(|known| known == step) {
            steps.push(step.to_owned());
        }
    }
    Ok(steps)
}

fn stored(row: &ServerSettingsRow) -> Result<Vec<String>> {
    Ok(serde_json::from_str(&row.onboarding_state)?)
}
