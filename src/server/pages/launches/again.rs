//! A run once more: the choices on the run's page and on Run Details, and what a replay skips.
//!
//! What these show is made into HTML here; its controls are part of the form around it.

use leptos::prelude::*;
use serde_json::{Map, Value};

use super::posted::Posted;
use crate::{
    components::error_panel::{Notice, Tone},
    model::{
        list::{Reference, encode},
        roles::Action,
    },
    pages::reader::{allowed, may},
    run_configuration::{replay, snapshot::Snapshot, value_path::ValuePath},
    server::{
        auth::secrets,
        db::{
            Connection,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::{self, PipelineSnapshotRow},
            step_runs,
        },
        error::{AppError, Result},
        id::Id,
        pages::html::html,
        time::Timestamp,
    },
};

/// The run that a draft runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    pub run: Id,
    pub how: How,
}

/// How a run is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Its values go over those of a snapshot; the new run knows nothing of it.
    Values,
    /// Its own snapshot runs, as a replay of it.
    Replay { skip: bool },
}

impl Again {
    /// What a sent form says, where it is one of a run.
    pub fn posted(posted: &Posted) -> Option<Self> {
        let run = |name: &str| posted.value(name).parse().ok();
        let replay = |run| Self { run, how: How::Replay { skip: posted.value("again") == "skip" } };
        run("replay").map(replay).or_else(|| run("from_run").map(|run| Self { run, how: How::Values }))
    }

    /// The run that is replayed, if it is a run of this snapshot.
    ///
    /// # Errors
    /// 404 for another snapshot's run: its values are not those of the form.
    pub async fn replayed(self, connection: &mut Connection, row: &PipelineSnapshotRow) -> Result<PipelineRunRow> {
        let run = connection.get::<PipelineRunRow>(self.run).await?.filter(|run| run.snapshot_id == row.id);
        run.ok_or_else(|| AppError::NotFound(format!("There is no run {} of this snapshot. It may have been deleted.", self.run)))
    }

    /// Adds to a run configuration what the replay skips; `changed` are the paths that differ from the run's snapshot.
    pub async fn skip(
        self,
        connection: &mut Connection,
        snapshot: &Snapshot,
        configuration: &mut Map<String, Value>,
        changed: &[ValuePath],
    ) -> Result<()> {
        if self.how == (How::Replay { skip: true }) {
            replay::skip_successful(configuration, snapshot, &step_runs::succeeded(connection, self.run).await?, changed);
        }
        Ok(())
    }
}

/// Where a run can be run again, each with the URL.
struct Choices {
    /// The values of the run over the snapshot it came from, or over its own.
    edit: String,
    /// The run's own snapshot as it ran.
    replay: String,
    /// The newest snapshot of the pipeline, where it is another one.
    newest: Option<(Reference, String)>,
    succeeded: Vec<String>,
}

async fn choices(connection: &mut Connection, project: &str, run: &PipelineRunRow) -> Result<Choices> {
    let page = |snapshot: Id, query: &str| format!("/projects/{}/snapshots/{snapshot}/run?{query}={}", encode(project), run.id);
    let source = run.source_snapshot_id.unwrap_or(run.snapshot_id);
    let newest = match run.pipeline_id {
        Some(pipeline) => pipeline_snapshots::latest_runnable(connection, pipeline, None).await?,
        None => None,
    };
    let newest = newest.filter(|newest| newest.id != source && newest.id != run.snapshot_id).map(|newest| {
        let href = page(newest.id, "from_run");
        (Reference { id: newest.id.to_string(), name: newest.name.unwrap_or_default() }, href)
    });
    // A step that still runs may yet fail.
    let succeeded = if run.status.is_finished() { step_runs::succeeded(connection, run.id).await? } else { Vec::new() };
    Ok(Choices { edit: page(source, "from_run"), replay: page(run.snapshot_id, "replay"), newest, succeeded })
}

/// The menu of a run's page. "Same values" sends the form of Run Details as it would be without changes; whatever is to be
/// said about it is said there.
pub async fn menu(connection: &mut Connection, project: &str, run: &PipelineRunRow) -> Result<String> {
    if !may(Action::Launch) {
        return Ok(html(|| allowed(Action::Launch, "button", "", "Run again", || ().into_any())));
    }
    let Choices { edit, replay, newest, succeeded } = choices(connection, project, run).await?;
    let (key, id) = (secrets::generate(16)?, run.id.to_string());
    let action = replay.split('?').next().unwrap_or_default().to_owned();
    let skip = (!succeeded.is_empty()).then(|| {
        let count = succeeded.len();
        let label = if count == 1 { "Skip the step that succeeded".to_owned() } else { format!("Skip the {count} steps that succeeded") };
        view! { <a class="menu__item" href=replay>{label}</a> }.into_any()
    });
    let newest = newest.map(|(snapshot, href)| {
        let label = format!("On the newest snapshot, {}", snapshot.name);
        view! { <a class="menu__item" href=href>{label}</a> }.into_any()
    });
    Ok(html(|| {
        view! {
            <details class="menu">
                <summary class="button">"Run again"</summary>
                <div class="menu__panel">
                    <form class="again" method="post" enctype="multipart/form-data" action=action>
                        <input type="hidden" name="key" value=key />
                        <input type="hidden" name="replay" value=id />
                        <button class="menu__item" type="submit" name="action" value="run">
                            "Same values"
                        </button>
                    </form>
                    <a class="menu__item" href=edit>"Edit values"</a>
                    {skip}
                    {newest}
                </div>
            </details>
        }
        .into_any()
    }))
}

/// Seconds for which a launch is new.
const NEW_SECONDS: f64 = 120.0;

/// That an account launched a run just now, and what may come next; none for another's run and an older one.
pub fn started(project: &str, user: Id, run: &PipelineRunRow) -> Option<String> {
    if run.user_id != Some(user) || Timestamp::now().seconds_since(run.created) > NEW_SECONDS {
        return None;
    }
    let source = run.source_snapshot_id.unwrap_or(run.snapshot_id);
    let form = format!("/projects/{}/snapshots/{source}/run?from_run={}", encode(project), run.id);
    let save = format!("{form}#preset_name");
    let title = format!("Run #{} is launched", run.run_index);
    Some(html(|| {
        view! {
            <Notice tone=Tone::Good title=title>
                <p class="error-panel__actions">
                    <a class="button button--small" href=form rel="external">
                        "Launch another"
                    </a>
                    <a class="button button--small" href=save rel="external">
                        "Save as preset"
                    </a>
                </p>
            </Notice>
        }
        .into_any()
    }))
}

/// The part of Run Details that says which run is run again, and how; its controls keep that.
pub async fn card(connection: &mut Connection, project: &str, again: Again) -> Result<Option<String>> {
    let Some(run) = connection.get::<PipelineRunRow>(again.run).await? else { return Ok(None) };
    let choices = choices(connection, project, &run).await?;
    let title = format!("Run #{} again", run.run_index);
    let page = format!("/projects/{}/runs/{}", encode(project), run.id);
    let how = match again.how {
        How::Values => {
            let skip = (!choices.succeeded.is_empty())
                .then(|| view! { <a href=choices.replay.clone() rel="external">"Skip steps that succeeded"</a> }.into_any());
            view! {
                <input type="hidden" name="from_run" value=run.id.to_string() />
                <p class="soft">"Its values are laid over this snapshot. All steps run."</p>
                {skip.map(|link| view! { <p>{link}</p> }.into_any())}
            }
            .into_any()
        }
        How::Replay { skip } => replay_choice(&run, skip, &choices),
    };
    let newest = choices.newest.map(|(snapshot, href)| {
        let label = format!("Use the newest snapshot, {}", snapshot.name);
        view! { <p><a href=href rel="external">{label}</a></p> }.into_any()
    });
    Ok(Some(html(|| {
        view! {
            <section class="card" aria-labelledby="again">
                <h2 id="again"><a href=page>{title}</a></h2>
                {how}
                {newest}
            </section>
        }
        .into_any()
    })))
}

/// All steps, or only those that did not succeed.
fn replay_choice(run: &PipelineRunRow, skip: bool, choices: &Choices) -> AnyView {
    let id = run.id.to_string();
    if choices.succeeded.is_empty() {
        return view! {
            <input type="hidden" name="replay" value=id />
            <p class="soft">"It runs as it did, with what you change here. No step of it succeeded that could be skipped."</p>
        }
        .into_any();
    }
    let edit = choices.edit.clone();
    let names = choices.succeeded.join(", ");
    view! {
        <input type="hidden" name="replay" value=id />
        <fieldset class="parameter__choices" aria-label="Steps">
            <label class="choice">
                <input type="radio" name="again" value="skip" checked=skip />
                <span>
                    "Skip what succeeded" <span class="table__sub">{names}</span>
                </span>
            </label>
            <label class="choice">
                <input type="radio" name="again" value="all" checked=!skip />
                <span>"Run all steps"</span>
            </label>
        </fieldset>
        <p class="soft">
            "Results of skipped steps are those of that run. A step whose values you change is not skipped, nor is what comes after it."
        </p>
        <p>
            <a href=edit rel="external">"Edit against the snapshot instead"</a>
        </p>
    }
    .into_any()
}
