//! A form view as it is typed: every field of it as text, with what cannot be read of it told at its control.

use serde_json::{Number, Value};

use crate::{
    run_configuration::{
        form::{Field, FieldKind, form_to_value, option_to_form, value_to_form},
        form_view::{FormView, ViewField},
        value_path::ValuePath,
    },
    server::pages::launches::Posted,
};

/// What stands in the controls of one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypedField {
    pub path: ValuePath,
    pub label: String,
    pub help: String,
    /// Empty: the snapshot's value.
    pub value: String,
    pub locked: bool,
    pub minimum: String,
    pub maximum: String,
    /// One a line; of checkboxes those that are ticked.
    pub allowed: Vec<String>,
    pub max_length: String,
    pub multiline: bool,
}

/// The whole editor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed {
    pub intro: String,
    pub fields: Vec<TypedField>,
}

/// What is wrong with a control: its name, and the message.
pub type Refusal = (String, String);

/// The name of a control of the field at a position.
pub fn name(position: usize, part: &str) -> String {
    format!("fields.{position}.{part}")
}

impl Typed {
    /// The editor of a view; `all` are the fields of its snapshot.
    pub fn of(view: &FormView, all: &[Field]) -> Self {
        let typed = |own: &ViewField| TypedField::of(own, find(all, &own.path));
        Self { intro: view.intro.clone(), fields: view.fields.iter().map(typed).collect() }
    }

    /// What was sent.
    pub fn posted(posted: &Posted) -> Self {
        let count = posted.value("count").parse::<usize>().unwrap_or_default().min(crate::run_configuration::form_view::MAX_FIELDS + 1);
        let field = |position: usize| {
            let text = |part: &str| posted.text(&name(position, part));
            let line = |part: &str| text(part).trim().to_owned();
            let ticked = |part: &str| !posted.value(&name(position, part)).is_empty();
            let allowed = name(position, "allowed");
            let sent = posted.pairs.iter().filter(|(key, _)| *key == allowed).map(|(_, value)| value.as_str());
            TypedField {
                path: ValuePath::from(posted.value(&name(position, "path"))),
                label: line("label"),
                help: text("help").trim_end().to_owned(),
                value: text("value"),
                locked: ticked("locked"),
                minimum: line("minimum"),
                maximum: line("maximum"),
                allowed: sent.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
                max_length: line("max_length"),
                multiline: ticked("multiline"),
            }
        };
        Self { intro: posted.text("intro").trim_end().to_owned(), fields: (0..count).map(field).collect() }
    }

    /// The view that this is, with what cannot be read left out of it and told.
    pub fn read(&self, all: &[Field]) -> (FormView, Vec<Refusal>) {
        let mut refusals = Vec::new();
        let mut fields = Vec::new();
        for (position, typed) in self.fields.iter().enumerate() {
            let mut refuse = |part: &str, message: String| refusals.push((name(position, part), message));
            fields.push(typed.read(find(all, &typed.path), &mut refuse));
        }
        (FormView { intro: self.intro.clone(), fields }, refusals)
    }

    /// Adds fields that the editor has not yet, each with a label of its own.
    pub fn add<'a>(&mut self, paths: impl Iterator<Item = &'a str>, all: &[Field]) {
        for path in paths.map(ValuePath::from) {
            if self.fields.iter().any(|typed| typed.path == path) {
                continue;
            }
            let Some(field) = find(all, &path) else { continue };
            let own = self.read(all).0.offer(field, all);
            self.fields.push(TypedField::of(&own, Some(field)));
        }
    }

    /// Moves a field one place up or down; gives its place.
    pub fn shift(&mut self, position: usize, down: bool) -> usize {
        let other = if down { position + 1 } else { position.wrapping_sub(1) };
        if position < self.fields.len() && other < self.fields.len() {
            self.fields.swap(position, other);
            return other;
        }
        position
    }
}

fn find<'a>(all: &'a [Field], path: &ValuePath) -> Option<&'a Field> {
    all.iter().find(|field| field.path == *path)
}

impl TypedField {
    fn of(own: &ViewField, field: Option<&Field>) -> Self {
        let number = |limit: &Option<Number>| limit.as_ref().map(Number::to_string).unwrap_or_default();
        Self {
            path: own.path.clone(),
            label: own.label.clone(),
            help: own.help.clone(),
            value: own.value.as_ref().map(|value| value_as_typed(field, value)).unwrap_or_default(),
            locked: own.locked,
            minimum: number(&own.minimum),
            maximum: number(&own.maximum),
            allowed: match (&own.allowed, field.and_then(options)) {
                (Some(allowed), _) => allowed.iter().map(|value| item_as_typed(field, value)).collect(),
                // Everything is ticked that is not left out.
                (None, Some(options)) => options.iter().map(|option| option_to_form(&options, option)).collect(),
                (None, None) => Vec::new(),
            },
            max_length: own.max_length.map(|most| most.to_string()).unwrap_or_default(),
            multiline: own.multiline,
        }
    }

    fn read(&self, field: Option<&Field>, refuse: &mut impl FnMut(&str, String)) -> ViewField {
        let mut number = |part: &str, text: &str| {
            let read = serde_json::from_str::<Number>(text).ok();
            if read.is_none() && !text.is_empty() {
                refuse(part, "Write a number, for example 10 or 0.5.".to_owned());
            }
            read
        };
        let (minimum, maximum) = (number("minimum", &self.minimum), number("maximum", &self.maximum));
        let max_length = self.max_length.parse().ok();
        if max_length.is_none() && !self.max_length.is_empty() {
            refuse("max_length", "Write a whole number, for example 200.".to_owned());
        }
        let value = typed_value(field, &self.value).unwrap_or_else(|message| {
            refuse("value", message);
            None
        });
        let allowed = self.read_allowed(field).unwrap_or_else(|message| {
            refuse("allowed", message);
            None
        });
        ViewField {
            path: self.path.clone(),
            label: self.label.clone(),
            help: self.help.clone(),
            value,
            locked: self.locked,
            minimum,
            maximum,
            allowed,
            max_length,
            multiline: self.multiline,
        }
    }

    fn read_allowed(&self, field: Option<&Field>) -> Result<Option<Vec<Value>>, String> {
        if let Some(options) = field.and_then(options) {
            let chosen: Vec<Value> =
                options.iter().filter(|option| self.allowed.contains(&option_to_form(&options, option))).cloned().collect();
            return Ok((chosen.len() < options.len()).then_some(chosen));
        }
        let read = self.allowed.iter().map(|line| item(field, line)).collect::<Result<Vec<_>, _>>()?;
        Ok((!read.is_empty()).then_some(read))
    }
}

/// What a field has to choose from.
pub fn options(field: &Field) -> Option<Vec<Value>> {
    match &field.kind {
        FieldKind::Choice { options } | FieldKind::Choices { options } => {
            let null = field.nullable.then_some(Value::Null).filter(|_| matches!(field.kind, FieldKind::Choice { .. }));
            Some(options.iter().cloned().chain(null).collect())
        }
        FieldKind::Boolean => Some(vec![Value::Bool(true), Value::Bool(false)]),
        _ => None,
    }
}

/// The field with a control that holds its value as text of its own: rows of a mapping and values with parts are written as YAML.
fn as_text(field: &Field) -> Field {
    let kind = if matches!(field.kind, FieldKind::Rows { .. }) || field.kind.has_parts() { FieldKind::Yaml } else { field.kind.clone() };
    Field { kind, ..field.clone() }
}

/// A value as it is typed here. An empty control means the snapshot's value, so that an empty text is `""`, and null is `null`.
fn value_as_typed(field: Option<&Field>, value: &Value) -> String {
    match (field, value) {
        (Some(field), Value::String(text)) if is_text(field) && needs_quotes(field, text) => value.to_string(),
        (Some(field), value) if !value.is_null() => value_to_form(&as_text(field), value),
        _ => value.to_string(),
    }
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text | FieldKind::MultilineText)
}

fn needs_quotes(field: &Field, text: &str) -> bool {
    text.trim().is_empty() || text.starts_with('"') || field.nullable && text == "null"
}

fn typed_value(field: Option<&Field>, text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    // The snapshot has no such value: what it is cannot be told here.
    let Some(field) = field else { return Ok(Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))) };
    if field.nullable && text.trim() == "null" {
        return Ok(Some(Value::Null));
    }
    if is_text(field)
        && text.starts_with('"')
        && let Ok(Value::String(quoted)) = serde_json::from_str(text.trim())
    {
        return Ok(Some(Value::String(quoted)));
    }
    form_to_value(&as_text(field), text).map(Some).map_err(|problem| problem.message)
}

fn item_as_typed(field: Option<&Field>, value: &Value) -> String {
    match field.and_then(options) {
        Some(options) => option_to_form(&options, value),
        None => value_as_typed(field, value),
    }
}

fn item(field: Option<&Field>, line: &str) -> Result<Value, String> {
    typed_value(field, line).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::{
        form::all_fields,
        snapshot::{Snapshot, Step},
    };

    fn all() -> Vec<Field> {
        let parameters = json!({"parameters": {"lr": 0.1, "kind": "a", "note": null, "weights": {"a": 1}, "on": true, "prompt": "p"}});
        let properties = json!({"lr": {"type": "number"}, "kind": {"enum": ["a", "b"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "on": {"type": "boolean"}, "prompt": {"type": "string"},
            "weights": {"type": "object", "additionalProperties": {"type": "integer"}}});
        let spec = json!({"parameter_spec": {"properties": properties}});
        let step = Step { name: "s".to_owned(), spec, config: parameters.clone(), overrides: parameters };
        all_fields(&Snapshot { steps: vec![step], run_name_template: "r".to_owned(), ..Snapshot::default() })
    }

    #[test]
    fn what_is_typed_is_the_view_that_it_was_made_of() {
        let path = |name: &str| format!("steps.s.parameters.{name}");
        let view: FormView = serde_json::from_value(json!({"intro": "Hello.", "fields": [
            {"path": path("lr"), "label": "Rate", "minimum": 0.01, "maximum": 1, "value": 0.5, "allowed": [0.5, 1]},
            {"path": path("kind"), "allowed": ["b"], "value": "b"},
            {"path": path("note"), "value": null}, {"path": path("weights"), "value": {"a": 2, "b": 3}, "locked": true},
            {"path": path("on"), "value": false}, {"path": path("prompt"), "value": "", "max_length": 20, "multiline": true, "help": "a\n\nb"},
            {"path": "run_name", "value": "\"quoted\""}, {"path": "gone.from.here", "value": [1, "x"]},
        ]}))
        .expect("a view");
        let typed = Typed::of(&view, &all());
        assert_eq!(typed.read(&all()), (view, Vec::new()));
        assert_eq!((typed.fields[1].allowed.as_slice(), typed.fields[5].value.as_str()), (&["b".to_owned()][..], "\"\""));
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_control() {
        let field = |change: fn(&mut TypedField)| {
            let mut typed = TypedField { path: ValuePath::from("steps.s.parameters.lr"), ..TypedField::default() };
            change(&mut typed);
            Typed { intro: String::new(), fields: vec![typed] }.read(&all()).1
        };
        let mistakes: [fn(&mut TypedField); 4] = [
            |typed| typed.minimum = "low".to_owned(),
            |typed| typed.max_length = "-1".to_owned(),
            |typed| typed.value = "fast".to_owned(),
            |typed| typed.allowed = vec!["0.5".to_owned(), "x".to_owned()],
        ];
        let told = mistakes.map(|change| field(change).into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        assert_eq!(told, ["minimum", "max_length", "value", "allowed"].map(|control| vec![format!("fields.0.{control}")]));
    }

    #[test]
    fn fields_are_added_once_and_moved() {
        let mut typed = Typed::default();
        typed.add(["steps.s.parameters.lr", "run_name", "steps.s.parameters.lr", "nothing"].into_iter(), &all());
        assert_eq!((typed.shift(1, false), typed.shift(0, false), typed.shift(1, true)), (0, 0, 1));
        let paths: Vec<String> = typed.fields.iter().map(|typed| typed.path.to_string()).collect();
        assert_eq!(paths, ["run_name", "steps.s.parameters.lr"]);
    }
}
