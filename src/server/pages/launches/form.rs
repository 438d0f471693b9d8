//! The form view on Run Details: whose form this is, and a draft without what the form does not offer.

use super::draft::Draft;
use crate::{
    model::launches::{FormField, Note, ShownForm},
    run_configuration::{
        form::{self, Entry},
        form_view::confined,
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, users::UserRow},
        error::Result,
        pages::pipeline_snapshots::description,
        service,
    },
};

/// The parameter of the URL by which those who may edit a snapshot see all of its fields.
const FIELDS: (&str, &str) = ("fields", "all");

/// Whether a URL asks for all fields.
pub fn wants_all<'a>(mut values: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
    values.any(|value| value == FIELDS)
}

/// Whether the query of a URL asks for all fields.
pub fn query_wants_all(query: Option<&str>) -> bool {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
    wants_all(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A snapshot as an account gets it to fill in, with the form view above it.
pub async fn open(
    connection: &mut Connection,
    user: &UserRow,
    row: &PipelineSnapshotRow,
    wants_all: bool,
) -> Result<(Snapshot, Option<ShownForm>)> {
    let snapshot = service::pipeline_snapshots::for_run_configuration(connection, row).await?;
    let Some(form) = service::form_views::form(connection, user, row).await? else { return Ok((snapshot, None)) };
    let intro = if form.view.intro.is_empty() { String::new() } else { description::html(&form.view.intro) };
    let (only, shows_all) = (form.only, wants_all && !form.only);
    let shown = ShownForm { intro, only, shows_all, all: form::fields(&snapshot).len() };
    Ok((Snapshot { form: Some(form).filter(|_| !shows_all), ..snapshot }, Some(shown)))
}

/// Makes HTML of what the owner says about each field.
pub fn explain(fields: &mut [FormField]) {
    for field in fields {
        field.about = field.about.take().map(|text| description::html(&text));
    }
}

/// Whether the form is all that there is.
pub fn is_only(snapshot: &Snapshot) -> bool {
    snapshot.form.as_ref().is_some_and(|form| form.only)
}

/// Parts entries into those that the form offers, and the paths of the others.
pub fn offered(snapshot: &Snapshot, entries: Vec<(ValuePath, Entry)>) -> (Vec<(ValuePath, Entry)>, Vec<ValuePath>) {
    let Some(form) = &snapshot.form else { return (entries, Vec::new()) };
    let (offered, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(path, _)| form.offers(path));
    (offered, others.into_iter().map(|(path, _)| path).collect())
}

/// Takes out of a draft what its form does not offer, and tells so; says whether there was anything.
pub fn confine(snapshot: &Snapshot, draft: &mut Draft) -> bool {
    let Some(form) = snapshot.form.as_ref().filter(|form| form.only) else { return false };
    let (text, mut left_out) = confined(form, &draft.text);
    draft.text = text;
    for layer in &mut draft.layers {
        layer.retain(|path| form.offers(path));
    }
    draft.refused.retain(|(path, _, _)| {
        let is_offered = form.offers(path);
        left_out.extend((!is_offered).then(|| path.clone()));
        is_offered
    });
    tell(draft, &left_out, false);
    !left_out.is_empty()
}

/// Says what was left out of a draft, below what there is to be said already.
pub fn tell(draft: &mut Draft, left_out: &[ValuePath], is_error: bool) {
    if left_out.is_empty() {
        return;
    }
    let paths: Vec<String> = left_out.iter().map(|path| format!("`{path}`")).collect();
    let text = format!("The form of this snapshot does not offer {}: left out.", paths.join(", "));
    draft.note = Some(match draft.note.take() {
        Some(note) => Note { text: format!("{} {text}", note.text), ..note },
        None => Note { is_error, title: "Not everything is offered".to_owned(), text },
    });
}

/// That a launch was not started because of what was sent besides the form.
pub fn refuse(draft: &mut Draft) {
    if let Some(note) = &mut draft.note {
        (note.is_error, note.title) = (true, "Not started".to_owned());
        note.text.push_str(" Look at what is left, and choose Run again.");
    }
}

/// Files are for those who may set more than the form offers.
pub fn refuse_file(draft: &mut Draft) {
    let text = "This form takes no files. Whoever may edit the snapshot can load one.".to_owned();
    draft.note = Some(Note { is_error: true, title: "Not loaded".to_owned(), text });
}
