//! Drafts of launches: keeping what was typed, finding it again, and when it goes.
//!
//! A draft belongs to one account and is told nobody else. Values of fields that are secret are not kept: a draft is
//! stored as it was typed, and a secret belongs into a secret.

use serde::{Deserialize, Serialize};

use crate::{
    run_configuration::{
        document,
        form::{self, Entry, Field},
        layers::{Layer, leaves},
        request,
        sweep::Several,
        value_path::ValuePath,
    },
    server::{
        db::{
            Connection,
            drafts::{self, DraftRow},
            pipeline_snapshots::PipelineSnapshotRow,
            stored::Changes,
        },
        error::{AppError, Result},
        id::Id,
        time::Timestamp,
    },
};

/// Most drafts that an account has of one snapshot; the oldest go first.
const MAX_OF_SNAPSHOT: i64 = 5;
/// Most drafts that an account has.
const MAX_OF_ACCOUNT: i64 = 50;
/// Days after which a draft goes that nobody goes on with.
pub const KEPT_DAYS: i64 = 30;

/// Everything that was typed, and what it started from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// YAML.
    pub text: String,
    pub layers: Vec<Layer>,
    /// What stands in fields and cannot be taken over into the text.
    pub entries: Vec<(ValuePath, Entry)>,
    /// Fields with several values, one for each run.
    pub several: Several,
}

/// What is stored of a field besides the text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Beside {
    Entry(Entry),
    Several { several: String },
}

impl Content {
    /// What a stored draft holds.
    pub fn of(draft: &DraftRow) -> Result<Self> {
        let beside: Vec<(ValuePath, Beside)> = serde_json::from_str(&draft.entries)?;
        let mut content = Self { text: draft.configuration.clone(), layers: serde_json::from_str(&draft.layers)?, ..Self::default() };
        for (path, beside) in beside {
            match beside {
                Beside::Entry(entry) => content.entries.push((path, entry)),
                Beside::Several { several } => content.several.push((path, several)),
            }
        }
        Ok(content)
    }

    /// What there is besides the text, as it is stored.
    fn beside(&self) -> Result<String> {
        let entries = self.entries.iter().map(|(path, entry)| (path, Beside::Entry(entry.clone())));
        let several = self.several.iter().map(|(path, text)| (path, Beside::Several { several: text.clone() }));
        json(&entries.chain(several).collect::<Vec<_>>())
    }

    /// Whether it is the snapshot as it is.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.entries.is_empty() && self.several.is_empty()
    }

    /// The same without the values of secret fields.
    ///
    /// # Errors
    /// 400 for a text that cannot be read while there are such fields: one of their values may be in it.
    pub fn without_secrets(mut self, fields: &[Field]) -> Result<Self> {
        let secret: Vec<&ValuePath> = fields.iter().filter(|field| field.secret).map(|field| &field.path).collect();
        if secret.is_empty() {
            return Ok(self);
        }
        let is_secret = |path: &ValuePath| secret.iter().any(|secret| path.starts_with(secret));
        self.entries.retain(|(path, _)| !is_secret(path));
        self.several.retain(|(path, _)| !is_secret(path));
        for layer in &mut self.layers {
            layer.retain(|path| !is_secret(path));
        }
        let configuration = request::read_text(&self.text).map_err(|_| unreadable())?.configuration;
        let typed = leaves(&configuration).into_iter().map(|(path, _)| path).filter(is_secret);
        for path in typed {
            self.text = form::reset(&self.text, &path).map_err(|_| unreadable())?;
        }
        Ok(self)
    }
}

fn unreadable() -> AppError {
    AppError::Invalid("The text cannot be read, so its secret values cannot be left out of the draft. Fix the text first.".to_owned())
}

/// The draft that a page shows, as that page knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: Id,
    /// The change that the page has seen last; 0 before the first.
    pub revision: i64,
    /// Key of the page.
    pub writer: String,
}

/// Typed before this, a draft is over.
fn oldest() -> Timestamp {
    Timestamp::now().plus_seconds(-KEPT_DAYS * 86_400)
}

/// An account's draft.
pub async fn find(connection: &mut Connection, user: Id, id: Id) -> Result<Option<DraftRow>> {
    Ok(drafts::find(connection, user, id, oldest()).await?)
}

/// An account's drafts of a snapshot, the newest first.
pub async fn of_snapshot(connection: &mut Connection, user: Id, snapshot: Id) -> Result<Vec<DraftRow>> {
    Ok(drafts::of_snapshot(connection, (user, snapshot), oldest(), MAX_OF_SNAPSHOT).await?)
}

/// Keeps what is typed on a page as the account's draft of a snapshot, and says under which id; none where there is nothing
/// to be kept, which deletes the draft that there was.
///
/// Where another page has changed the draft since this one read it, both are kept: this one as a draft of its own.
///
/// # Errors
/// 413 for more than a run configuration may have; 400 for a text that may hold a secret, see [`Content::without_secrets`].
pub async fn keep(
    connection: &mut Connection,
    user: Id,
    (snapshot, fields): (&PipelineSnapshotRow, &[Field]),
    page: &Place,
    (content, typed): (Content, Timestamp),
) -> Result<Option<DraftRow>> {
    let content = content.without_secrets(fields)?;
    if content.is_empty() {
        drafts::delete(connection, user, page.id).await?;
        return Ok(None);
    }
    let now = Timestamp::now();
    let draft = DraftRow {
        id: page.id,
        created: now,
        updated: now,
        user_id: user,
        project_id: snapshot.project_id,
        pipeline_id: snapshot.pipeline_id,
        snapshot_id: Some(snapshot.id),
        typed: typed.clamp(oldest(), now),
        revision: 1,
        writer: page.writer.clone(),
        layers: json(&content.layers)?,
        entries: content.beside()?,
        configuration: content.text,
    };
    if [&draft.configuration, &draft.layers, &draft.entries].iter().any(|text| text.len() > document::MAX_BYTES) {
        let message = "It is larger than a run configuration may be, so it is not kept as a draft. Make it shorter.";
        return Err(AppError::TooLarge(message.to_owned()));
    }
    let draft = store(connection, page, draft).await?;
    drafts::keep_newest(connection, (user, snapshot.id), MAX_OF_SNAPSHOT, MAX_OF_ACCOUNT).await?;
    Ok(Some(draft))
}

async fn store(connection: &mut Connection, page: &Place, draft: DraftRow) -> Result<DraftRow> {
    let Some(before) = connection.get_locked::<DraftRow>(page.id).await? else {
        connection.insert(&draft).await?;
        return Ok(draft);
    };
    let is_own = before.user_id == draft.user_id;
    if is_own && (&before.configuration, &before.layers, &before.entries) == (&draft.configuration, &draft.layers, &draft.entries) {
        return Ok(before);
    }
    if is_own && (before.writer == page.writer || before.revision == page.revision) {
        let draft = DraftRow { created: before.created, revision: before.revision + 1, ..draft };
        let changes = Changes::new()
            .set("snapshot_id", draft.snapshot_id)
            .set("typed", draft.typed)
            .set("revision", draft.revision)
            .set("writer", draft.writer.as_str())
            .set("configuration", draft.configuration.as_str())
            .set("layers", draft.layers.as_str())
            .set("entries", draft.entries.as_str());
        connection.update::<DraftRow>(draft.id, changes).await?;
        return Ok(draft);
    }
    let draft = DraftRow { id: Id::new(), ..draft };
    connection.insert(&draft).await?;
    Ok(draft)
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// Deletes an account's draft, if it is there still.
pub async fn discard(connection: &mut Connection, user: Id, id: Id) -> Result<()> {
    drafts::delete(connection, user, id).await?;
    Ok(())
}

/// Deletes what is over; says how many there were.
pub async fn expire(connection: &mut Connection) -> Result<u64> {
    Ok(drafts::delete_before(connection, oldest()).await?)
}
