//! Models: making, changing, deleting.

use crate::server::{
    api::wire::models::{ModelCard, ModelRequest, ModelUpdate},
    db::{
        Connection, curated_visualizations,
        models::{self, ModelRow},
        stored::Changes,
        tags as tag_rows,
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::{names, projects, tags},
    time::Timestamp,
};

/// The model with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<ModelRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("model", id))
}

/// The model with this name or id in a project.
pub async fn find(connection: &mut Connection, project: Id, name_or_id: &str) -> Result<ModelRow> {
    if let Ok(id) = name_or_id.parse::<Id>() {
        return get(connection, id).await;
    }
    models::find_by_name(connection, project, name_or_id)
        .await?
        .ok_or_else(|| AppError::NotFound(format!("No model named '{name_or_id}' was found in this project.")))
}

/// Makes a model; its name is unique in the project.
pub async fn create(connection: &mut Connection, user: Id, request: ModelRequest) -> Result<ModelRow> {
    projects::require(connection, request.project).await?;
    let model = new_row(Some(user), request.project, request.name, request.card, request.save_models_to_registry)?;
    connection
        .insert(&model)
        .await
        .on_conflict(|| AppError::Exists(format!("Unable to create model {}: A model with this name already exists.", model.name)))?;
    let names = request.tags.unwrap_or_default();
    tags::attach_all(connection, Some(user), "model", model.id, &names).await?;
    Ok(model)
}

/// The model with this name, made if there is none; safe against another request making it at the same time.
pub async fn get_or_create(
    connection: &mut Connection,
    user: Option<Id>,
    project: Id,
    name: String,
    card: ModelCard,
    save_models_to_registry: bool,
) -> Result<ModelRow> {
    if let Some(model) = models::find_by_name(connection, project, &name).await? {
        return Ok(model);
    }
    let model = new_row(user, project, name, card, save_models_to_registry)?;
    if connection.insert_if_absent(&model).await? {
        return Ok(model);
    }
    find(connection, project, &model.name).await
}

fn new_row(user: Option<Id>, project: Id, name: String, card: ModelCard, save_models_to_registry: bool) -> Result<ModelRow> {
    names::validate(&name, "model")?;
    check_card(&card)?;
    let now = Timestamp::now();
    Ok(ModelRow {
        id: Id::new(),
        created: now,
        updated: now,
        user_id: user,
        project_id: project,
        name,
        license: card.license,
        description: card.description,
        audience: card.audience,
        use_cases: card.use_cases,
        limitations: card.limitations,
        trade_offs: card.trade_offs,
        ethics: card.ethics,
        save_models_to_registry,
        version_count: 0,
        latest_version_created: now,
    })
}

fn check_card(card: &ModelCard) -> Result<()> {
    let fields = [
        ("license", &card.license),
        ("description", &card.description),
        ("audience", &card.audience),
        ("use_cases", &card.use_cases),
        ("limitations", &card.limitations),
        ("trade_offs", &card.trade_offs),
        ("ethics", &card.ethics),
    ];
    for (field, text) in fields {
        names::length(text.as_deref().unwrap_or_default(), names::MAX_TEXT_LENGTH, field)?;
    }
    Ok(())
}

/// Changes a model; what the update does not name stays.
pub async fn update(connection: &mut Connection, user: Id, id: Id, update: ModelUpdate) -> Result<ModelRow> {
    get(connection, id).await?;
    if let Some(name) = &update.name {
        names::validate(name, "model")?;
    }
    check_card(&update.card)?;
    let changes = Changes::new()
        .set_some("name", update.name.as_deref())
        .set_some("license", update.card.license)
        .set_some("description", update.card.description)
        .set_some("audience", update.card.audience)
        .set_some("use_cases", update.card.use_cases)
        .set_some("limitations", update.card.limitations)
        .set_some("trade_offs", update.card.trade_offs)
        .set_some("ethics", update.card.ethics)
        .set_some("save_models_to_registry", update.save_models_to_registry);
    let name = update.name.unwrap_or_default();
    connection
        .update::<ModelRow>(id, changes)
        .await
        .on_conflict(|| AppError::Exists(format!("Unable to rename the model to {name}: A model with this name already exists.")))?;
    tags::change(connection, user, "model", id, update.add_tags.as_deref(), update.remove_tags.as_deref()).await?;
    get(connection, id).await
}

/// Deletes a model with its versions and their links.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    tag_rows::detach_all(connection, "model", id).await?;
    models::detach_versions(connection, id).await?;
    connection.delete::<ModelRow>(id).await?;
    Ok(curated_visualizations::delete_orphans(connection).await?)
}
