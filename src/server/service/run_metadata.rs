//! Metadata that clients log on runs, steps, artifact versions and model versions.

use crate::server::{
    api::wire::{RawMap, run_metadata::RunMetadataRequest},
    db::{
        Connection,
        run_metadata::{self, RunMetadataRow},
        stack_components::StackComponentRow,
    },
    error::{AppError, Result},
    id::Id,
    service::{names, projects},
    time::Timestamp,
};

/// Longest JSON of a value given with an artifact version, in characters; longer ones are left out, as ZenML does.
const MAX_VALUE_LENGTH: usize = 65_535;

/// ZenML's `MetadataTypeEnum`.
const TYPES: [&str; 12] = ["str", "int", "float", "bool", "list", "dict", "tuple", "set", "Uri", "Path", "DType", "StorageSize"];

/// Stores the values on every resource that the request names; without a resource nothing is stored.
pub async fn create(connection: &mut Connection, user: Id, request: &RunMetadataRequest) -> Result<()> {
    check(request)?;
    projects::require(connection, request.project).await?;
    if let Some(component) = request.stack_component_id {
        connection.get::<StackComponentRow>(component).await?.ok_or_else(|| AppError::missing("stack component", component))?;
    }
    for resource in &request.resources {
        let kind = resource.kind.as_str();
        if run_metadata::project_of(connection, kind, resource.id).await? != Some(request.project) {
            return Err(AppError::missing(&kind.replace('_', " "), resource.id));
        }
    }
    if let Some(step) = request.publisher_step_id {
        run_metadata::project_of(connection, "step_run", step).await?.ok_or_else(|| AppError::missing("step run", step))?;
    }
    let now = Timestamp::now();
    for (position, (key, value)) in (0..).zip(request.values.iter()) {
        let kind = request.types.get(key).cloned().unwrap_or_default();
        for resource in &request.resources {
            let row = RunMetadataRow {
                id: Id::new(),
                created: now,
                user_id: Some(user),
                project_id: request.project,
                resource_type: resource.kind.as_str().to_owned(),
                resource_id: resource.id,
                stack_component_id: request.stack_component_id,
                publisher_step_id: request.publisher_step_id,
                position,
                key: key.to_owned(),
                value: value.get().to_owned(),
                kind: kind.clone(),
            };
            connection.insert(&row).await?;
        }
    }
    Ok(())
}

fn check(request: &RunMetadataRequest) -> Result<()> {
    let refuse = |message: String| Err(AppError::Malformed(format!("1 validation error:\n  {message}")));
    for (key, value) in request.values.iter() {
        check_value(key, value.get())?;
        if key.contains(':') {
            return refuse(format!("The metadata key `{key}` contains a colon (`:`); please choose another name."));
        }
        names::length(key, names::MAX_LENGTH, "key")?;
        match request.types.get(key) {
            None => return refuse(format!("`types` has no entry for the metadata key `{key}`.")),
            Some(kind) if !TYPES.contains(&kind.as_str()) => {
                return refuse(format!("`{kind}` is not a type of metadata. Types are `{}`.", TYPES.join("`, `")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Refuses null, which is no type of metadata.
pub fn check_value(key: &str, value: &str) -> Result<()> {
    match type_of(value) {
        Some(_) => Ok(()),
        None => Err(AppError::Malformed(format!("1 validation error:\n  the metadata `{key}` must have a value, not null."))),
    }
}

/// Stores values whose types are read from the values themselves; very long values are left out.
pub async fn store_untyped(
    connection: &mut Connection,
    user: Id,
    project: Id,
    (resource_type, resource): (&str, Id),
    values: RawMap,
) -> Result<()> {
    let now = Timestamp::now();
    for (position, (key, value)) in (0..).zip(values.iter()) {
        let Some(kind) = type_of(value.get()).filter(|_| value.get().chars().count() <= MAX_VALUE_LENGTH) else {
            tracing::warn!(key, %resource, "metadata left out: no supported type, or too long");
            continue;
        };
        let row = RunMetadataRow {
            id: Id::new(),
            created: now,
            user_id: Some(user),
            project_id: project,
            resource_type: resource_type.to_owned(),
            resource_id: resource,
            stack_component_id: None,
            publisher_step_id: None,
            position,
            key: key.to_owned(),
            value: value.get().to_owned(),
            kind: kind.to_owned(),
        };
        connection.insert(&row).await?;
    }
    Ok(())
}

/// The Python type that a JSON text stands for; none for null.
fn type_of(json: &str) -> Option<&'static str> {
    match json.trim_start().as_bytes().first()? {
        b'"' => Some("str"),
        b'{' => Some("dict"),
        b'[' => Some("list"),
        b't' | b'f' => Some("bool"),
        b'n' => None,
        _ if json.contains(['.', 'e', 'E']) => Some("float"),
        _ => Some("int"),
    }
}

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn types_are_those_of_python() {
        let cases = [("\"a\"", Some("str")), ("1", Some("int")), ("-1.5", Some("float")), ("1e9", Some("float")), ("true", Some("bool"))];
        for (json, kind) in cases.into_iter().chain([("[1]", Some("list")), ("{}", Some("dict")), ("null", None)]) {
            assert_eq!(type_of(json), kind, "{json}");
        }
    }
}
