//! Triggers on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entity, RawMap, models::yes};
use crate::server::{db::triggers::TriggerRow, error::Result, id::Id, time::Timestamp};

/// `POST /triggers`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TriggerRequest {
    pub project: Id,
    pub name: String,
    #[serde(default = "yes")]
    pub active: bool,
    #[serde(default)]
    pub concurrency: Concurrency,
    pub flavor: Option<String>,
    #[serde(flatten)]
    pub configuration: TriggerConfiguration,
}

/// `PUT /triggers/{id}`: all that only triggers of this type have is replaced.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TriggerUpdate {
    pub name: String,
    pub active: Option<bool>,
    pub concurrency: Option<Concurrency>,
    pub flavor: Option<String>,
    /// Of a schedule: when it is due next, instead of what follows from its configuration.
    pub next_occurrence: Option<Timestamp>,
    #[serde(flatten)]
    pub configuration: TriggerConfiguration,
}

/// What happens when a trigger fires while a run that it made of the same snapshot is in progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// Nothing.
    #[default]
    Skip,
    /// Another run starts.
    Submit,
}

impl Concurrency {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Submit => "submit",
        }
    }
}

/// What only triggers of one type have.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TriggerConfiguration {
    Schedule(ScheduleConfiguration),
    PlatformEvent(PlatformEventConfiguration),
    Webhook(WebhookConfiguration),
}

impl TriggerConfiguration {
    /// The type's word on the wire and in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Schedule(_) => "schedule",
            Self::PlatformEvent(_) => "platform_event",
            Self::Webhook(_) => "webhook",
        }
    }

    /// ZenML's flavor of the type: there is one for each.
    pub fn flavor(&self) -> &'static str {
        match self {
            Self::Schedule(_) => "native schedule",
            Self::PlatformEvent(_) => "platform event",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The JSON that is stored, and shown in the body.
    pub fn stored(&self) -> Result<String> {
        Ok(match self {
            Self::Schedule(configuration) => serde_json::to_string(configuration)?,
            Self::PlatformEvent(configuration) => serde_json::to_string(configuration)?,
            Self::Webhook(configuration) => serde_json::to_string(configuration)?,
        })
    }
}

/// When a schedule is due. All times are UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleConfiguration {
    pub cron_expression: Option<String>,
    /// Seconds, 60 or more.
    pub interval: Option<i64>,
    pub end_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub run_once_start_time: Option<Timestamp>,
    /// Most runs of each attached snapshot.
    pub max_runs: Option<i64>,
}

/// Which events of what a trigger waits for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PlatformEventConfiguration {
    pub source_entity: SourceEntity,
    pub target_events: Vec<String>,
}

/// What events happen to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SourceEntity {
    #[serde(rename = "type")]
    pub kind: SourceType,
    pub id: Id,
}

/// ZenML's `SourceType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    Pipeline,
    PipelineRun,
    PipelineSnapshot,
}

impl SourceType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::PipelineRun => "pipeline_run",
            Self::PipelineSnapshot => "pipeline_snapshot",
        }
    }

    /// The events of such a source: the word for a completed run first, then that for a failed one.
    pub fn events(self) -> [&'static str; 2] {
        match self {
            Self::Pipeline | Self::PipelineSnapshot => ["run_completed", "run_failed"],
            Self::PipelineRun => ["completed", "failed"],
        }
    }
}

/// Which deliveries of a webhook start runs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WebhookConfiguration {
    /// A column of its own; cannot be changed.
    #[serde(skip_serializing)]
    pub webhook_id: Option<Id>,
    pub configuration: Map<String, Value>,
}

/// How the last firing for an attached snapshot went.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DispatchState {
    pub last_status: DispatchStatus,
    pub last_status_at: Timestamp,
    pub last_status_details: Option<Map<String, Value>>,
    pub last_error_message: Option<String>,
    pub last_error_type: Option<String>,
    /// `Minor`, `Major` or `Critical`.
    pub last_error_severity: Option<String>,
    pub last_error_stack_trace: Option<String>,
    pub last_error_at: Option<Timestamp>,
    pub first_error_at: Option<Timestamp>,
    /// How many errors of this type came in a row.
    pub last_error_count: i64,
}

/// ZenML's `TriggerDispatchStatusCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DispatchStatus {
    Success,
    SkippedConcurrency,
    SkippedMaxRuns,
    SkippedTriggerCycle,
    Error,
}

/// The event behind a run that a trigger made: ZenML's `TriggerExecutionInfo`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExecutionInfo {
    pub upstream_run_id: Option<Id>,
    /// The pipelines of the chain of events that led here.
    #[serde(default)]
    pub upstream_pipeline_ids: Vec<Id>,
    /// By the webhook's type.
    pub webhook_upstream_event: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    name: &'a str,
    active: bool,
    #[serde(rename = "type")]
    kind: &'a str,
    concurrency: &'a str,
    is_archived: bool,
    flavor: &'a str,
    #[serde(flatten)]
    specific: Map<String, Value>,
}

/// What is linked to a trigger.
#[derive(Serialize)]
pub struct Resources {
    pub user: Option<Entity>,
    /// The named snapshots that were attached.
    pub snapshots: Vec<Entity>,
    /// What is launched: derived from them.
    pub executable_snapshots: Vec<Entity>,
    pub latest_run: Option<Entity>,
    pub webhook: Option<Entity>,
    /// By the id of the named snapshot.
    pub snapshot_dispatch_states: RawMap,
}

#[derive(Serialize)]
struct Metadata {}

/// A trigger's body. Triggers have their name there, and none outside.
pub fn shallow(trigger: &TriggerRow) -> Result<Entity> {
    let mut specific: Map<String, Value> = serde_json::from_str(&trigger.configuration)?;
    match trigger.kind.as_str() {
        "schedule" => {
            let next = trigger.next_occurrence.filter(|_| trigger.active && !trigger.is_archived);
            specific.insert("next_occurrence".to_owned(), serde_json::to_value(next)?);
        }
        "webhook" => {
            specific.insert("webhook_id".to_owned(), serde_json::to_value(trigger.webhook_id)?);
        }
        _ => {}
    }
    let body = Body {
        created: trigger.created,
        updated: trigger.updated,
        user_id: trigger.user_id,
        project_id: trigger.project_id,
        name: &trigger.name,
        active: trigger.active,
        kind: &trigger.kind,
        concurrency: &trigger.concurrency,
        is_archived: trigger.is_archived,
        flavor: &trigger.flavor,
        specific,
    };
    Entity::new(trigger.id, &body)
}

/// A trigger with its resources, and with its (empty) metadata when hydrated.
pub fn entity(trigger: &TriggerRow, resources: &Resources, hydrate: bool) -> Result<Entity> {
    let entity = shallow(trigger)?.resources(resources)?;
    if hydrate { entity.metadata(&Metadata {}) } else { Ok(entity) }
}
