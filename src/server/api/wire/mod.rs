//! The shapes that go over the wire: what every object and every page of objects looks like.
//!
//! Each resource's `body`, `metadata` and `resources` are structs in its own file here; documents pass through unparsed.

pub mod api_keys;
pub mod artifact_versions;
pub mod artifacts;
pub mod code_references;
pub mod code_repositories;
pub mod curated_visualizations;
pub mod dag;
pub mod deployments;
pub mod devices;
pub mod flavors;
pub mod hook_invocations;
pub mod login;
pub mod logs;
pub mod model_version_artifacts;
pub mod model_version_pipeline_runs;
pub mod model_versions;
pub mod models;
pub mod pipeline_builds;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod presets;
pub mod projects;
pub mod run_metadata;
pub mod run_statistics;
pub mod run_templates;
pub mod run_wait_conditions;
pub mod schedules;
pub mod secrets;
pub mod server;
pub mod service_accounts;
pub mod service_connectors;
pub mod services;
pub mod sources;
pub mod stack_components;
pub mod stacks;
pub mod step_runs;
pub mod tag_resources;
pub mod tags;
pub mod triggers;
pub mod users;
pub mod webhooks;
pub mod words;

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::server::{db::list::Page, error::Result, id::Id};

/// JSON text that is embedded as it is.
pub type Json = Box<RawValue>;

/// Any value as JSON text.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Json> {
    Ok(serde_json::value::to_raw_value(value)?)
}

/// An object of the protocol: `{id, name?, permission_denied, body, metadata, resources}`.
#[derive(Clone, Debug, Serialize)]
pub struct Entity {
    pub body: Json,
    pub metadata: Option<Json>,
    pub resources: Option<Json>,
    pub id: Id,
    pub permission_denied: bool,
    #[serde(skip_serializing_if = "Name::is_absent")]
    pub name: Name,
}

/// Some objects have no name field at all, some have one that may be null.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Name {
    Absent,
    Null(()),
    Text(String),
}

impl Name {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Entity {
    /// An object with its body only: the form in which objects appear inside others.
    pub fn new<B: Serialize>(id: Id, body: &B) -> Result<Self> {
        Ok(Self { id, name: Name::Absent, permission_denied: false, body: json(body)?, metadata: None, resources: None })
    }

    /// With a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Name::Text(name.into());
        self
    }

    /// With a name that may be null.
    #[must_use]
    pub fn maybe_named(mut self, name: Option<&str>) -> Self {
        self.name = name.map_or(Name::Null(()), |name| Name::Text(name.to_owned()));
        self
    }

    /// With metadata ("hydrated").
    pub fn metadata<M: Serialize>(mut self, metadata: &M) -> Result<Self> {
        self.metadata = Some(json(metadata)?);
        Ok(self)
    }

    /// With linked resources.
    pub fn resources<R: Serialize>(mut self, resources: &R) -> Result<Self> {
        self.resources = Some(json(resources)?);
        Ok(self)
    }
}

/// The objects of rows that many others refer to, each made once.
pub fn made_once<T>(rows: HashMap<Id, T>, make: fn(&T) -> Result<Entity>) -> Result<HashMap<Id, Entity>> {
    rows.iter().map(|(id, row)| Ok((*id, make(row)?))).collect()
}

/// A page of objects.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PageResponse<T> {
    pub index: u64,
    pub max_size: u64,
    pub total_pages: u64,
    pub total: u64,
    pub items: Vec<T>,
}

impl<T> From<Page<T>> for PageResponse<T> {
    fn from(page: Page<T>) -> Self {
        Self { index: page.index, max_size: page.max_size, total_pages: page.total_pages, total: page.total, items: page.items }
    }
}

/// Stored JSON text that is passed through; `{}` where nothing is stored.
pub fn object_or_empty(text: Option<&str>) -> Result<Json> {
    stored_json(text.unwrap_or("{}"))
}

/// Stored JSON text that is passed through.
pub fn stored_json(text: &str) -> Result<Json> {
    Ok(serde_json::value::RawValue::from_string(text.to_owned())?)
}

/// For fields of updates where a missing key and `null` differ: `None` is missing, `Some(None)` is null.
/// Use with `#[serde(default, deserialize_with = "present")]`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The schema of an object that [`ordered_map`] reads; use with `#[schemars(with = "MapOf<…>")]`.
pub type MapOf<T> = std::collections::BTreeMap<String, T>;

/// Reads a JSON object as pairs in the order of the text; use with `#[serde(deserialize_with = "…")]`.
pub fn ordered_map<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<(String, T)>, D::Error> {
    struct Pairs<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Pairs<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_map(Pairs(std::marker::PhantomData))
}

/// Like [`ordered_map`], for an object that may be null; add `default` for one that may be missing.
pub fn optional_ordered_map<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Vec<(String, T)>>, D::Error> {
    struct Pairs<T>(Vec<(String, T)>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
            ordered_map(deserializer).map(Self)
        }
    }
    Ok(Option::<Pairs<T>>::deserialize(deserializer)?.map(|pairs| pairs.0))
}

/// A JSON object of embedded texts, in this order. Reading one keeps a repeated key once, with its last value.
#[derive(Clone, Debug, Default)]
pub struct RawMap(pub Vec<(String, Json)>);

impl RawMap {
    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), &**value))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&RawValue> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Replaces the value of a key, or adds the key at the end.
    pub fn set(&mut self, key: &str, value: Json) {
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }
}

impl Serialize for RawMap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for RawMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawMap;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<RawMap, A::Error> {
                let mut entries = RawMap::default();
                while let Some((key, value)) = map.next_entry::<String, Json>()? {
                    entries.set(&key, value);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
