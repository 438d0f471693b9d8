//! Checking values against the JSON Schemas that pydantic writes.
//!
//! A value is refused when pydantic would refuse it in its usual (lax) mode, and accepted when pydantic converts it: `"3"` for an integer,
//! `1` for true. Regular expressions (`pattern`) are left to the run; `format` gives hints only.

mod describe;
mod scalars;

use serde_json::{Map, Value};

pub use describe::{describe_schema, describe_value};

use super::{
    problem::{Problem, has_errors},
    secret_reference::SecretReference,
    suggestion::closest,
    value_path::ValuePath,
};

/// Nested references and values deeper than this are not checked; no real schema comes near.
const MAX_DEPTH: usize = 96;

/// A schema document, within which `$ref`s are resolved.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// The document that `#/…` references start from.
    pub root: &'a Value,
    /// Whether a text like `{{ secret.key }}` may stand for any value, as it may in settings of stack components.
    pub secret_references: bool,
    /// Whether an unknown key that is near a known one is an error where pydantic would ignore it.
    pub near_misses_are_errors: bool,
}

/// The outcome of a check: the value as pydantic would hold it, and everything there is to say.
#[derive(Debug)]
pub struct Checked {
    /// The value, converted where the schema asks for another type that it can be read as.
    pub value: Value,
    /// Errors and warnings, with paths from the root of the run configuration.
    pub problems: Vec<Problem>,
}

impl Checked {
    fn fine(value: Value) -> Self {
        Self { value, problems: Vec::new() }
    }

    fn wrong(value: &Value, problem: Problem) -> Self {
        Self { value: value.clone(), problems: vec![problem] }
    }

    fn has_errors(&self) -> bool {
        has_errors(&self.problems)
    }
}

impl<'a> Schema<'a> {
    /// A schema document in which secret references are ordinary text and unknown keys at most warnings.
    pub fn new(root: &'a Value) -> Self {
        Self { root, secret_references: false, near_misses_are_errors: false }
    }

    /// Checks a value, found at `path`, against one schema of the document.
    pub fn check(&self, value: &Value, schema: &Value, path: &ValuePath) -> Checked {
        self.check_at(value, schema, path, 0)
    }

    /// The schema that a reference leads to; anything else is returned as it is.
    pub fn resolve<'schema>(&self, schema: &'schema Value) -> &'schema Value
    where
        'a: 'schema,
    {
        let mut resolved = schema;
        for _ in 0..MAX_DEPTH {
            let Some(target) =
                resolved.get("$ref").and_then(Value::as_str).and_then(|reference| self.root.pointer(reference.strip_prefix('#')?))
            else {
                break;
            };
            resolved = target;
        }
        resolved
    }

    fn check_at(&self, value: &Value, schema: &Value, path: &ValuePath, depth: usize) -> Checked {
        let schema = self.resolve(schema);
        let Some(keywords) = schema.as_object().filter(|_| depth < MAX_DEPTH && !self.is_secret_reference(value)) else {
            return Checked::fine(value.clone());
        };
        if let Some(branches) = keywords.get("anyOf").or(keywords.get("oneOf")).and_then(Value::as_array) {
            return self.check_branches(value, branches, keywords, path, depth + 1);
        }
        let mut checked = Checked::fine(value.clone());
        for part in keywords.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let part = self.check_at(&checked.value, part, path, depth + 1);
            checked.value = part.value;
            checked.problems.extend(part.problems);
        }
        if checked.has_errors() {
            return checked;
        }
        let own = self.check_type(&checked.value, keywords, path, depth);
        checked.problems.extend(own.problems);
        Checked { value: own.value, ..checked }
    }

    fn is_secret_reference(&self, value: &Value) -> bool {
        self.secret_references && value.as_str().is_some_and(|text| SecretReference::parse(text).is_some())
    }

    fn check_type(&self, value: &Value, keywords: &Map<String, Value>, path: &ValuePath, depth: usize) -> Checked {
        if keywords.contains_key("enum") || keywords.contains_key("const") {
            return scalars::check_choice(value, keywords, path);
        }
        match keywords.get("type").and_then(Value::as_str) {
            Some("object") => self.check_object(value, keywords, path, depth),
            Some("array") => self.check_array(value, keywords, path, depth),
            Some(name) => scalars::check_scalar(value, name, keywords, path),
            None if keywords.contains_key("properties") => self.check_object(value, keywords, path, depth),
            None => Checked::fine(value.clone()),
        }
    }

    /// Any of several schemas: the first that takes the value as it is, else the first that can convert it.
    fn check_branches(&self, value: &Value, branches: &[Value], keywords: &Map<String, Value>, path: &ValuePath, depth: usize) -> Checked {
        if let Some(branch) = self.discriminated(value, keywords) {
            return self.check_at(value, branch, path, depth);
        }
        let mut outcomes: Vec<Checked> = branches.iter().map(|branch| self.check_at(value, branch, path, depth)).collect();
        let fitting = outcomes
            .iter()
            .position(|outcome| outcome.problems.is_empty() && outcome.value == *value)
            .or_else(|| outcomes.iter().position(|outcome| outcome.problems.is_empty()))
            .or_else(|| outcomes.iter().position(|outcome| !outcome.has_errors()));
        if let Some(position) = fitting {
            return outcomes.swap_remove(position);
        }
        let is_near = |branch: &Value| {
            let branch = self.resolve(branch);
            let name = branch.get("type").and_then(Value::as_str);
            match value {
                Value::Object(_) => name == Some("object"),
                Value::Array(_) => name == Some("array"),
                _ => !matches!(name, Some("null" | "object" | "array")),
            }
        };
        let near: Vec<usize> = (0..branches.len()).filter(|position| is_near(&branches[*position])).collect();
        if let [position] = near[..] {
            return outcomes.swap_remove(position);
        }
        let choices = describe_schema(self, &Value::Object(keywords.clone()));
        Checked::wrong(value, Problem::error(path.clone(), format!("Expects {choices}, not {}.", describe_value(value))))
    }

    /// The branch that the discriminator property of a tagged union selects.
    fn discriminated(&self, value: &Value, keywords: &'a Map<String, Value>) -> Option<&'a Value>
    where
        Self: 'a,
    {
        let discriminator = keywords.get("discriminator")?;
        let tag = value.get(discriminator.get("propertyName")?.as_str()?)?.as_str()?;
        let reference = discriminator.get("mapping")?.get(tag)?.as_str()?;
        self.root.pointer(reference.strip_prefix('#')?)
    }

    fn check_object(&self, value: &Value, keywords: &Map<String, Value>, path: &ValuePath, depth: usize) -> Checked {
        let Value::Object(map) = value else { return scalars::wrong_type(value, "a mapping", path) };
        let none = Map::new();
        let properties = keywords.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let additional = keywords.get("additionalProperties");
        let mut converted = Map::new();
        let mut problems = Vec::new();
        for (key, value) in map {
            let below = path.child(key);
            let checked = match (properties.get(key), additional) {
                (Some(property), _) => self.check_at(value, property, &below, depth + 1),
                (None, Some(schema @ Value::Object(_))) => self.check_at(value, schema, &below, depth + 1),
                (None, Some(Value::Bool(true))) if properties.is_empty() => Checked::fine(value.clone()),
                (None, additional) => {
                    let is_free = keywords.get("properties").is_none() && additional != Some(&Value::Bool(false));
                    let problem = (!is_free).then(|| self.unknown_property(key, properties, additional, &below));
                    Checked { value: value.clone(), problems: problem.into_iter().collect() }
                }
            };
            converted.insert(key.clone(), checked.value);
            problems.extend(checked.problems);
        }
        for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(name) {
                problems.push(Problem::error(path.clone(), format!("`{name}` is missing.")).with_fix(format!("Add `{name}`.")));
            }
        }
        problems.extend(scalars::check_length(map.len(), "entries", ["minProperties", "maxProperties"], keywords, path));
        Checked { value: Value::Object(converted), problems }
    }

    fn check_array(&self, value: &Value, keywords: &Map<String, Value>, path: &ValuePath, depth: usize) -> Checked {
        let Value::Array(items) = value else {
            return scalars::wrong_type(value, &describe_schema(self, &Value::Object(keywords.clone())), path);
        };
        let prefix = keywords.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut converted = Vec::new();
        let mut problems = Vec::new();
        for (position, item) in items.iter().enumerate() {
            let schema = prefix.get(position).or(keywords.get("items")).unwrap_or(&Value::Null);
            let checked = self.check_at(item, schema, &path.child(position.to_string()), depth + 1);
            converted.push(checked.value);
            problems.extend(checked.problems);
        }
        problems.extend(scalars::check_length(items.len(), "items", ["minItems", "maxItems"], keywords, path));
        Checked { value: Value::Array(converted), problems }
    }

    /// An unknown key: refused where the schema forbids it, else kept with a warning, because it is usually ignored or a mistake.
    fn unknown_property(&self, key: &str, properties: &Map<String, Value>, additional: Option<&Value>, path: &ValuePath) -> Problem {
        let near = closest(key, properties.keys().map(String::as_str));
        let fix = near.map(|candidate| format!("Did you mean `{candidate}`?"));
        let problem = match additional {
            Some(Value::Bool(false)) => Problem::error(path.clone(), "There is no key of this name."),
            Some(Value::Bool(true)) => Problem::warning(path.clone(), "This key is not one of those that are defined here."),
            _ if self.near_misses_are_errors && near.is_some() => Problem::error(path.clone(), "There is no key of this name."),
            _ => Problem::warning(path.clone(), "This key is not known and is ignored."),
        };
        Problem { fix, ..problem }
    }
}

#[cfg(test)]
mod tests;
