//! Model versions: numbering, naming, stages, and the version that a run works with.

use crate::server::{
    api::wire::model_versions::{ModelConfiguration, ModelVersionReference, ModelVersionRequest, ModelVersionUpdate},
    db::{
        Connection,
        model_version_artifacts::{self, ModelVersionArtifactRow},
        model_version_pipeline_runs::{self, ModelVersionPipelineRunRow},
        model_versions::{self, ModelVersionRow},
        models::{self as model_rows, ModelRow},
        run_metadata,
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{artifact_versions, models, names, projects, tags},
    time::Timestamp,
};

/// The stages a version can be in; no version can have one of these as its name (ZenML's `ModelStages`).
pub const STAGES: [&str; 5] = ["none", "staging", "production", "archived", "latest"];

/// Not a stage of a version, but the word for the version with the highest number.
const LATEST: &str = "latest";

/// The model version with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ModelVersionRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("model version", id))
}

/// The version of a model by number, by stage (`latest` is the highest number), or by name.
pub async fn find(connection: &mut Connection, model: &ModelRow, reference: &str) -> Result<ModelVersionRow> {
    let found = if is_numeric(reference) {
        // A number too large for a version is the number of none.
        match reference.parse() {
            Ok(number) => model_versions::find_by_number(connection, model.id, number).await?,
            Err(_) => None,
        }
    } else if reference == LATEST {
        model_versions::find_latest(connection, model.id).await?
    } else if STAGES.contains(&reference) {
        model_versions::find_by_stage(connection, model.id, reference).await?
    } else {
        model_versions::find_by_name(connection, model.id, reference).await?
    };
    found.ok_or_else(|| AppError::NotFound(format!("No version `{reference}` was found for the model `{}`.", model.name)))
}

/// Makes a version; without a name it is named by its number.
pub async fn create(connection: &mut Connection, user: Id, request: ModelVersionRequest) -> Result<ModelVersionRow> {
    projects::require(connection, request.project).await?;
    let model = models::get(connection, request.model).await?;
    if model.project_id != request.project {
        return Err(AppError::missing("model", request.model));
    }
    if let Some(stage) = &request.stage {
        check_stage(stage)?;
    }
    let version = insert(connection, Some(user), &model, request.name, request.description, None).await?;
    if let Some(stage) = request.stage {
        take_stage(connection, &version, &stage, false).await?;
        connection.update::<ModelVersionRow>(version.id, Changes::new().set("stage", stage)).await?;
    }
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "model_version", version.id, &names).await?;
    get(connection, version.id).await
}

/// The model version that a run works with, by the `model` of its (or its step's) configuration, linked to the run.
///
/// Model and version are made where they are new. A version that the configuration names by number or stage must exist; one
/// without a name is made once for each run, whichever of its steps asks first. `substitute` fills the placeholders of names.
pub async fn get_or_create_for_run(
    connection: &mut Connection,
    user: Option<Id>,
    project: Id,
    configuration: ModelConfiguration,
    run: Id,
    substitute: impl Fn(&str) -> Result<String>,
) -> Result<ModelVersionRow> {
    let name = substitute(&configuration.name)?;
    let description = configuration.card.description.clone();
    let model = models::get_or_create(connection, user, project, name, configuration.card, configuration.save_models_to_registry).await?;
    let reference = match configuration.version {
        Some(ModelVersionReference::Number(number)) => Some(number.to_string()),
        Some(ModelVersionReference::Text(text)) => Some(substitute(&text)?),
        None => None,
    };
    let version = match &reference {
        Some(reference) if is_numeric(reference) || STAGES.contains(&reference.as_str()) => find(connection, &model, reference).await?,
        _ => {
            // Whoever else makes a version of this model waits here, so the look-up below stays true.
            connection.get_locked::<ModelRow>(model.id).await?;
            let existing = match &reference {
                Some(name) => model_versions::find_by_name(connection, model.id, name).await?,
                None => model_versions::find_by_producer(connection, model.id, run).await?,
            };
            match existing {
                Some(version) => version,
                None => {
                    let version = insert(connection, user, &model, reference, description, Some(run)).await?;
                    let names = configuration.tags.unwrap_or_default();
                    tags::attach_all(connection, user, "model_version", version.id, &names).await?;
                    version
                }
            }
        }
    };
    link_run(connection, version.id, run).await?;
    Ok(version)
}

/// Stores a version under the model's next number. `producer` counts only for a version without a name.
async fn insert(
    connection: &mut Connection,
    user: Option<Id>,
    model: &ModelRow,
    name: Option<String>,
    description: Option<String>,
    producer: Option<Id>,
) -> Result<ModelVersionRow> {
    if let Some(name) = &name {
        check_name(name)?;
    }
    let now = Timestamp::now();
    let number = model_rows::next_number(connection, model.id, now).await?;
    let version = ModelVersionRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: user,
        project_id: model.project_id,
        model_id: model.id,
        producer_run_id: producer.filter(|_| name.is_none()),
        name: name.unwrap_or_else(|| number.to_string()),
        number,
        stage: None,
        description,
    };
    connection.insert(&version).await.on_conflict(|| taken(model, &version.name))?;
    Ok(version)
}

fn taken(model: &ModelRow, name: &str) -> AppError {
    AppError::Exists(format!(
        "Unable to create model version {} (version {name}): A model with the same name and version already exists.",
        model.name
    ))
}

/// Changes a version. A stage that another version has is refused unless `force` is set, which archives the other.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: ModelVersionUpdate) -> Result<ModelVersionRow> {
    let version = get(connection, id).await?;
    if let Some(name) = update.name.as_deref().filter(|name| *name != version.name) {
        check_name(name)?;
    }
    if let Some(stage) = &update.stage {
        check_stage(stage)?;
        take_stage(connection, &version, stage, update.force).await?;
    }
    let changes =
        Changes::new().set_some("name", update.name.as_deref()).set_some("description", update.description).set_some("stage", update.stage);
    let model = models::get(connection, version.model_id).await?;
    let name = update.name.unwrap_or_default();
    connection.update::<ModelVersionRow>(id, changes).await.on_conflict(|| taken(&model, &name))?;
    tags::change(connection, user, "model_version", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Makes sure that no other version of the model has the stage. Any number of versions may be archived or in no stage.
async fn take_stage(connection: &mut Connection, version: &ModelVersionRow, stage: &str, force: bool) -> Result<()> {
    if matches!(stage, "none" | "archived") {
        return Ok(());
    }
    connection.get_locked::<ModelRow>(version.model_id).await?;
    let Some(holder) = model_versions::find_by_stage(connection, version.model_id, stage).await?.filter(|other| other.id != version.id)
    else {
        return Ok(());
    };
    if !force {
        // Not 409: the client makes its RuntimeError, which callers of `set_stage` expect, of a status it does not know.
        return Err(AppError::Plain(
            axum::http::StatusCode::PRECONDITION_FAILED,
            format!("Model version {} is in {stage}, but `force` flag is False. Set `force` to archive that version.", holder.name),
        ));
    }
    connection.update::<ModelVersionRow>(holder.id, Changes::new().set("stage", "archived")).await?;
    Ok(())
}

/// Deletes a version with its links.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    let version = get(connection, id).await?;
    tag_rows::detach_all(connection, "model_version", id).await?;
    run_metadata::delete_of(connection, "model_version", id).await?;
    connection.delete::<ModelVersionRow>(id).await?;
    model_rows::refresh_latest_version(connection, version.model_id).await?;
    Ok(())
}

/// Links a run to a version; a link that exists stays and is given.
pub async fn link_run(connection: &mut Connection, model_version: Id, run: Id) -> Result<ModelVersionPipelineRunRow> {
    let now = Timestamp::now();
    let link =
        ModelVersionPipelineRunRow { id: Id::new(), created: now, updated: now, model_version_id: model_version, pipeline_run_id: run };
    if connection.insert_if_absent(&link).await? {
        return Ok(link);
    }
    model_version_pipeline_runs::find(connection, model_version, run).await?.ok_or_else(|| AppError::missing("link", link.id))
}

/// Links an artifact version to a version; a link that exists stays and is given.
pub async fn link_artifact(connection: &mut Connection, model_version: Id, artifact_version: Id) -> Result<ModelVersionArtifactRow> {
    let now = Timestamp::now();
    let link = ModelVersionArtifactRow {
        id: Id::new(),
        created: now,
        updated: now,
        model_version_id: model_version,
        artifact_version_id: artifact_version,
    };
    if connection.insert_if_absent(&link).await? {
        return Ok(link);
    }
    model_version_artifacts::find(connection, model_version, artifact_version).await?.ok_or_else(|| AppError::missing("link", link.id))
}

/// Deletes one link to an artifact version, by the link's id or the artifact's name.
pub async fn unlink_artifact(connection: &mut Connection, model_version: Id, name_or_id: &str) -> Result<()> {
    get(connection, model_version).await?;
    let found = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<ModelVersionArtifactRow>(id).await?.filter(|link| link.model_version_id == model_version),
        Err(_) => model_version_artifacts::find_by_artifact_name(connection, model_version, name_or_id).await?,
    };
    let link = found.ok_or_else(|| no_link(name_or_id))?;
    connection.delete::<ModelVersionArtifactRow>(link.id).await?;
    Ok(())
}

/// Deletes all links to artifact versions, and those versions too unless `only_links`; versions that runs use are kept then,
/// and the request is refused.
pub async fn unlink_artifacts(connection: &mut Connection, model_version: Id, only_links: bool) -> Result<()> {
    get(connection, model_version).await?;
    if !only_links {
        for link in model_version_artifacts::of_model_version(connection, model_version).await? {
            let version = artifact_versions::get(connection, link.artifact_version_id).await?;
            artifact_versions::require_unused(connection, version.id).await?;
            artifact_versions::delete(connection, &version).await?;
        }
    }
    model_version_artifacts::delete_of_model_version(connection, model_version).await?;
    Ok(())
}

/// Deletes one link to a run, by the link's id or the run's name.
pub async fn unlink_run(connection: &mut Connection, model_version: Id, name_or_id: &str) -> Result<()> {
    get(connection, model_version).await?;
    let found = match name_or_id.parse::<Id>() {
        Ok(id) => connection.get::<ModelVersionPipelineRunRow>(id).await?.filter(|link| link.model_version_id == model_version),
        Err(_) => model_version_pipeline_runs::find_by_run_name(connection, model_version, name_or_id).await?,
    };
    let link = found.ok_or_else(|| no_link(name_or_id))?;
    connection.delete::<ModelVersionPipelineRunRow>(link.id).await?;
    Ok(())
}

fn no_link(name_or_id: &str) -> AppError {
    AppError::NotFound(format!("The model version has no link with the name or ID `{name_or_id}`."))
}

fn check_name(name: &str) -> Result<()> {
    names::validate(name, "model version")?;
    if is_numeric(name) {
        return Err(AppError::Invalid(format!("A model version cannot be named `{name}`: numbers are given by the server.")));
    }
    if STAGES.contains(&name.to_lowercase().as_str()) {
        return Err(AppError::Invalid(format!("A model version cannot be named `{name}`: that is a stage ({}).", STAGES.join(", "))));
    }
    Ok(())
}

fn check_stage(stage: &str) -> Result<()> {
    if STAGES.contains(&stage) {
        return Ok(());
    }
    Err(AppError::Malformed(format!("1 validation error:\n  `{stage}` is not a valid model stage. Stages are {}.", STAGES.join(", "))))
}

fn is_numeric(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_a_number_or_a_stage_are_refused() {
        for bad in ["7", "production", "Latest", ""] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        for good in ["v7", "7a", "champion"] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
    }
}
