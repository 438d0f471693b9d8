//! Metadata that runs, steps, artifact versions, model versions, schedules and wait conditions carry.

use std::collections::HashMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Connection, DbError, LONGEST_LIST, id_values, placeholders};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// One key of one resource; logging the key again adds a row.
    pub struct RunMetadataRow in "run_metadata" {
        id: Id,
        created: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        /// `pipeline_run`, `step_run`, `artifact_version`, `model_version`, `schedule` or `wait_condition`.
        resource_type: String,
        resource_id: Id,
        stack_component_id: Option<Id>,
        publisher_step_id: Option<Id>,
        /// Place of the key among those that were logged together.
        position: i64,
        key: String,
        /// JSON.
        value: String,
        /// ZenML's `MetadataTypeEnum`.
        kind: String = "type",
    }
}

/// The metadata of one resource as it is read: one JSON value for each key, in the order in which the keys came.
#[derive(Clone, Debug, Default)]
pub struct Metadata(Vec<(String, Box<RawValue>)>);

impl Metadata {
    /// Keys and JSON values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), &**value))
    }

    /// Takes over other metadata with a prefix to its keys; a key that is there already is replaced.
    pub fn add(&mut self, prefix: &str, other: &Self) {
        for (key, value) in &other.0 {
            let key = format!("{prefix}{key}");
            self.0.retain(|(name, _)| *name != key);
            self.0.push((key, value.clone()));
        }
    }

    /// Reads rows that are in the order of their creation. Where all values of a key are objects they are merged, the later
    /// winning; otherwise the last value counts (ZenML's `resolve_metadata_collection`).
    fn from_rows(rows: Vec<(String, String)>) -> Result<Self, serde_json::Error> {
        let mut keys: Vec<(String, Vec<String>)> = Vec::new();
        for (key, value) in rows {
            match keys.iter_mut().find(|(name, _)| *name == key) {
                Some((_, values)) => values.push(value),
                None => keys.push((key, vec![value])),
            }
        }
        keys.into_iter().map(|(key, values)| Ok((key, resolve(values)?))).collect::<Result<Vec<_>, _>>().map(Self)
    }
}

fn resolve(mut values: Vec<String>) -> Result<Box<RawValue>, serde_json::Error> {
    if values.len() > 1 && values.iter().all(|value| value.trim_start().starts_with('{')) {
        let mut merged = serde_json::Map::new();
        for value in &values {
            merged.extend(serde_json::from_str::<serde_json::Map<_, _>>(value)?);
        }
        return serde_json::value::to_raw_value(&merged);
    }
    RawValue::from_string(values.pop().unwrap_or_else(|| "null".to_owned()))
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The metadata of many resources of one type; a resource without any is missing from the answer.
pub async fn of(
    connection: &mut Connection,
    resource_type: &str,
    resources: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Metadata>, DbError> {
    let mut rows: HashMap<Id, Vec<(String, String)>> = HashMap::new();
    for chunk in id_values(resources).chunks(LONGEST_LIST) {
        let sql = format!(
            "select resource_id, key, value from run_metadata where resource_type = $1 and resource_id in ({}) order by created, position, id",
            placeholders(2, chunk.len())
        );
        let mut values = args![resource_type];
        values.extend(chunk.iter().cloned());
        for (resource, key, value) in connection.fetch_all::<(Id, String, String)>(&sql, values).await? {
            rows.entry(resource).or_default().push((key, value));
        }
    }
    let read = |(id, rows)| Metadata::from_rows(rows).map(|metadata| (id, metadata));
    rows.into_iter().map(read).collect::<Result<_, _>>().map_err(|error| DbError::Decode(Box::new(error)))
}

/// The project of a resource that can carry metadata; none where it does not exist.
pub async fn project_of(connection: &mut Connection, resource_type: &str, resource: Id) -> Result<Option<Id>, DbError> {
    let table = match resource_type {
        "pipeline_run" => "pipeline_runs",
        "step_run" => "step_runs",
        "artifact_version" => "artifact_versions",
        "model_version" => "model_versions",
        "schedule" => "schedules",
        "wait_condition" => "run_wait_conditions",
        _ => return Ok(None),
    };
    let found: Option<(Id,)> = connection.fetch_optional(&format!("select project_id from {table} where id = $1"), args![resource]).await?;
    Ok(found.map(|(project,)| project))
}

/// Links the metadata of one resource to another of the same type: a cached step carries what its original carries.
pub async fn copy(connection: &mut Connection, resource_type: &str, from: Id, to: Id) -> Result<(), DbError> {
    let rows: Vec<RunMetadataRow> =
        connection.find_all("resource_type = $1 and resource_id = $2 order by created, position, id", args![resource_type, from]).await?;
    for row in rows {
        connection.insert(&RunMetadataRow { id: Id::new(), resource_id: to, ..row }).await?;
    }
    Ok(())
}

/// Deletes the metadata of a resource that is being deleted.
pub async fn delete_of(connection: &mut Connection, resource_type: &str, resource: Id) -> Result<(), DbError> {
    connection.execute("delete from run_metadata where resource_type = $1 and resource_id = $2", args![resource_type, resource]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Metadata;

    fn read(rows: &[(&str, &str)]) -> String {
        let rows = rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        serde_json::to_string(&Metadata::from_rows(rows).expect("stored values are JSON")).expect("it is JSON")
    }

    #[test]
    fn objects_of_one_key_are_merged_and_the_later_wins() {
        assert_eq!(read(&[("m", r#"{"a": 1, "b": 2}"#), ("m", r#"{"b": 3}"#)]), r#"{"m":{"a":1,"b":3}}"#);
    }

    #[test]
    fn one_value_that_is_no_object_makes_the_last_value_count() {
        assert_eq!(read(&[("m", r#"{"a": 1}"#), ("x", "1"), ("m", "2")]), r#"{"m":2,"x":1}"#);
        assert_eq!(read(&[("m", "2"), ("m", r#"{"a": 1}"#)]), r#"{"m":{"a": 1}}"#);
    }

    #[test]
    fn a_single_value_passes_unparsed() {
        assert_eq!(read(&[("big", "123456789012345678901234567890")]), r#"{"big":123456789012345678901234567890}"#);
    }
}
