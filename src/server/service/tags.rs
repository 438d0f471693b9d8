//! Tags: made when first used, attached, taken off.

use rand::seq::IndexedRandom as _;

use crate::server::{
    api::wire::tags::{TagReference, TagRequest, TagUpdate},
    db::{
        Connection,
        stored::Changes,
        tags::{self, TagResourceRow, TagRow},
    },
    error::{AppError, OnConflict as _, Result},
    id::Id,
    service::names,
    time::Timestamp,
};

/// The colors a tag can have (ZenML's `ColorVariants`).
pub const COLORS: [&str; 11] = ["grey", "purple", "red", "green", "yellow", "orange", "lime", "teal", "turquoise", "magenta", "blue"];

/// The types of resources that an exclusive tag can be on.
const EXCLUSIVE_TYPES: [&str; 5] = ["pipeline_run", "artifact_version", "run_template", "pipeline_snapshot", "deployment"];

/// A color for a tag whose maker named none.
pub fn random_color() -> &'static str {
    COLORS.choose(&mut rand::rng()).copied().unwrap_or("grey")
}

/// The tag with this id.
pub async fn get(connection: &mut Connection, id: Id) -> Result<TagRow> {
    connection.get(id).await?.ok_or_else(|| AppError::missing("tag", id))
}

/// Makes a tag; its name is unique on the server, and is no id, because an id names a tag by itself.
pub async fn create(connection: &mut Connection, user: Id, request: TagRequest) -> Result<TagRow> {
    check(Some(&request.name), request.color.as_deref())?;
    let now = Timestamp::now();
    let color = request.color.unwrap_or_else(|| random_color().to_owned());
    let tag =
        TagRow { id: Id::new(), created: now, updated: now, user_id: Some(user), name: request.name, color, exclusive: request.exclusive };
    connection.insert(&tag).await.on_conflict(|| AppError::Exists(format!("Tag with name `{}` already exists.", tag.name)))?;
    Ok(tag)
}

fn check(name: Option<&str>, color: Option<&str>) -> Result<()> {
    if let Some(name) = name {
        if name.parse::<Id>().is_ok() {
            return Err(AppError::Malformed("1 validation error:\n  Tag names cannot be UUIDs.".to_owned()));
        }
        names::validate(name, "tag")?;
    }
    match color {
        Some(color) if !COLORS.contains(&color) => {
            Err(AppError::Malformed(format!("1 validation error:\n  `{color}` is not a color of tags. Colors are {}.", COLORS.join(", "))))
        }
        _ => Ok(()),
    }
}

/// Changes a tag. It can become exclusive only where it is on one resource of each scope at most.
pub async fn update(connection: &mut Connection, id: Id, update: TagUpdate) -> Result<TagRow> {
    let tag = get(connection, id).await?;
    check(update.name.as_deref(), update.color.as_deref())?;
    if update.exclusive == Some(true) && !tag.exclusive {
        require_exclusive_use(connection, &tag).await?;
    }
    let changes =
        Changes::new().set_some("name", update.name.as_deref()).set_some("color", update.color).set_some("exclusive", update.exclusive);
    let name = update.name.unwrap_or_default();
    let taken = || AppError::Exists(format!("Tag with name `{name}` already exists."));
    connection.update::<TagRow>(id, changes).await.on_conflict(taken)?;
    get(connection, id).await
}

async fn require_exclusive_use(connection: &mut Connection, tag: &TagRow) -> Result<()> {
    let mut problems = Vec::new();
    for resource_type in tags::resource_types(connection, tag.id).await? {
        if !EXCLUSIVE_TYPES.contains(&resource_type.as_str()) {
            problems.push(format!("It is on objects of the type {resource_type}, which cannot have exclusive tags."));
        } else if tags::has_siblings(connection, tag.id, &resource_type).await? {
            problems.push(format!("It is on several objects of the type {resource_type} that belong together."));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let name = &tag.name;
    Err(AppError::Invalid(format!("The tag `{name}` cannot be made exclusive. {} Take it off those first.", problems.join(" "))))
}

/// Deletes a tag, which takes it off everything.
pub async fn delete(connection: &mut Connection, id: Id) -> Result<()> {
    get(connection, id).await?;
    connection.delete::<TagRow>(id).await?;
    Ok(())
}

/// Attaches a tag to a resource; both must exist.
pub async fn link(connection: &mut Connection, tag: Id, resource_type: &str, resource: Id) -> Result<TagResourceRow> {
    let tag = get(connection, tag).await?;
    if !tags::resource_exists(connection, resource_type, resource).await? {
        return Err(AppError::missing(&resource_type.replace('_', " "), resource));
    }
    attach(connection, &tag, resource_type, resource).await
}

/// Takes a tag off a resource; a tag that is not on it is fine.
pub async fn unlink(connection: &mut Connection, tag: Id, resource_type: &str, resource: Id) -> Result<()> {
    tags::detach(connection, tag, resource_type, resource).await?;
    Ok(())
}

/// The tag with this name, or with this id where the text is one.
pub async fn find(connection: &mut Connection, name_or_id: &str) -> Result<Option<TagRow>> {
    match name_or_id.parse::<Id>() {
        Ok(id) => Ok(connection.get(id).await?),
        Err(_) => Ok(tags::find_by_name(connection, name_or_id).await?),
    }
}

/// Attaches tags by name or id; names that are new become tags.
pub async fn attach_all(connection: &mut Connection, user: Option<Id>, resource_type: &str, resource: Id, names: &[String]) -> Result<()> {
    for name in names {
        let reference = TagReference::Name(name.clone());
        attach_reference(connection, user, resource_type, resource, &reference).await?;
    }
    Ok(())
}

/// Attaches one tag as a configuration names it.
pub async fn attach_reference(
    connection: &mut Connection,
    user: Option<Id>,
    resource_type: &str,
    resource: Id,
    reference: &TagReference,
) -> Result<()> {
    let (name, color, exclusive) = match reference {
        TagReference::Name(name) => (name, None, None),
        TagReference::Tag { name, color, exclusive, .. } => (name, color.as_deref(), *exclusive),
    };
    let tag = match find(connection, name).await? {
        Some(tag) => tag,
        None if name.parse::<Id>().is_ok() => return Err(AppError::missing("tag", name)),
        None => get_or_create(connection, user, name, color, exclusive.unwrap_or(false)).await?,
    };
    attach(connection, &tag, resource_type, resource).await?;
    Ok(())
}

/// The tag with this name, made if there is none; safe against another request making it at the same time.
async fn get_or_create(connection: &mut Connection, user: Option<Id>, name: &str, color: Option<&str>, exclusive: bool) -> Result<TagRow> {
    names::validate(name, "tag")?;
    let now = Timestamp::now();
    let color = color.unwrap_or_else(|| random_color()).to_owned();
    let tag = TagRow { id: Id::new(), created: now, updated: now, user_id: user, name: name.to_owned(), color, exclusive };
    if connection.insert_if_absent(&tag).await? {
        return Ok(tag);
    }
    tags::find_by_name(connection, name).await?.ok_or_else(|| AppError::missing("tag", name))
}

/// Attaches a tag to a resource; says the link. A tag that is there already stays, with its link.
pub async fn attach(connection: &mut Connection, tag: &TagRow, resource_type: &str, resource: Id) -> Result<TagResourceRow> {
    if tag.exclusive {
        if !EXCLUSIVE_TYPES.contains(&resource_type) {
            return Err(AppError::Invalid(format!("The tag `{}` is exclusive and cannot be attached to a {resource_type}.", tag.name)));
        }
        tags::detach_from_siblings(connection, tag.id, resource_type, resource).await?;
    }
    let now = Timestamp::now();
    let link = TagResourceRow {
        id: Id::new(),
        created: now,
        updated: now,
        tag_id: tag.id,
        resource_type: resource_type.to_owned(),
        resource_id: resource,
    };
    if connection.insert_if_absent(&link).await? {
        return Ok(link);
    }
    tags::find_link(connection, tag.id, resource_type, resource).await?.ok_or_else(|| AppError::missing("tag link", link.id))
}

/// Takes tags off a resource; unknown names are ignored, as in the reference server.
pub async fn detach_all(connection: &mut Connection, resource_type: &str, resource: Id, names: &[String]) -> Result<()> {
    for name in names {
        if let Some(tag) = find(connection, name).await? {
            tags::detach(connection, tag.id, resource_type, resource).await?;
        }
    }
    Ok(())
}

/// `add_tags` and `remove_tags` of an update.
pub async fn change(
    connection: &mut Connection,
    user: Id,
    resource_type: &str,
    resource: Id,
    add: Option<&[String]>,
    remove: Option<&[String]>,
) -> Result<()> {
    attach_all(connection, Some(user), resource_type, resource, add.unwrap_or_default()).await?;
    detach_all(connection, resource_type, resource, remove.unwrap_or_default()).await
}
