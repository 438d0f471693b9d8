//! The draft of Run Details as it is kept: with each post of the form, and by the page itself while somebody types; and how
//! it comes back.

use axum::response::{IntoResponse as _, Response};

use super::{
    Asked,
    draft::{Draft, configuration_in},
    posted::{Posted, two_values},
};
use crate::{
    model::{
        drafts::{DraftChoice, DraftKept, DraftPlace},
        launches::Note,
        payload,
    },
    run_configuration::{
        form::{self, Entry, Field, apply_to_text},
        layers::leaves,
        problem::Problem,
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        auth::Account,
        db::{Connection, drafts::DraftRow, pipeline_snapshots::PipelineSnapshotRow},
        error::{AppError, Result},
        id::Id,
        pages::present::moment,
        service::{
            self,
            drafts::{Content, KEPT_DAYS, Place},
        },
        state::AppState,
        time::Timestamp,
    },
};

/// Drafts that are offered at once.
const OFFERED: usize = 3;
/// Values whose names are told of a draft.
const NAMED: usize = 3;

/// A place for a draft that is not kept yet.
pub fn new_place() -> DraftPlace {
    DraftPlace { id: Id::new().to_string(), revision: 0, kept: None, problem: None }
}

fn place_of(row: &DraftRow) -> DraftPlace {
    DraftPlace { id: row.id.to_string(), revision: row.revision, kept: Some(moment(row.typed)), problem: None }
}

/// The draft that a form belongs to, as its page knows it.
fn place(posted: &Posted) -> Place {
    Place {
        id: posted.value("draft").parse().unwrap_or_else(|_| Id::new()),
        revision: posted.value("revision").parse().unwrap_or_default(),
        writer: posted.value("key").to_owned(),
    }
}

/// The id of the draft that a form belongs to.
pub fn id(posted: &Posted) -> Option<Id> {
    posted.value("draft").parse().ok()
}

/// What there is to keep of a draft.
fn content(draft: &Draft) -> Content {
    let entries = draft.refused.iter().map(|(path, entry, _)| (path.clone(), entry.clone())).collect();
    Content { text: draft.text.clone(), layers: draft.layers.clone(), entries, several: draft.several.clone() }
}

/// Keeps what a form says, and gives its place and the draft as it is kept. What was launched already is no draft any more.
async fn stored(
    state: &AppState,
    user: Id,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &Draft,
) -> Result<Option<DraftRow>> {
    let (place, (row, snapshot)) = (place(posted), about);
    let mut connection = state.db.begin().await?;
    let asked = Asked::of(about, &place.writer, draft);
    let is_launched = match asked.ok().as_deref() {
        Some([asked, ..]) => service::launches::launched_before(&mut connection, asked.by(user)).await?.is_some(),
        _ => false,
    };
    let content = if is_launched { Content::default() } else { content(draft) };
    // A page that comes back later says when it was typed.
    let typed = posted.value("typed").parse::<f64>().ok().and_then(|millis| Timestamp::from_unix_seconds(millis / 1000.0));
    let typed = typed.unwrap_or_else(Timestamp::now);
    let kept = service::drafts::keep(&mut connection, user, (row, &form::all_fields(snapshot)), &place, (content, typed)).await?;
    connection.commit().await?;
    Ok(kept)
}

/// Keeps what a form says, and gives its place; that it could not be kept is no reason not to go on.
pub async fn keep(
    state: &AppState,
    user: Id,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &Draft,
) -> (DraftPlace, Option<DraftRow>) {
    match stored(state, user, about, posted, draft).await {
        Ok(Some(row)) => (place_of(&row), Some(row)),
        Ok(None) => (DraftPlace { id: place(posted).id.to_string(), ..new_place() }, None),
        Err(error) => {
            if let AppError::Internal(source) = &error {
                tracing::error!(error = format!("{source:#}"), "a draft could not be kept");
            }
            let Place { id, revision, .. } = place(posted);
            (DraftPlace { id: id.to_string(), revision, kept: None, problem: Some(error.message()) }, None)
        }
    }
}

/// The answer to a page that keeps its draft while somebody types.
///
/// # Errors
/// 401 where somebody else is signed in than when the page was made: what was typed is not theirs.
pub async fn answer(
    state: &AppState,
    account: &Account,
    about: (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &Draft,
) -> Result<Response> {
    if posted.value("account") != account.user.id.to_string() {
        return Err(AppError::NotAuthorized("Another account is signed in than the one that this was typed with.".to_owned()));
    }
    let (place, row) = keep(state, account.user.id, about, posted, draft).await;
    let kept = DraftKept { place, choice: row.as_ref().map(choice) };
    let text = payload::write(&kept).map_err(|error| AppError::Internal(anyhow::anyhow!(error.message)))?;
    Ok(text.into_response())
}

/// The account's drafts of a snapshot but the one that is shown, the newest first.
pub async fn offered(connection: &mut Connection, user: Id, snapshot: Id, shown: &str) -> Result<Vec<DraftChoice>> {
    let rows = service::drafts::of_snapshot(connection, user, snapshot).await?;
    Ok(rows.iter().filter(|row| row.id.to_string() != shown).take(OFFERED).map(choice).collect())
}

fn choice(row: &DraftRow) -> DraftChoice {
    DraftChoice { id: row.id.to_string(), typed: moment(row.typed), summary: summary(row) }
}

/// What is in a draft, by the names of its values.
fn summary(row: &DraftRow) -> String {
    let Some(configuration) = configuration_in(&row.configuration) else { return "a text that cannot be read yet".to_owned() };
    let Content { entries, several, .. } = Content::of(row).unwrap_or_default();
    let beside = entries.into_iter().map(|(path, _)| path).chain(several.into_iter().map(|(path, _)| path));
    let paths = leaves(&configuration).into_iter().map(|(path, _)| path).chain(beside);
    let names: Vec<String> = paths.filter_map(|path| path.segments().last().map(|name| format!("`{name}`"))).collect();
    match names.len().saturating_sub(NAMED) {
        0 if names.is_empty() => "comments".to_owned(),
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

/// The draft that a link names, to go on with; a note where it is not there.
pub async fn restored(
    connection: &mut Connection,
    user: Id,
    (row, snapshot): (&PipelineSnapshotRow, &Snapshot),
    id: &str,
) -> Result<Draft> {
    let id: Option<Id> = id.parse().ok();
    let found = match id {
        Some(id) => service::drafts::find(connection, user, id).await?,
        None => None,
    };
    let Some(found) = found.filter(|draft| draft.pipeline_id == row.pipeline_id) else {
        let text = format!("It was launched or discarded, is somebody else's, or was left alone for {KEPT_DAYS} days.");
        let note = Some(Note { is_error: false, title: "This draft is not there any more".to_owned(), text });
        // Its id stays: what this browser has kept of it goes there.
        let place = id.map(|id| DraftPlace { id: id.to_string(), ..new_place() });
        return Ok(Draft { note, place, ..Draft::default() });
    };
    let Content { text, layers, entries, several } = Content::of(&found)?;
    let refused = beside(&text, &form::typable_fields(snapshot), entries);
    Ok(Draft { text, layers, refused, several, place: Some(place_of(&found)), ..Draft::default() })
}

/// What stood in fields beside a text, with the reasons; the text stays as it is.
fn beside(text: &str, fields: &[Field], entries: Vec<(ValuePath, Entry)>) -> crate::checker::Refused {
    let configuration = configuration_in(text).unwrap_or_default();
    let reason = |path: &ValuePath, entry: &Entry| {
        let (_, problems) = apply_to_text(text, fields, &[(path.clone(), entry.clone())]);
        let field = fields.iter().find(|field| field.path == *path);
        let twice = || field.map(|field| two_values(field, &field.entry(path.get(&configuration))));
        problems.into_iter().next().or_else(twice).unwrap_or_else(|| Problem::error(path.clone(), "There is no such value."))
    };
    entries
        .into_iter()
        .map(|(path, entry)| {
            let problem = reason(&path, &entry);
            (path, entry, problem)
        })
        .collect()
}
