//! What is wrong with a view, before it is kept. Paths are those of the view's own document: `fields.2.minimum`.

use serde_json::{Map, Number, Value};

use super::{
    FormView, ViewField,
    enforce::outside,
    narrow::{self, Limit},
};
use crate::run_configuration::{
    edit,
    form::{Field, all_fields},
    problem::Problem,
    snapshot::Snapshot,
    suggestion::closest,
    validate::validate,
    value_path::ValuePath,
};

/// Most fields of a view.
pub const MAX_FIELDS: usize = 500;
/// Most characters of a label.
const MAX_LABEL: usize = 200;
/// Most characters of a help text or of the text above the fields.
const MAX_TEXT: usize = 10_000;

/// Everything that is wrong with a view of a snapshot. That the snapshot has no value at a path is a warning: the view may be
/// meant for another version of it.
pub fn check(snapshot: &Snapshot, view: &FormView) -> Vec<Problem> {
    let snapshot = &Snapshot { form: None, ..snapshot.clone() };
    let all = all_fields(snapshot);
    let mut pass = Pass { snapshot, all: &all, problems: Vec::new() };
    if view.fields.len() > MAX_FIELDS {
        pass.problems.push(Problem::error(ValuePath::of(["fields"]), format!("A form view may have {MAX_FIELDS} fields.")));
        return pass.problems;
    }
    pass.text(&view.intro, MAX_TEXT, &ValuePath::of(["intro"]));
    for (position, own) in view.fields.iter().enumerate() {
        let (place, before) = (ValuePath::of(["fields".to_owned(), position.to_string()]), &view.fields[..position]);
        if before.iter().any(|other| other.path == own.path) {
            let problem = Problem::error(place.child("path"), "This value is in the form twice.");
            pass.problems.push(problem.with_fix("Remove one of the two."));
            continue;
        }
        pass.text(&own.label, MAX_LABEL, &place.child("label"));
        pass.text(&own.help, MAX_TEXT, &place.child("help"));
        let name = |own: &ViewField| Some(narrow::label(pass.all.iter().find(|field| field.path == own.path)?, own).to_lowercase());
        let mine = name(own);
        if mine.is_some() && before.iter().any(|other| name(other) == mine) {
            let problem = Problem::error(place.child("label"), "Another field of the form is called the same.");
            pass.problems.push(problem.with_fix("Give this one a label of its own."));
        }
        match pass.all.iter().find(|field| field.path == own.path) {
            Some(field) => pass.field(field, own, &place),
            None => pass.unknown(own, &place),
        }
    }
    pass.problems
}

/// One look through a view.
struct Pass<'a> {
    snapshot: &'a Snapshot,
    all: &'a [Field],
    problems: Vec<Problem>,
}

impl Pass<'_> {
    fn error(&mut self, place: &ValuePath, part: &str, message: impl Into<String>) {
        self.problems.push(Problem::error(place.child(part), message));
    }

    fn text(&mut self, text: &str, limit: usize, place: &ValuePath) {
        if text.chars().count() > limit {
            self.problems.push(Problem::error(place.clone(), format!("This may have {limit} characters.")));
        }
    }

    fn unknown(&mut self, own: &ViewField, place: &ValuePath) {
        let problem = Problem::warning(place.child("path"), format!("The snapshot has no value `{}`; the form leaves it out.", own.path));
        let paths: Vec<String> = self.all.iter().map(|field| field.path.to_string()).collect();
        let near = closest(&own.path.to_string(), paths.iter().map(String::as_str)).map(|near| format!("Did you mean `{near}`?"));
        self.problems.push(Problem { fix: near, ..problem });
    }

    fn field(&mut self, field: &Field, own: &ViewField, place: &ValuePath) {
        let before = self.problems.len();
        self.range(field, own, place);
        if own.max_length.is_some() && !narrow::takes_limit(field, Limit::Length) {
            self.error(place, "max_length", "Only texts have a greatest length.");
        } else if let Some(most) = own.max_length.filter(|most| !self.takes_length(field, *most)) {
            self.error(place, "max_length", format!("The snapshot takes no text of {most} characters here, so this limit would not hold."));
        }
        if own.multiline && !narrow::takes_limit(field, Limit::Multiline) {
            self.error(place, "multiline", "Only texts have lines.");
        }
        self.allowed(field, own, place);
        let is_limited_well = self.problems.len() == before;
        self.value(field, own, place, is_limited_well);
    }

    fn range(&mut self, field: &Field, own: &ViewField, place: &ValuePath) {
        let limits = [("minimum", &own.minimum), ("maximum", &own.maximum)];
        for (part, limit) in limits {
            let Some(limit) = limit else { continue };
            if !narrow::takes_limit(field, Limit::Range) {
                self.error(place, part, "Only numbers have a least and a greatest value.");
            } else if let Some(message) = self.refusal(field, &Value::Number(limit.clone())) {
                self.error(place, part, format!("The snapshot does not take this value itself: {message}"));
            }
        }
        let number = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_f64);
        if let (Some(least), Some(most)) = (number(&own.minimum), number(&own.maximum))
            && least > most
        {
            self.error(place, "maximum", "The greatest value is below the least one.");
        }
    }

    fn allowed(&mut self, field: &Field, own: &ViewField, place: &ValuePath) {
        let Some(allowed) = &own.allowed else { return };
        if !narrow::takes_limit(field, Limit::Allowed) {
            return self.error(place, "allowed", "This kind of value cannot be limited to a few.");
        }
        if allowed.is_empty() {
            return self.error(place, "allowed", "Name at least one value, or none at all for no limit.");
        }
        let is_list = matches!(field.kind, crate::run_configuration::form::FieldKind::Choices { .. });
        let others = ViewField { allowed: None, ..own.clone() };
        for value in allowed {
            let whole = if is_list { Value::Array(vec![value.clone()]) } else { value.clone() };
            let message = self.refusal(field, &whole).or_else(|| first(outside(field, &others, &whole)));
            if let Some(message) = message {
                self.error(place, "allowed", format!("`{value}` is not a value of this field: {message}"));
            }
        }
    }

    /// The value that a field starts with must be one that may be sent.
    fn value(&mut self, field: &Field, own: &ViewField, place: &ValuePath, is_limited_well: bool) {
        match (&own.value, &field.current) {
            // A launch has the ids of secrets, and a name may come to mean another one.
            (Some(_), _) if field.path.last() == Some("secrets") && !field.is_parameter() => {
                self.error(place, "value", "A form cannot start with secrets of its own. Leave this empty: it has those of the snapshot.");
            }
            (Some(value), _) => {
                let within = || first(outside(field, own, value)).filter(|_| is_limited_well);
                if let Some(message) = self.refusal(field, value).or_else(within) {
                    self.error(place, "value", message);
                }
            }
            (None, Some(current)) if !own.locked && is_limited_well => {
                if let Some(message) = first(outside(field, own, current)) {
                    let message = format!("The form starts with the snapshot's value, which is outside of these limits. {message}");
                    let problem = Problem::error(place.child("value"), message);
                    self.problems.push(problem.with_fix("Give another value to start with, or other limits."));
                }
            }
            (None, None) if own.locked && field.required => {
                self.error(place, "value", "The snapshot has no value here: a field that is locked needs one.");
            }
            _ => {}
        }
    }

    fn takes_length(&self, field: &Field, most: u64) -> bool {
        // A text of any length tells: what has no limit takes all of them.
        let text = "x".repeat(usize::try_from(most).unwrap_or(usize::MAX).min(100_000));
        self.refusal(field, &Value::String(text)).is_none()
    }

    /// Why the snapshot does not take a value.
    fn refusal(&self, field: &Field, value: &Value) -> Option<String> {
        let mut configuration = Value::Object(Map::new());
        edit::put(&mut configuration, field.path.segments(), value.clone());
        let configuration = configuration.as_object().cloned().unwrap_or_default();
        let is_of_it = |path: &ValuePath| path.starts_with(&field.path) || field.path.starts_with(path);
        let problems = validate(self.snapshot, &configuration, std::slice::from_ref(&field.path));
        first(problems.into_iter().filter(|problem| is_of_it(&problem.path)).collect())
    }
}

/// The first error in words.
fn first(problems: Vec<Problem>) -> Option<String> {
    let problem = problems.into_iter().find(Problem::is_error)?;
    Some(match problem.fix {
        Some(fix) => format!("{} {fix}", problem.message),
        None => problem.message,
    })
}
