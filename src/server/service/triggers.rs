//! Triggers: making and changing them, and the snapshots they launch. What happens when one fires is in
//! `service::trigger_dispatches`.

use serde_json::Value;

use crate::server::{
    api::wire::triggers::{
        DispatchState, DispatchStatus, PlatformEventConfiguration, ScheduleConfiguration, SourceEntity, SourceType, TriggerConfiguration,
        TriggerRequest, TriggerUpdate,
    },
    db::{
        Connection,
        stored::Changes,
        trigger_snapshots::{self, TriggerSnapshotRow},
        triggers::TriggerRow,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{launches, names, pipeline_runs, pipeline_snapshots, pipelines, projects, trigger_times::Times, webhooks},
    state::AppState,
    time::Timestamp,
};

/// The trigger with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<TriggerRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("trigger", id))
}

/// Makes a trigger; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: TriggerRequest) -> Result<TriggerRow> {
    projects::require(connection, request.project).await?;
    names::length(&request.name, names::MAX_LENGTH, "name")?;
    let mut configuration = request.configuration;
    check_flavor(request.flavor.as_deref(), &configuration)?;
    let specific = Specific::check(connection, request.project, &mut configuration).await?;
    let now = Timestamp::now();
    let trigger = TriggerRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: Some(user),
        project_id: request.project,
        webhook_id: specific.webhook,
        name: request.name,
        active: request.active,
        is_archived: false,
        kind: configuration.kind().to_owned(),
        flavor: configuration.flavor().to_owned(),
        concurrency: request.concurrency.as_str().to_owned(),
        configuration: configuration.stored()?,
        next_occurrence: specific.times.and_then(|times| times.first(now)),
        source_type: specific.source.map(|source| source.kind.as_str().to_owned()),
        source_id: specific.source.map(|source| source.id),
    };
    connection.insert(&trigger).await.on_conflict(|| taken(&trigger.name))?;
    Ok(trigger)
}

fn check_flavor(flavor: Option<&str>, configuration: &TriggerConfiguration) -> Result<()> {
    match flavor {
        Some(flavor) if flavor != configuration.flavor() => Err(AppError::Malformed(format!(
            "1 validation error:\n  `flavor` of a trigger of type {} must be `{}`, not `{flavor}`.",
            configuration.kind(),
            configuration.flavor()
        ))),
        _ => Ok(()),
    }
}

fn taken(name: &str) -> AppError {
    AppError::Exists(format!("A trigger with the name '{name}' already exists in this project."))
}

/// What follows from a configuration that was found good.
#[derive(Debug, Default)]
struct Specific {
    times: Option<Times>,
    source: Option<SourceEntity>,
    webhook: Option<Id>,
}

impl Specific {
    /// Checks a configuration, and completes that of a webhook.
    async fn check(connection: &mut Connection, project: Id, configuration: &mut TriggerConfiguration) -> Result<Self> {
        match configuration {
            TriggerConfiguration::Schedule(schedule) => Ok(Self { times: Some(Times::read(schedule)?), ..Self::default() }),
            TriggerConfiguration::PlatformEvent(event) => {
                check_event(connection, project, event).await?;
                Ok(Self { source: Some(event.source_entity), ..Self::default() })
            }
            TriggerConfiguration::Webhook(webhook) => {
                let id =
                    webhook.webhook_id.ok_or_else(|| AppError::Malformed("1 validation error:\n  `webhook_id` is missing.".to_owned()))?;
                webhook.configuration = webhooks::check_configuration(connection, project, id, &webhook.configuration).await?;
                Ok(Self { webhook: Some(id), ..Self::default() })
            }
        }
    }
}

/// The events must be of a kind that the source has, and the source must be in the project.
async fn check_event(connection: &mut Connection, project: Id, event: &PlatformEventConfiguration) -> Result<()> {
    let SourceEntity { kind, id } = event.source_entity;
    if event.target_events.is_empty() {
        return Err(AppError::Malformed("1 validation error:\n  `target_events` must name at least one event.".to_owned()));
    }
    if let Some(unknown) = event.target_events.iter().find(|event| !kind.events().contains(&event.as_str())) {
        return Err(AppError::Malformed(format!(
            "1 validation error:\n  Invalid event '{unknown}' for source_type '{}'. Allowed events: {:?}",
            kind.as_str(),
            kind.events()
        )));
    }
    let found = match kind {
        SourceType::Pipeline => pipelines::get(connection, id).await?.project_id,
        SourceType::PipelineRun => pipeline_runs::get(connection, id).await?.project_id,
        SourceType::PipelineSnapshot => pipeline_snapshots::get(connection, id).await?.project_id,
    };
    if found == project { Ok(()) } else { Err(AppError::missing(&kind.as_str().replace('_', " "), id)) }
}

/// Changes a trigger, all but its type. An archived one stays as it is.
///
/// A schedule that is due at the same times as before stays due when it was, so that a new name makes nothing fire again.
pub async fn update(connection: &mut Connection, id: Id, update: TriggerUpdate) -> Result<TriggerRow> {
    let trigger: TriggerRow = connection.get_locked(id).await?.ok_or_else(|| AppError::missing("trigger", id))?;
    let mut configuration = update.configuration;
    if trigger.kind != configuration.kind() {
        return Err(AppError::Forbidden("A trigger can not be updated with a different trigger type.".to_owned()));
    }
    if trigger.is_archived {
        return Err(AppError::Forbidden("Archived triggers can not be updated.".to_owned()));
    }
    names::length(&update.name, names::MAX_LENGTH, "name")?;
    check_flavor(update.flavor.as_deref(), &configuration)?;
    if let TriggerConfiguration::Webhook(webhook) = &mut configuration {
        webhook.webhook_id = trigger.webhook_id;
        if update.active.is_none() || update.concurrency.is_none() {
            return Err(AppError::Malformed(
                "1 validation error:\n  Webhook trigger updates must include all mutable fields: `active` and `concurrency` too."
                    .to_owned(),
            ));
        }
    }
    let specific = Specific::check(connection, trigger.project_id, &mut configuration).await?;
    let mut changes = Changes::new()
        .set("name", &update.name)
        .set_some("active", update.active)
        .set_some("concurrency", update.concurrency.map(|concurrency| concurrency.as_str()))
        .set("configuration", configuration.stored()?);
    if let Some(source) = specific.source {
        changes = changes.set("source_type", source.kind.as_str()).set("source_id", source.id);
    }
    if let TriggerConfiguration::Schedule(schedule) = &configuration {
        let stored: ScheduleConfiguration = serde_json::from_str(&trigger.configuration)?;
        let same_times = ScheduleConfiguration { max_runs: schedule.max_runs, ..stored } == *schedule;
        let is_switched_on = update.active == Some(true) && !trigger.active;
        if update.next_occurrence.is_some() {
            changes = changes.set("next_occurrence", update.next_occurrence);
        } else if !same_times || (is_switched_on && schedule.run_once_start_time.is_none()) {
            changes = changes.set("next_occurrence", specific.times.and_then(|times| times.first(Timestamp::now())));
        }
    }
    connection.update::<TriggerRow>(id, changes).await.on_conflict(|| taken(&update.name))?;
    get(connection, id).await
}

/// Archives a trigger (`soft`): switched off, detached from its snapshots, its name free for another; or deletes it.
pub async fn delete(connection: &mut Connection, id: Id, soft: bool) -> Result<()> {
    let trigger = get(connection, id).await?;
    if !soft {
        connection.delete::<TriggerRow>(id).await?;
        return Ok(());
    }
    if trigger.is_archived {
        return Err(AppError::Forbidden(format!("Trigger {id} is already archived.")));
    }
    let name = format!("{}_({})", trigger.name, &Id::new().hex()[..8]);
    let changes = Changes::new().set("is_archived", true).set("active", false).set("name", name);
    connection.update::<TriggerRow>(id, changes).await?;
    Ok(trigger_snapshots::delete_of_trigger(connection, id).await?)
}

/// Attaches a named snapshot with a run configuration.
///
/// What is launched is derived from it now, and checked as a launch is. With `allow_replace`, it takes the place of an earlier attachment of the same snapshot.
pub async fn attach(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    (trigger, snapshot): (Id, Id),
    configuration: &Value,
    allow_replace: bool,
) -> Result<()> {
    let trigger = get(connection, trigger).await?;
    let snapshot = pipeline_snapshots::get(connection, snapshot).await?;
    if trigger.project_id != snapshot.project_id {
        return Err(AppError::missing("pipeline snapshot", snapshot.id));
    }
    if snapshot.name.is_none() {
        return Err(AppError::Forbidden("Can not attach a snapshot without name to a trigger.".to_owned()));
    }
    if trigger.is_archived {
        return Err(AppError::Forbidden(format!("Can not attach snapshot {} to archived trigger {}.", snapshot.id, trigger.id)));
    }
    let earlier = attached(connection, trigger.id).await?.into_iter().find(|link| link.is_of(snapshot.id));
    if earlier.is_some() && !allow_replace {
        return Err(AppError::Forbidden(format!(
            "Trigger {} is already attached to snapshot {}. To attach it with a different configuration, detach it first or use the \
             `allow_replace` flag.",
            trigger.id, snapshot.id
        )));
    }
    let derived = launches::prepare(connection, state, user, &snapshot, configuration).await?;
    if let Some(earlier) = earlier {
        trigger_snapshots::delete(connection, trigger.id, earlier.snapshot_id).await?;
    }
    Ok(trigger_snapshots::insert(connection, trigger.id, derived.id).await?)
}

async fn attached(connection: &mut Connection, trigger: Id) -> Result<Vec<TriggerSnapshotRow>> {
    Ok(trigger_snapshots::of(connection, [trigger]).await?.remove(&trigger).unwrap_or_default())
}

/// Detaches a snapshot, meant by its own id or by that of the one derived from it.
pub async fn detach(connection: &mut Connection, trigger: Id, snapshot: Id) -> Result<()> {
    get(connection, trigger).await?;
    let links = attached_as(connection, trigger, snapshot).await?;
    for link in links {
        trigger_snapshots::delete(connection, trigger, link.snapshot_id).await?;
    }
    Ok(())
}

async fn attached_as(connection: &mut Connection, trigger: Id, snapshot: Id) -> Result<Vec<TriggerSnapshotRow>> {
    let mut links = attached(connection, trigger).await?;
    links.retain(|link| link.is_of(snapshot));
    if links.is_empty() {
        return Err(AppError::NotFound(format!("Snapshot {snapshot} is not attached to trigger {trigger}")));
    }
    Ok(links)
}

/// Forgets the errors of firings, for one attached snapshot or for all.
pub async fn clear_errors(connection: &mut Connection, trigger: Id, snapshot: Option<Id>) -> Result<()> {
    get(connection, trigger).await?;
    let links = match snapshot {
        Some(snapshot) => attached_as(connection, trigger, snapshot).await?,
        None => attached(connection, trigger).await?,
    };
    for link in links {
        let Some(state) = &link.dispatch_state else { continue };
        let state: DispatchState = serde_json::from_str(state)?;
        let cleared = match state.last_status {
            DispatchStatus::Error => None,
            _ => Some(serde_json::to_string(&state.without_error())?),
        };
        trigger_snapshots::set_state(connection, trigger, link.snapshot_id, cleared.as_deref()).await?;
    }
    Ok(())
}
