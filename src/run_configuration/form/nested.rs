//! Values with parts of their own: unions, lists of models, and models that may be missing.
//!
//! Each part has a field of its own, so that all of them are read and shown by the same rules as fields of a snapshot.
//! Whatever fits none of the controls is shown as YAML: nothing is ever lost or in the way.

use std::ptr;

use serde_json::{Map, Value};

use super::{
    CardAction, Entry, Field, FieldKind, MOST_CARDS, Part, Parts,
    apply::value_of,
    fields::{MOST_MODELS, Place},
    form_to_value, option_to_form,
    shape::{Shape, is_decimal, is_model, is_null},
    value_to_form,
};
use crate::run_configuration::{
    edit::put,
    json_schema::{Schema, describe_schema},
    problem::Problem,
    value_path::ValuePath,
};

/// A union of more types is written as YAML.
const MOST_BRANCHES: usize = 8;
/// Bytes of the text of parts; more is written as YAML.
const MOST_TEXT: usize = 64 * 1024;

impl Place<'_> {
    /// The control of a value with parts; none where it has none, where it is too deep, and in a model that is in itself.
    pub fn kind_with_parts(&self, property: &Value, current: Option<&Value>) -> Option<FieldKind> {
        let schema = Schema::new(self.root);
        let property = schema.resolve(property);
        if self.depth >= MOST_MODELS || self.left.is_none_or(|left| left.get() == 0) {
            return None;
        }
        // A step deeper, for a schema that leads back to itself this way.
        if let Some([one]) = property.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return self.inner().kind_with_parts(one, current);
        }
        let branches: Vec<&Value> = match property.get("anyOf").or(property.get("oneOf")).and_then(Value::as_array) {
            Some(branches) => branches.iter().map(|branch| schema.resolve(branch)).collect(),
            None => vec![property],
        };
        let others: Vec<&Value> = branches.into_iter().filter(|branch| !is_null(branch)).collect();
        let inner = self.inner();
        let mut fields = match others[..] {
            [] => return None,
            [one] => vec![inner.branch(one, inner.kind_of_parts(one)?, current)],
            [number, text] if is_decimal(number, text) => return None,
            _ if others.len() > MOST_BRANCHES => return None,
            _ => others.iter().map(|branch| inner.typed_branch(branch, current)).collect(),
        };
        tell_apart(&mut fields);
        fields.push(Field { label: "something else, as YAML".to_owned(), ..Field::new(ValuePath::root(), FieldKind::Yaml) });
        Some(FieldKind::Union { branches: fields })
    }

    /// The place of the parts of a value here.
    fn inner(&self) -> Place<'_> {
        Place { path: ValuePath::root(), step: None, models: Vec::new(), depth: self.depth + 1, inside: self.inside.clone(), ..*self }
    }

    fn typed_branch(&self, schema: &Value, current: Option<&Value>) -> Field {
        let shape = Shape::of(&Schema::new(self.root), schema);
        let kind = self.kind_of_parts(schema).or_else(|| self.kind_with_parts(schema, current)).or(shape.kind);
        self.branch(schema, kind.unwrap_or(FieldKind::Yaml), current)
    }

    /// One type of a union.
    fn branch(&self, schema: &Value, kind: FieldKind, current: Option<&Value>) -> Field {
        let shape = Shape::of(&Schema::new(self.root), schema);
        let title = schema.get("title").and_then(Value::as_str).filter(|_| is_model(schema));
        let words = describe_schema(&Schema::new(self.root), schema).replace('`', "");
        let mut field = self.one("", None, Some(schema), Some(kind), &shape);
        (field.path, field.name) = (ValuePath::root(), String::new());
        field.label = title.map_or(words, str::to_owned);
        (field.default, field.current, field.nullable) = (None, None, false);
        match &field.kind {
            // Where there is something to choose, the first is chosen at first.
            FieldKind::Choice { options } => field.current = options.first().cloned(),
            FieldKind::Boolean => field.current = Some(Value::Bool(false)),
            FieldKind::Text if current.and_then(Value::as_str).is_some_and(|text| text.contains('\n')) => {
                field.kind = FieldKind::MultilineText
            }
            _ => {}
        }
        field
    }

    /// The control of a model, or of a list of models or unions.
    fn kind_of_parts(&self, schema: &Value) -> Option<FieldKind> {
        if is_model(schema) {
            let id = ptr::from_ref(schema);
            if self.inside.contains(&id) || self.left?.get() == 0 {
                return None;
            }
            let place = Place { inside: [&self.inside[..], &[id]].concat(), path: ValuePath::root(), models: Vec::new(), ..*self };
            let fields = place.fields(&Map::new(), schema);
            return (!fields.is_empty()).then_some(FieldKind::Model { fields });
        }
        let items = schema.get("items").filter(|_| schema.get("prefixItems").is_none())?;
        let items = Schema::new(self.root).resolve(items);
        let is_union = items.get("anyOf").or(items.get("oneOf")).is_some();
        let kind = match is_union {
            true => self.kind_with_parts(items, None),
            // Lists in lists are written as YAML.
            false => is_model(items).then(|| self.kind_of_parts(items)).flatten(),
        };
        let item = self.branch(items, kind?, None);
        Some(FieldKind::Cards { item: Box::new(item) })
    }
}

/// Numbers the branches that are called the same.
fn tell_apart(fields: &mut [Field]) {
    for place in 1..fields.len() {
        let same = fields[..place].iter().filter(|other| other.takes == fields[place].takes && other.label == fields[place].label).count();
        if same > 0 {
            fields[place].label = format!("{} ({})", fields[place].label, same + 1);
        }
    }
}

/// What stands in a control that is new: in a branch that was not chosen before, in a new entry of a list.
pub fn fresh(field: &Field) -> Part {
    let given = |text: String| Part { text, is_null: false, is_given: true };
    let all = |fields: &[Field]| fields.iter().map(fresh).collect();
    match &field.kind {
        FieldKind::Model { fields } => given(Parts { chosen: None, parts: all(fields) }.write()),
        FieldKind::Cards { .. } => given(Parts::default().write()),
        FieldKind::Union { branches } if branches.len() == 2 && field.required => {
            given(Parts { chosen: Some(0), parts: all(branches) }.write())
        }
        // By such a constant the type of a model is told, whatever its default is.
        FieldKind::Choice { options } if options.len() == 1 => given(option_to_form(options, &options[0])),
        _ => part_of(field.entry(None), false),
    }
}

fn part_of(entry: Entry, is_given: bool) -> Part {
    Part { text: entry.text, is_null: entry.is_null, is_given }
}

/// The text of the parts of a value; none where they cannot hold it.
pub fn parts_of(kind: &FieldKind, value: &Value) -> Option<Parts> {
    let parts = match (kind, value) {
        (FieldKind::Union { branches }, _) => {
            let chosen = branches.iter().position(|branch| holds(branch, value))?;
            let part = |(place, branch): (usize, &Field)| match place == chosen {
                true => Part { text: value_to_form(branch, value), ..Part::default() },
                false => Part { is_given: false, ..fresh(branch) },
            };
            Parts { chosen: Some(chosen), parts: branches.iter().enumerate().map(part).collect() }
        }
        (FieldKind::Cards { item }, Value::Array(items)) => {
            let part = |value: &Value| Part { text: value_to_form(item, value), ..Part::default() };
            Parts { chosen: None, parts: items.iter().map(part).collect() }
        }
        (FieldKind::Model { fields }, Value::Object(map)) => {
            let part = |field: &Field| {
                let value = field.path.get(map);
                part_of(field.entry(value), value.is_some())
            };
            Parts { chosen: None, parts: fields.iter().map(part).collect() }
        }
        _ => return None,
    };
    Some(parts)
}

/// Whether the control of a part can hold a value and give it back.
fn holds(field: &Field, value: &Value) -> bool {
    let is_null = value.is_null() && field.nullable;
    let fits = match (&field.kind, value) {
        _ if is_null => return true,
        (FieldKind::Cards { item }, Value::Array(items)) => items.len() <= MOST_CARDS && items.iter().all(|value| holds(item, value)),
        (FieldKind::Model { fields }, Value::Object(map)) => {
            fields.iter().all(|field| field.path.get(map).is_none_or(|value| holds(field, value)))
        }
        (FieldKind::Cards { .. } | FieldKind::Model { .. }, _) => false,
        (FieldKind::Text, Value::String(text)) => !text.contains(['\n', '\r']) && has_format(field, value),
        (FieldKind::Date | FieldKind::DateTime, _) => has_format(field, value),
        _ => true,
    };
    if !fits {
        return false;
    }
    let text = value_to_form(field, value);
    let is_short = text.len() <= MOST_TEXT || field.kind == FieldKind::Yaml;
    let has_lines = matches!(field.kind, FieldKind::Rows { .. }) && text.contains(['\n', '\r']);
    is_short && !has_lines && form_to_value(field, &text).is_ok_and(|read| read == *value)
}

/// Whether a text looks like what its format says: among other types a date is no text, and a text no date.
fn has_format(field: &Field, value: &Value) -> bool {
    let Some(format) = &field.format else { return true };
    let schema = serde_json::json!({"type": "string", "format": format});
    Schema::new(&schema).check(value, &schema, &ValuePath::root()).problems.is_empty()
}

/// The value of parts; problems have their places in it.
///
/// # Errors
/// A part cannot be read as what it is.
pub fn value_of_parts(field: &Field, parts: &Parts) -> Result<Value, Problem> {
    let read = |field: &Field, text: &str, place: ValuePath| {
        form_to_value(field, text).map_err(|problem| Problem { path: place.join(&problem.path), ..problem })
    };
    match &field.kind {
        FieldKind::Union { branches } => {
            let chosen = parts.chosen.and_then(|chosen| branches.get(chosen).zip(parts.parts.get(chosen)));
            let (branch, part) = chosen.ok_or_else(|| nothing_chosen(field))?;
            if part.text.is_empty() && !branch.kind.takes_empty_text() {
                let problem = Problem::error(field.path.clone(), format!("Nothing is filled in for the type \"{}\".", branch.label));
                return Err(problem.with_fix("Fill it in, or choose another type."));
            }
            read(branch, &part.text, field.path.clone())
        }
        FieldKind::Cards { item } => {
            let place = |position: usize| field.path.child(position.to_string());
            parts.parts.iter().enumerate().map(|(position, part)| read(item, &part.text, place(position))).collect()
        }
        FieldKind::Model { fields } => {
            let mut map = Value::Object(Map::new());
            for (own, part) in fields.iter().zip(&parts.parts) {
                let (entry, shown) = (Entry { text: part.text.clone(), is_null: part.is_null }, own.entry(None));
                if !part.is_given && own.is_unchanged(&entry, None) {
                    continue;
                }
                let value = value_of(own, &entry, &shown, own.kind.takes_empty_text());
                if let Some(value) = value.map_err(|problem| Problem { path: field.path.join(&problem.path), ..problem })? {
                    put(&mut map, own.path.segments(), value);
                }
            }
            Ok(map)
        }
        _ => Err(nothing_chosen(field)),
    }
}

fn nothing_chosen(field: &Field) -> Problem {
    Problem::error(field.path.clone(), "No type is chosen.").with_fix("Choose one of the types.")
}

/// The entry of a value with parts that is not written in its controls but as one text, in YAML: in links.
pub fn entry_of_text(field: &Field, text: &str, is_null: bool) -> Entry {
    let FieldKind::Union { branches } = &field.kind else { return Entry { text: text.to_owned(), is_null } };
    let yaml = branches.len() - 1;
    if let Ok(value) = form_to_value(&branches[yaml], text) {
        return Entry { is_null, ..field.entry(Some(&value)) };
    }
    let mut parts: Vec<Part> = branches.iter().map(|branch| Part { is_given: false, ..fresh(branch) }).collect();
    parts[yaml].text = text.to_owned();
    Entry { text: Parts { chosen: Some(yaml), parts }.write(), is_null }
}

/// Does in the posted entries what a button of a list says, `remove:PATH.3`; says whether there is such a list.
pub fn posted_action(fields: &[Field], entries: &mut [(ValuePath, Entry)], action: &str) -> bool {
    let Some((name, path)) = action.split_once(':') else { return false };
    let (Some(action), path) = (CardAction::ALL.into_iter().find(|action| action.name() == name), ValuePath::from(path)) else {
        return false;
    };
    let Some(field) = fields.iter().find(|field| field.kind.has_parts() && path.starts_with(&field.path)) else { return false };
    let Some((_, entry)) = entries.iter_mut().find(|(own, _)| *own == field.path) else { return false };
    match acted(field, &path.segments()[field.path.segments().len()..], &entry.text, action) {
        Some(text) => {
            entry.text = text;
            true
        }
        None => false,
    }
}

/// The text of a field after an action at a place in it.
fn acted(field: &Field, place: &[String], text: &str, action: CardAction) -> Option<String> {
    let mut parts = Parts::read(text)?;
    let (own, position, rest) = match &field.kind {
        FieldKind::Cards { item } => {
            let position = place.first().map(|first| first.parse::<usize>()).transpose().ok()?;
            match (position, place) {
                (None, _) | (_, [_]) => {
                    parts.act(action, position.unwrap_or_default(), &fresh(item))?;
                    return Some(parts.write());
                }
                (Some(position), [_, rest @ ..]) => (&**item, position, rest),
                (Some(_), []) => return None,
            }
        }
        FieldKind::Union { branches } => {
            let (first, rest) = place.split_first()?;
            let position = first.strip_prefix(super::inputs::BRANCH)?.parse::<usize>().ok()?;
            (branches.get(position)?, position, rest)
        }
        FieldKind::Model { fields } => {
            let position = fields.iter().position(|field| place.starts_with(field.path.segments()))?;
            (&fields[position], position, &place[fields[position].path.segments().len()..])
        }
        _ => return None,
    };
    let part = parts.parts.get_mut(position)?;
    part.text = acted(own, rest, &part.text, action)?;
    Some(parts.write())
}

#[cfg(test)]
mod tests;
