//! The state of the form of a run: what its fields show for a text, what is wrong, what changes.
//!
//! Pure. The server calls it when it renders the page and when it answers the form; in the browser the same code is part of
//! the module that has Run Details (`pages::module`), so that no other page pays for it.

mod fields;
mod file;
mod open;
#[cfg(test)]
mod tests;

pub use fields::{fields, kind_in_words};
pub use file::load;
pub use open::Checker;

use serde_json::Value;

use crate::{
    model::{
        launches::{Cleared, Edit, FORM, FieldEntry, Findings, ShownChange, ShownProblem, TYPED, Typed},
        pipeline_snapshots::CodeExample,
    },
    run_configuration::{
        assist,
        code::{self, Launch, Target},
        diff::{Change, render},
        edit,
        form::{self, Entry, Field, FieldKind, apply_to_text, input_name},
        form_view::Form,
        json_schema::describe_value,
        layers::{Layer, origin},
        problem::Problem,
        request,
        review::{Review, review},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 120;

/// Entries of fields that could not be taken over into the text, each with the reason.
pub type Refused = Vec<(ValuePath, Entry, Problem)>;

/// What there is to say about a text that started from layers; `refused` are the entries that are not in it.
pub fn look(snapshot: &Snapshot, layers: &[Layer], text: &str, refused: &Refused) -> Findings {
    look_at(snapshot, &form::fields(snapshot), layers, text, refused)
}

/// The same, where the fields of the snapshot's form are there already: reading them out of the schemas takes longer than
/// all the rest.
fn look_at(snapshot: &Snapshot, fields: &[Field], layers: &[Layer], text: &str, refused: &Refused) -> Findings {
    let review = review(snapshot, text);
    Findings {
        entries: fields.iter().map(|field| entry(field, &review, refused, fields, snapshot.form.is_some())).collect(),
        problems: review.problems.iter().map(|problem| shown_problem(problem, fields)).collect(),
        is_unreadable: review.configuration.is_none(),
        changes: shown_changes(review, layers, snapshot.form.as_ref()),
    }
}

fn entry(field: &Field, review: &Review, refused: &Refused, fields: &[Field], in_form: bool) -> FieldEntry {
    let own = refused.iter().find(|(path, _, _)| *path == field.path);
    let value = review.configuration.as_ref().and_then(|configuration| field.path.get(configuration));
    let takes_yaml = field.kind == FieldKind::Yaml && own.is_none() && !field.locked;
    let is_changed = review.changes.iter().any(|change| change.path.starts_with(&field.path));
    FieldEntry {
        typed: typed(own.map_or_else(|| field.entry(value), |(_, entry, _)| entry.clone())),
        read_as: value.or(field.current.as_ref()).filter(|_| takes_yaml).map(describe_value),
        // What the form starts with is no change of whoever fills it in.
        changed: is_changed && (!in_form || value != field.current.as_ref()),
        refused: own.map(|(_, _, problem)| shown_problem(problem, fields)),
    }
}

fn typed(entry: Entry) -> Typed {
    Typed { text: entry.text, is_null: entry.is_null }
}

fn shown_changes(review: Review, layers: &[Layer], form: Option<&Form>) -> Vec<ShownChange> {
    let configuration = review.configuration.unwrap_or_default();
    let value = |value: Option<Value>| value.map_or_else(|| "not set".to_owned(), |value| render(&value, VALUE_LIMIT));
    let is_of_form = |path: &ValuePath| form.is_some_and(|form| form.starts(path, &configuration));
    let of_nothing_else = |path: &ValuePath| if is_of_form(path) { FORM.to_owned() } else { TYPED.to_owned() };
    let shown = |change: Change| ShownChange {
        origin: origin(layers, &configuration, &change.path).map_or_else(|| of_nothing_else(&change.path), Layer::title),
        path: change.path.to_string(),
        old: value(change.old),
        new: value(change.new),
    };
    review.changes.into_iter().map(shown).collect()
}

/// The launch of a text as code, and as a link to this form; nothing while the text cannot be read.
pub fn code(target: &Target, snapshot: &Snapshot, text: &str) -> Vec<CodeExample> {
    let review = review(snapshot, text);
    let Some(configuration) = &review.configuration else { return Vec::new() };
    let launch = Launch { configuration, replace_paths: &review.replace_paths };
    let example = |label: &str, code: String| CodeExample { label: label.to_owned(), code };
    let (link, missing) = code::link(target, &form::all_fields(snapshot), configuration);
    let label = match missing {
        0 => "Link".to_owned(),
        1 => "Link, without 1 value".to_owned(),
        count => format!("Link, without {count} values"),
    };
    let mut examples: Vec<CodeExample> = code::of(target, launch).into_iter().map(|(label, code)| example(label, code)).collect();
    examples.push(example(&label, link));
    examples
}

fn shown_problem(problem: &Problem, fields: &[Field]) -> ShownProblem {
    let field = fields.iter().find(|field| problem.path.starts_with(&field.path));
    let message = match &problem.fix {
        Some(fix) => format!("{} {fix}", problem.message),
        None => problem.message.clone(),
    };
    let place = field.filter(|field| field.kind.has_parts()).map(|field| place_in(field, &problem.path)).unwrap_or_default();
    let message = if place.is_empty() { message } else { format!("{place}: {message}") };
    ShownProblem {
        is_error: problem.is_error(),
        path: problem.path.to_string(),
        line: problem.line,
        column: problem.column,
        message,
        input: field.map(|field| input_name(&field.path)),
    }
}

/// Where in a value with parts something is: "entry 2, `momentum`".
fn place_in(field: &Field, path: &ValuePath) -> String {
    let word = |segment: &String| match segment.parse::<usize>() {
        Ok(position) => format!("entry {}", position + 1),
        Err(_) => format!("`{segment}`"),
    };
    let words: Vec<String> = path.segments().iter().skip(field.path.segments().len()).map(word).collect();
    words.join(", ")
}

/// A text with what was typed in one of these fields.
pub fn set_field(fields: &[Field], text: &str, path: &ValuePath, entry: Entry) -> Edit {
    let field = fields.iter().find(|field| field.path == *path);
    let (text, problems) = apply_to_text(text, field.map(std::slice::from_ref).unwrap_or_default(), &[(path.clone(), entry)]);
    Edit { text, refused: problems.first().map(|problem| shown_problem(problem, fields)) }
}

/// A text without a value, which then is the snapshot's again; the text as it is where it cannot be edited.
pub fn reset(text: &str, path: &ValuePath) -> String {
    form::reset(text, path).unwrap_or_else(|_| text.to_owned())
}

/// A text without the keys that nothing knows.
pub fn cleared(snapshot: &Snapshot, text: &str) -> Cleared {
    let (text, removed) = assist::without_unknown(snapshot, text);
    Cleared { text, removed: removed.iter().map(ValuePath::to_string).collect() }
}

/// A text with every value that is required and not there.
pub fn with_required(snapshot: &Snapshot, text: &str) -> String {
    assist::with_required(snapshot, text)
}

/// A text with every parameter of the snapshot in it that it does not set itself, at the snapshot's value.
pub fn expanded(snapshot: &Snapshot, text: &str) -> String {
    let place_if_unset = |text: &str, path: &ValuePath| {
        let request = request::read_text(text).ok()?;
        path.get(&request.configuration).is_none().then(|| request.place.join(path))
    };
    let parameters = form::fields(snapshot).into_iter().filter(Field::is_parameter);
    parameters.fold(text.to_owned(), |text, field| {
        let value = field.current.unwrap_or(Value::Null);
        match place_if_unset(&text, &field.path) {
            Some(place) => edit::set(&text, &place, &value).unwrap_or(text),
            None => text,
        }
    })
}
