//! Run metadata on the wire.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::Json;
use crate::server::id::Id;

/// `POST /run-metadata`.
#[derive(Debug, Deserialize)]
pub struct RunMetadataRequest {
    pub project: Id,
    pub resources: Vec<RunMetadataResource>,
    pub stack_component_id: Option<Id>,
    pub values: JsonMap,
    pub types: HashMap<String, String>,
    pub publisher_step_id: Option<Id>,
}

/// What metadata is logged on.
#[derive(Debug, Deserialize)]
pub struct RunMetadataResource {
    pub id: Id,
    #[serde(rename = "type")]
    pub kind: MetadataResourceType,
}

/// ZenML's `MetadataResourceTypes`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataResourceType {
    PipelineRun,
    StepRun,
    ArtifactVersion,
    ModelVersion,
    Schedule,
    WaitCondition,
}

impl MetadataResourceType {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PipelineRun => "pipeline_run",
            Self::StepRun => "step_run",
            Self::ArtifactVersion => "artifact_version",
            Self::ModelVersion => "model_version",
            Self::Schedule => "schedule",
            Self::WaitCondition => "wait_condition",
        }
    }
}

/// A JSON object whose values are kept as text, in their order; a repeated key counts once, with its last value.
#[derive(Debug, Default)]
pub struct JsonMap(Vec<(String, Json)>);

impl JsonMap {
    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), &**value))
    }
}

impl<'de> Deserialize<'de> for JsonMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = JsonMap;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonMap, A::Error> {
                let mut entries: Vec<(String, Json)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Json>()? {
                    match entries.iter_mut().find(|(name, _)| *name == key) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((key, value)),
                    }
                }
                Ok(JsonMap(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
