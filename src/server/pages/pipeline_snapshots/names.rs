//! Names of snapshots: whether one is free, and what taking it from another snapshot does.

use super::find;
use crate::{
    model::{error::PageError, pipeline_snapshots::NameCheck},
    server::{
        db::{
            Connection, pipeline_snapshot_usage,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            pipelines::PipelineRow,
        },
        error::{AppError, Result},
        id::Id,
        pages::context,
        service::{form_views, projects},
    },
};

/// Whether a name can be given to a snapshot of a pipeline, while it is typed.
pub async fn check(project: &str, pipeline: &str, name: &str, except: &str) -> Result<NameCheck, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let project_id = projects::find(&mut connection, project).await?.id;
        let missing = || AppError::NotFound(format!("There is no pipeline {pipeline} in this project."));
        let found = connection.get::<PipelineRow>(pipeline.parse::<Id>().map_err(|_| missing())?).await?;
        let pipeline = found.filter(|pipeline| pipeline.project_id == project_id).ok_or_else(missing)?;
        let except = if except.is_empty() { None } else { Some(find(&mut connection, project, except).await?.id) };
        Ok::<_, AppError>(NameCheck { replacing: replacing(&mut connection, pipeline.id, name.trim(), except).await? })
    };
    Ok(read.await?)
}

/// What replacing the snapshot with this name does, in words; none if the name is free.
pub async fn replacing(connection: &mut Connection, pipeline: Id, name: &str, except: Option<Id>) -> Result<Option<String>> {
    let Some(holder) = pipeline_snapshots::find_by_name(connection, pipeline, name).await?.filter(|holder| Some(holder.id) != except)
    else {
        return Ok(None);
    };
    let carried = match form_views::find(connection, holder.id).await? {
        Some(_) => " Its form view goes with the name, unless you choose another.",
        None => "",
    };
    let made = holder.created.format("%-d %b %Y, %H:%M");
    if !pipeline_snapshots::is_referenced(connection, &holder).await? {
        return Ok(Some(format!("Replacing deletes the snapshot of {made} that has this name: no run belongs to it.{carried}")));
    }
    let effect = losing_name(connection, &holder).await?;
    Ok(Some(format!("Replacing takes the name from the snapshot of {made}. {effect}{carried}")))
}

/// What happens to the runs and triggers of a snapshot that loses its name.
pub async fn losing_name(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<String> {
    let runs = pipeline_snapshot_usage::run_count(connection, snapshot.id).await?;
    let triggers = pipeline_snapshot_usage::triggers(connection, [snapshot.id]).await?.get(&snapshot.id).copied().unwrap_or_default();
    let runs = match runs {
        0 => "No run belongs to it; it stays under its id, without a name.".to_owned(),
        1 => "Its run keeps it; it stays under its id, without a name.".to_owned(),
        count => format!("Its {count} runs keep it; it stays under its id, without a name."),
    };
    Ok(match triggers {
        0 => runs,
        1 => format!("{runs} A trigger stops launching it."),
        count => format!("{runs} {count} triggers stop launching it."),
    })
}
