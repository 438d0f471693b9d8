//! Inputs that a replay replaces: values become artifact versions, as ZenML's server makes them.
//!
//! Writes below the root of the snapshot's local artifact store.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::{
    run_configuration::{problem::Problem, replay::Replay},
    server::{
        api::wire::{
            artifact_versions::{ArtifactSaveType, ArtifactType, ArtifactVersionRequest, ArtifactVisualizationRequest},
            json as raw,
            sources::Source,
        },
        db::{
            Connection,
            artifact_versions::ArtifactVersionRow,
            pipeline_snapshots::PipelineSnapshotRow,
            stack_components::{self, StackComponentRow},
        },
        error::{AppError, Result},
        id::Id,
        service::{artifact_files::LocalStore, artifact_versions},
        state::AppState,
    },
};

/// Folder of the store for values that no step made, and the file in which ZenML's materializers keep built-in types.
const FOLDER: &str = "external_artifacts";
const FILE: &str = "data.json";

/// Replaces each value by the id of an artifact version that holds it; an id of an artifact version stays. Values arrive as
/// JSON, so they are of Python's built-in types.
///
/// # Errors
/// 400 for an id that no artifact version has; 501 where the store is not a local one, which this server cannot write.
pub async fn resolve(
    connection: &mut Connection,
    state: &AppState,
    user: Id,
    snapshot: &PipelineSnapshotRow,
    replay: &mut Replay,
) -> Result<()> {
    let mut store = None;
    for (path, value) in replay.overrides_mut() {
        let id = match value.as_str().and_then(|text| text.parse::<Id>().ok()) {
            Some(id) => {
                let version: Option<ArtifactVersionRow> = connection.get(id).await?;
                if version.is_none_or(|version| version.project_id != snapshot.project_id) {
                    let problem = Problem::error(path, format!("There is no artifact version with the id {id}."));
                    return Err(AppError::InvalidConfiguration(vec![problem]));
                }
                id
            }
            None => {
                if store.is_none() {
                    store = Some(artifact_store(connection, state, snapshot).await?);
                }
                let Some((component, store)) = &store else { continue };
                upload(connection, user, snapshot.project_id, (component.id, store), value).await?
            }
        };
        *value = Value::String(id.to_string());
    }
    Ok(())
}

async fn artifact_store(
    connection: &mut Connection,
    state: &AppState,
    snapshot: &PipelineSnapshotRow,
) -> Result<(StackComponentRow, LocalStore)> {
    let components = match snapshot.stack_id {
        Some(stack) => stack_components::of_stack(connection, stack).await?,
        None => Vec::new(),
    };
    let component = components.into_iter().find(|component| component.component_type == "artifact_store");
    let component = component.ok_or_else(|| AppError::Invalid("The stack of the run has no artifact store.".to_owned()))?;
    let store = LocalStore::open(connection, &state.config, Some(component.id)).await.map_err(|error| match error {
        AppError::NotImplemented(_) => AppError::NotImplemented(format!(
            "This server cannot write to the artifact store `{}` of the flavor `{}`. Store the value with the client and give the id of \
             its artifact version instead.",
            component.name, component.flavor
        )),
        error => error,
    })?;
    Ok((component, store))
}

async fn upload(connection: &mut Connection, user: Id, project: Id, store: (Id, &LocalStore), value: &Value) -> Result<Id> {
    let name = format!("external_{}", Id::new());
    let text = value.to_string();
    let folder = store.1.root().join(FOLDER).join(&name);
    write(&folder, &text).await?;
    let uri = store.1.written_root().join(FOLDER).join(&name);
    let (python_type, materializer) = python_type(value);
    let materializer = json!({
        "module": "zenml.materializers.built_in_materializer", "attribute": materializer, "type": "internal"
    });
    let metadata = json!({ "storage_size": text.len(), "string_representation": text });
    let request = ArtifactVersionRequest {
        project,
        artifact_id: None,
        artifact_name: Some(name),
        version: None,
        has_custom_name: false,
        kind: ArtifactType::DataArtifact,
        artifact_store_id: Some(store.0),
        uri: display(&uri),
        materializer: Source(raw(&materializer)?),
        data_type: Source(raw(&json!({ "module": "builtins", "attribute": python_type, "type": "builtin" }))?),
        content_hash: None,
        tags: None,
        visualizations: Some(vec![ArtifactVisualizationRequest { kind: "json".to_owned(), uri: display(&uri.join(FILE)) }]),
        save_type: ArtifactSaveType::External,
        metadata: Some(serde_json::from_value(metadata)?),
        item_count: item_count(value),
    };
    Ok(artifact_versions::create(connection, user, request).await?.id)
}

async fn write(folder: &PathBuf, text: &str) -> Result<()> {
    let written = async {
        tokio::fs::create_dir_all(folder).await?;
        tokio::fs::write(folder.join(FILE), text).await
    };
    written.await.map_err(|error| AppError::Internal(anyhow::Error::new(error).context(format!("writing {}", folder.display()))))
}

fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The Python type of a JSON value, and the materializer that reads it.
fn python_type(value: &Value) -> (&'static str, &'static str) {
    const BASIC: &str = "BuiltInMaterializer";
    const CONTAINER: &str = "BuiltInContainerMaterializer";
    match value {
        Value::Null => ("NoneType", BASIC),
        Value::Bool(_) => ("bool", BASIC),
        Value::Number(number) if number.is_f64() => ("float", BASIC),
        Value::Number(_) => ("int", BASIC),
        Value::String(_) => ("str", BASIC),
        Value::Array(_) => ("list", CONTAINER),
        Value::Object(_) => ("dict", CONTAINER),
    }
}

fn item_count(value: &Value) -> Option<i64> {
    value.as_array().map(Vec::len).or_else(|| value.as_object().map(Map::len)).map(|count| count as i64)
}
