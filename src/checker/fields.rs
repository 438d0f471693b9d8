//! Fields in words: what a page shows of them without knowing schemas and values.

use serde_json::Value;

use super::typed;
use crate::{
    model::launches::{Control, FormField, Typed},
    run_configuration::{
        diff::render,
        form::{
            self, Field, FieldKind, Part, Scalar, Section, input_name, key_input_name, null_input_name, option_to_form, row_input_name,
        },
        snapshot::Snapshot,
    },
};

/// Characters of the snapshot's value in the help.
const VALUE_LIMIT: usize = 80;
/// More options than these are a list to choose from.
const MOST_RADIOS: usize = 5;

/// The fields of a snapshot's form: of its form view under the names of that, where one is in force.
pub fn fields(snapshot: &Snapshot) -> Vec<FormField> {
    let shown = form::fields(snapshot).into_iter();
    if snapshot.form.is_none() {
        return shown.map(|field| form_field(field, "Snapshot")).collect();
    }
    let of_view = |field: Field| {
        let name = field.label.clone();
        FormField { name, section: Section::default(), group: String::new(), models: Vec::new(), ..form_field(field, "Usual") }
    };
    shown.map(of_view).collect()
}

/// `usual` is the word for the value that a field starts with.
fn form_field(field: Field, usual: &str) -> FormField {
    FormField {
        path: field.path.to_string(),
        secret: field.secret,
        input: input_name(&field.path),
        null_input: (field.nullable && !field.locked).then(|| null_input_name(&field.path)),
        section: field.section(),
        group: field.group(),
        models: field.models.clone(),
        // The marks of literal values are for texts in sentences.
        kind: kind_in_words(&field).replace('`', ""),
        control: control(&field),
        required: field.required,
        help: help(&field, usual),
        usual: typed(field.entry(None)),
        recent: Vec::new(),
        about: field.about.clone(),
        several: None,
        name: field.name,
    }
}

/// A field in another one: a type of a union, an entry of a list, a field of a model. Its path starts in that.
fn inner(field: &Field, is_default: bool) -> FormField {
    // What a type starts with is no default of anything.
    let current = field.current.clone().filter(|_| is_default);
    let Part { text, is_null, .. } = form::fresh(field);
    FormField {
        group: String::new(),
        help: help(&Field { current, ..field.clone() }, "Default"),
        usual: Typed { text, is_null },
        ..form_field(field.clone(), "Default")
    }
}

/// What a field takes: "a list of integers", as its schema says; by its control where there is no schema.
pub fn kind_in_words(field: &Field) -> String {
    if let Some(words) = &field.takes {
        return words.clone();
    }
    match field.kind {
        FieldKind::Integer => "an integer",
        FieldKind::Number => "a number",
        FieldKind::Boolean => "true or false",
        FieldKind::Text | FieldKind::MultilineText => "text",
        FieldKind::Lines => "a list of texts",
        _ => "any value",
    }
    .to_owned()
}

fn control(field: &Field) -> Control {
    if field.locked {
        return Control::Fixed { is_hidden: field.secret };
    }
    // Nearly everything is text, since other controls of browsers do not give back what they were given: a number would
    // lose `1e-4` and the digits that a double has not, a time its seconds and its zone, and a day that is none is empty.
    let decimal = || Some("decimal".to_owned());
    let line = |input_type: &str, mode: Option<&str>| Control::Line { input_type: input_type.to_owned(), mode: mode.map(str::to_owned) };
    match &field.kind {
        FieldKind::Boolean => Control::Radios(options(field)),
        FieldKind::Choice { options: choices } if choices.len() <= MOST_RADIOS => Control::Radios(options(field)),
        FieldKind::Choice { .. } => Control::Select(options(field)),
        FieldKind::Choices { .. } => Control::Checkboxes(options(field)),
        FieldKind::Numbers { .. } => line("text", None),
        FieldKind::Rows { values } => Control::Rows {
            key_input: key_input_name(&field.path),
            value_input: row_input_name(&field.path),
            mode: matches!(values, Scalar::Integer | Scalar::Number).then(decimal).flatten(),
        },
        FieldKind::Union { branches } => Control::Union {
            branches: branches.iter().map(|branch| FormField { name: branch.label.clone(), ..inner(branch, false) }).collect(),
            unset: field.current.is_none().then(|| if field.required { "Not chosen" } else { "Not set" }.to_owned()),
        },
        FieldKind::Cards { item } => Control::Cards { item: Box::new(inner(item, false)) },
        FieldKind::Model { fields } => Control::Model { fields: fields.iter().map(|field| inner(field, true)).collect() },
        FieldKind::MultilineText => Control::Lines { mono: false },
        FieldKind::Lines | FieldKind::Yaml => Control::Lines { mono: true },
        FieldKind::Integer => line("text", Some("numeric")),
        FieldKind::Number => line("text", Some("decimal")),
        FieldKind::Date | FieldKind::DateTime => line("text", None),
        FieldKind::Text if field.secret => line("password", None),
        FieldKind::Text => line("text", None),
    }
}

/// Choices as they are posted and shown.
fn options(field: &Field) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = match &field.kind {
        FieldKind::Boolean => vec![("true".to_owned(), "True".to_owned()), ("false".to_owned(), "False".to_owned())],
        FieldKind::Choice { options } | FieldKind::Choices { options } => {
            let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            options.iter().map(|value| (option_to_form(options, value), plain(value))).collect()
        }
        _ => Vec::new(),
    };
    if field.current.is_none() && !matches!(field.kind, FieldKind::Choices { .. }) {
        options.insert(0, (String::new(), if field.required { "Not chosen".to_owned() } else { "Not set".to_owned() }));
    }
    options
}

/// Description, the snapshot's value, limits.
fn help(field: &Field, usual: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    // What the owner of the form says takes the place of what stands in the code.
    parts.extend(field.description.clone().filter(|_| field.about.is_none()));
    if field.locked {
        return parts.join(" · ");
    }
    parts.extend(field.current.as_ref().map(|value| format!("{usual}: {}", render(value, VALUE_LIMIT))));
    match (&field.minimum, &field.maximum) {
        (Some(minimum), Some(maximum)) => parts.push(format!("{minimum}, {maximum}")),
        (Some(limit), None) | (None, Some(limit)) => parts.push(limit.clone()),
        (None, None) => {}
    }
    match field.kind {
        FieldKind::Lines => parts.push("One a line".to_owned()),
        FieldKind::Numbers { .. } => parts.push("Separated by commas".to_owned()),
        FieldKind::Rows { .. } => parts.push("An empty row is left out".to_owned()),
        FieldKind::Date => parts.push("A day, for example 2026-01-31".to_owned()),
        FieldKind::DateTime => parts.push("A day and a time, for example 2026-01-31T12:00:00".to_owned()),
        _ => {}
    }
    parts.join(" · ")
}
