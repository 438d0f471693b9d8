//! Schedules on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Entity, Json};
use crate::server::{db::schedules::ScheduleRow, error::Result, id::Id, time::Timestamp};

/// `POST /schedules`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ScheduleRequest {
    pub project: Id,
    pub name: String,
    pub active: bool,
    pub cron_expression: Option<String>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub interval_second: Option<Duration>,
    #[serde(default)]
    pub catchup: bool,
    pub run_once_start_time: Option<Timestamp>,
    pub orchestrator_id: Option<Id>,
    pub pipeline_id: Option<Id>,
}

/// `PUT /schedules/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ScheduleUpdate {
    pub name: Option<String>,
    pub cron_expression: Option<String>,
    pub active: Option<bool>,
}

/// A span of time in microseconds, as pydantic reads and writes one: ISO 8601 (`PT1M30S`), or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration(i64);

impl Duration {
    /// From a number of seconds.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e6).round() as i64)
    }

    /// Its length in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let length = self.0.unsigned_abs();
        let (seconds, microsecond) = (length / 1_000_000, (length % 1_000_000) as u32);
        let day = u32::try_from(seconds / 86_400).map_err(|_| serde::ser::Error::custom("the duration is too long"))?;
        let second = (seconds % 86_400) as u32;
        // An empty duration has no date part to stand for it, so that the seconds are written.
        if length == 0 {
            return serializer.serialize_str("PT0S");
        }
        serializer.collect_str(&speedate::Duration { positive: self.0 > 0, day, second, microsecond })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize, JsonSchema)]
        #[serde(untagged)]
        enum Form {
            Seconds(f64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Seconds(seconds) => Ok(Self::from_seconds(seconds)),
            Form::Text(text) => {
                let read = speedate::Duration::parse_str(&text).map_err(|error| D::Error::custom(format!("`{text}`: {error}")))?;
                let length = (i64::from(read.day) * 86_400 + i64::from(read.second)) * 1_000_000 + i64::from(read.microsecond);
                Ok(Self(if read.positive { length } else { -length }))
            }
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    created: Timestamp,
    updated: Timestamp,
    user_id: Option<Id>,
    project_id: Id,
    active: bool,
    cron_expression: Option<&'a str>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    interval_second: Option<Duration>,
    catchup: bool,
    run_once_start_time: Option<Timestamp>,
    is_archived: bool,
}

#[derive(Serialize)]
struct Metadata {
    orchestrator_id: Option<Id>,
    pipeline_id: Option<Id>,
    run_metadata: Json,
}

#[derive(Serialize)]
struct Resources {
    user: Option<Entity>,
}

/// A schedule's body.
pub fn shallow(schedule: &ScheduleRow) -> Result<Entity> {
    let body = Body {
        created: schedule.created,
        updated: schedule.updated,
        user_id: schedule.user_id,
        project_id: schedule.project_id,
        active: schedule.active,
        cron_expression: schedule.cron_expression.as_deref(),
        start_time: schedule.start_time,
        end_time: schedule.end_time,
        interval_second: schedule.interval_second.map(Duration::from_seconds),
        catchup: schedule.catchup,
        run_once_start_time: schedule.run_once_start_time,
        is_archived: schedule.is_archived,
    };
    Ok(Entity::new(schedule.id, &body)?.named(schedule.name.as_str()))
}

/// A schedule with its owner, and with its metadata when they are given.
pub fn entity(schedule: &ScheduleRow, user: Option<Entity>, run_metadata: Option<Json>) -> Result<Entity> {
    let entity = shallow(schedule)?.resources(&Resources { user })?;
    match run_metadata {
        None => Ok(entity),
        Some(run_metadata) => {
            entity.metadata(&Metadata { orchestrator_id: schedule.orchestrator_id, pipeline_id: schedule.pipeline_id, run_metadata })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn durations_are_read_and_written_as_pydantic_does() {
        for (read, written) in [
            ("90", r#""PT1M30S""#),
            ("1.5", r#""PT1.5S""#),
            ("0", r#""PT0S""#),
            ("-5", r#""-PT5S""#),
            (r#""PT1M30S""#, r#""PT1M30S""#),
            (r#""P1D""#, r#""P1D""#),
            (r#""00:01:30""#, r#""PT1M30S""#),
            (r#""P1W""#, r#""P7D""#),
        ] {
            let duration: Duration = serde_json::from_str(read).expect("readable");
            assert_eq!(serde_json::to_string(&duration).expect("JSON"), written, "{read}");
        }
        assert!(serde_json::from_str::<Duration>(r#""soon""#).is_err());
    }
}
