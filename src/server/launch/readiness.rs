//! The checklist of a snapshot: can this server run it, and if not, what is to be done.
//!
//! The answer is stored as the snapshot's `runnable` for lists and filters; pages and launches look again.

use super::{PROCESS_LAUNCHER_REFUSED, archive, capture::PUSH_HINT, needed_secrets, runner, selection::LeftOut, target::Target};
use crate::{
    model::readiness::{Check, CheckName, CheckState, Readiness},
    run_configuration::snapshot::Snapshot,
    server::{
        db::{
            Connection, LONGEST_LIST, code_archives,
            pipeline_builds::PipelineBuildRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
        },
        error::Result,
        id::Id,
        service::snapshot_access,
        state::AppState,
    },
};

/// Files named in the message about what capture left out.
const NAMED_LEFT_OUT: usize = 3;

/// Checks a snapshot, whoever launches it.
pub async fn check(connection: &mut Connection, state: &AppState, snapshot: &PipelineSnapshotRow) -> Result<Readiness> {
    let target = match snapshot.stack_id {
        Some(stack) => Target::read(connection, stack).await?,
        None => None,
    };
    let build = match snapshot.build_id {
        Some(id) => connection.get::<PipelineBuildRow>(id).await?,
        None => None,
    };
    let in_process = target.as_ref().is_none_or(Target::runs_in_process);
    let checks = vec![
        code(connection, state, snapshot, in_process, build.as_ref()).await?,
        environment(connection, state, snapshot, in_process, build.as_ref()).await?,
        stack(target.as_ref(), build.as_ref()),
        launcher(state, target.as_ref()),
    ];
    Ok(Readiness { checks })
}

/// Checks a snapshot for an account, which needs the secrets of the run and the permission besides.
pub async fn check_for(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    row: &PipelineSnapshotRow,
    snapshot: &Snapshot,
) -> Result<Readiness> {
    let mut readiness = check(connection, state, row).await?;
    readiness.checks.push(needed_secrets::check(connection, &state.keys.secrets, user, row.stack_id, snapshot).await?);
    readiness.checks.push(snapshot_access::check(connection, user, row).await?);
    Ok(readiness)
}

/// Checks a snapshot and stores whether it can be run.
pub async fn refresh(connection: &mut Connection, state: &AppState, snapshot: &PipelineSnapshotRow) -> Result<Readiness> {
    let readiness = check(connection, state, snapshot).await?;
    if readiness.runnable() != snapshot.runnable {
        pipeline_snapshots::set_runnable(connection, snapshot.id, readiness.runnable()).await?;
    }
    Ok(readiness)
}

/// Checks the named snapshots of a stack again, after the stack changed.
pub async fn refresh_named(connection: &mut Connection, state: &AppState, stack: Id) -> Result<()> {
    for snapshot in pipeline_snapshots::named(connection, Some(stack)).await? {
        refresh(connection, state, &snapshot).await?;
    }
    Ok(())
}

/// Checks all named snapshots when the server starts: interpreters and flags may have changed meanwhile. Looks without
/// holding the database, and writes only what changed.
pub async fn refresh_all_named(state: &AppState) -> Result<()> {
    let mut connection = state.db.read().await?;
    let ids = pipeline_snapshots::named_ids(&mut connection).await?;
    for ids in ids.chunks(LONGEST_LIST) {
        for snapshot in connection.get_many::<PipelineSnapshotRow>(ids.iter().copied()).await?.into_values() {
            if check(&mut connection, state, &snapshot).await?.runnable() != snapshot.runnable {
                let mut writing = state.db.begin().await?;
                refresh(&mut writing, state, &snapshot).await?;
                writing.commit().await?;
                state.events.send("snapshot", snapshot.id);
            }
        }
    }
    Ok(())
}

/// A check that passes.
pub fn pass(name: CheckName, message: impl Into<String>) -> Check {
    Check { name, state: CheckState::Pass, message: message.into(), fix: None }
}

/// A check that fails, and what to do about it.
pub fn fail(name: CheckName, message: impl Into<String>, fix: impl Into<String>) -> Check {
    Check { name, state: CheckState::Fail, message: message.into(), fix: Some(fix.into()) }
}

async fn code(
    connection: &mut Connection,
    state: &AppState,
    snapshot: &PipelineSnapshotRow,
    in_process: bool,
    build: Option<&PipelineBuildRow>,
) -> Result<Check> {
    let name = CheckName::Code;
    if let Some(hash) = &snapshot.code_archive_hash {
        if !archive::path(&state.launching.archives, hash).exists() {
            return Ok(fail(
                name,
                "The captured code is missing from the data directory.",
                "Restore the data directory, or make the snapshot again.",
            ));
        }
        let archive = code_archives::get(connection, hash).await?;
        return Ok(pass(
            name,
            archive.map_or_else(|| "The code was captured.".to_owned(), |archive| captured(archive.file_count, &archive.left_out)),
        ));
    }
    if snapshot.code_path.is_some() {
        return Ok(pass(name, "The client uploaded the code to the artifact store."));
    }
    if snapshot.code_reference_id.is_some() {
        return Ok(pass(name, "The code is a commit of a code repository."));
    }
    if !in_process && build.is_some() {
        return Ok(pass(name, "The code is in the images of the build."));
    }
    Ok(match &snapshot.code_note {
        Some(note) => {
            let message = note.strip_suffix(PUSH_HINT).map_or_else(|| note.clone(), str::to_owned);
            fail(name, message, PUSH_HINT.trim_start().replace("SNAPSHOT", &snapshot.id.to_string()))
        }
        None => pass(name, "All steps come from installed packages."),
    })
}

/// "5 files were captured; left out: data/ (named by .gitignore)."
fn captured(files: i64, left_out: &str) -> String {
    let left_out: Vec<LeftOut> = serde_json::from_str(left_out).unwrap_or_default();
    let files = if files == 1 { "One file was captured".to_owned() } else { format!("{files} files were captured") };
    if left_out.is_empty() {
        return format!("{files}.");
    }
    let mut named: Vec<String> = left_out.iter().take(NAMED_LEFT_OUT).map(|left| format!("{} ({})", left.path, left.reason)).collect();
    if left_out.len() > NAMED_LEFT_OUT {
        named.push(format!("{} more", left_out.len() - NAMED_LEFT_OUT));
    }
    format!("{files}; left out: {}.", named.join(", "))
}

async fn environment(
    connection: &mut Connection,
    state: &AppState,
    snapshot: &PipelineSnapshotRow,
    in_process: bool,
    build: Option<&PipelineBuildRow>,
) -> Result<Check> {
    let name = CheckName::Environment;
    if !in_process && build.is_none() {
        return Ok(fail(name, "The snapshot has no build, or it was deleted: its orchestrator needs images.", "Make the snapshot again."));
    }
    if let Some(python) = &state.config.runner_python {
        return Ok(match python.exists() {
            true => pass(name, format!("Runs with the server's own Python environment ({}).", python.display())),
            false => fail(
                name,
                format!("The server's --runner-python {} does not exist.", python.display()),
                "Start the server with a path that does.",
            ),
        });
    }
    let (client, _) = runner::client(connection, snapshot).await?;
    Ok(match state.launching.interpreters.find(client.python_version.as_deref()).await {
        Ok(found) => pass(name, format!("Python {} with the snapshot's packages; made at the first run.", found.version)),
        Err(missing) => fail(name, missing.reason, missing.fix),
    })
}

fn stack(target: Option<&Target>, build: Option<&PipelineBuildRow>) -> Check {
    let name = CheckName::Stack;
    let again = "Run the pipeline again on an existing stack and make a new snapshot.";
    let Some(target) = target else { return fail(name, "The stack was deleted.", again) };
    if let Some(component) = target.unknown_flavor() {
        let message = format!("The flavor `{}` of the {} `{}` does not exist.", component.flavor, component.component_type, component.name);
        return fail(name, message, "Register the flavor again.");
    }
    let built_for = build.and_then(|build| build.stack_checksum.as_deref());
    if built_for.is_some_and(|checksum| checksum != target.checksum()) {
        return fail(name, format!("The stack `{}` has been updated since the build was made.", target.stack.name), again);
    }
    pass(name, format!("The stack `{}` is as it was.", target.stack.name))
}

fn launcher(state: &AppState, target: Option<&Target>) -> Check {
    let name = CheckName::Launcher;
    if !state.config.process_launcher_allowed() {
        let (message, fix) = PROCESS_LAUNCHER_REFUSED;
        return fail(name, message, fix);
    }
    match target.filter(|target| !target.runs_in_process()).and_then(Target::orchestrator) {
        Some(orchestrator) => pass(name, format!("A process on the server's machine hands it to the orchestrator `{orchestrator}`.")),
        None => pass(name, "Runs as a process on the server's machine."),
    }
}
