//! Form, text and payload are one truth: properties over the parameter schemas that the real client makes of Python types.
//!
//! The schemas and their values are in `tests/fixtures/parameter_schemas.json`, which names the command that makes it; more values are made
//! from each schema, by a generator with a fixed seed.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::*;
use crate::run_configuration::{
    derive::derive,
    document, edit,
    json_schema::Schema,
    problem::has_errors,
    review::review,
    snapshot::{Snapshot, Step},
};

/// Made values for each schema.
const MADE: usize = 40;

/// A Python type as the parameter `x` of the step `s`.
struct Case {
    name: String,
    schema: Value,
    /// The first is the snapshot's.
    values: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/fixtures/parameter_schemas.json")).unwrap();
    let case = |case: Value| Case {
        name: case["type"].as_str().unwrap().to_owned(),
        schema: case["schema"].clone(),
        values: case["values"].as_array().unwrap().clone(),
    };
    let mut cases: Vec<Case> = cases.into_iter().map(case).collect();
    assert!(cases.len() >= 50);
    let mut rng = Rng::with_seed(98);
    for Case { name, schema, values } in &mut cases {
        let checker = Schema::new(schema);
        let property = &schema["properties"]["x"];
        let fits = |value: &Value| !has_errors(&checker.check(value, property, &ValuePath::root()).problems);
        for value in &*values {
            assert!(fits(value), "{name} refuses {value}, which pydantic made: {:?}", checker.check(value, property, &ValuePath::root()));
        }
        let made: Vec<Value> = (0..MADE).map(|_| made_value(&mut rng, &checker, property, 0)).filter(fits).collect();
        values.extend(made);
    }
    cases
}

impl Case {
    fn snapshot(&self) -> Snapshot {
        let parameters = json!({"parameters": {"x": self.values[0], "other": 1}});
        let step =
            Step { name: "s".to_owned(), spec: json!({"parameter_spec": self.schema}), config: parameters.clone(), overrides: parameters };
        Snapshot { steps: vec![step], run_name_template: "r".to_owned(), ..Snapshot::default() }
    }

    fn dynamic_snapshot(&self) -> Snapshot {
        Snapshot {
            is_dynamic: true,
            run_name_template: "r".to_owned(),
            pipeline_configuration: json!({"parameters": {"x": self.values[0]}}).as_object().cloned().unwrap(),
            pipeline_parameter_schema: Some(self.schema.clone()),
            ..Snapshot::default()
        }
    }
}

const TEXTS: [&str; 24] = [
    "",
    " ",
    "a",
    "a b",
    "null",
    "~",
    "true",
    "yes",
    "012",
    "1:30",
    "1e3",
    "0x1f",
    ".inf",
    "a: b",
    "# a",
    "- a",
    "a\nb",
    "\n",
    " a",
    "'",
    "\"\\",
    "ü😀",
    "{a}",
    "2026-01-31",
];

/// A value that fits a schema, mostly.
fn made_value(rng: &mut Rng, checker: &Schema, schema: &Value, depth: usize) -> Value {
    let schema = checker.resolve(schema);
    if let Some(branches) = schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array) {
        let branch = rng.usize(..branches.len());
        return made_value(rng, checker, &branches[branch], depth);
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options[rng.usize(..options.len())].clone();
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("null") => Value::Null,
        Some("boolean") => json!(rng.bool()),
        Some("integer") => [json!(rng.i64(..)), json!(rng.i64(-20..20))][rng.usize(..2)].clone(),
        Some("number") => [json!(f64::from_bits(rng.u64(..))), json!(rng.f64()), json!(rng.i8(..))][rng.usize(..3)].clone(),
        Some("string") => made_text(rng, schema),
        Some("array") => {
            let item = |rng: &mut Rng, schema: Option<&Value>| made_value(rng, checker, schema.unwrap_or(&Value::Null), depth + 1);
            if let Some(parts) = schema.get("prefixItems").and_then(Value::as_array) {
                return parts.iter().map(|part| item(rng, Some(part))).collect();
            }
            let length = if depth > 3 { 0 } else { rng.usize(..4) };
            (0..length).map(|_| item(rng, schema.get("items"))).collect()
        }
        Some("object") => made_object(rng, checker, schema, depth),
        _ => match rng.u8(..if depth > 2 { 4 } else { 6 }) {
            0 => Value::Null,
            1 => json!(rng.bool()),
            2 => json!(rng.i64(..)),
            3 => json!(TEXTS[rng.usize(..TEXTS.len())]),
            4 => made_value(rng, checker, &json!({"type": "array"}), depth + 1),
            _ => made_value(rng, checker, &json!({"type": "object", "additionalProperties": {}}), depth + 1),
        },
    }
}

fn made_text(rng: &mut Rng, schema: &Value) -> Value {
    let plain = TEXTS[rng.usize(..TEXTS.len())];
    json!(match schema.get("format").and_then(Value::as_str) {
        Some("date") => "2024-02-29",
        Some("date-time") => ["2024-02-29T23:59:59.123456+02:00", "2024-02-29 12:00"][rng.usize(..2)],
        Some("time") => "23:59:59.5",
        Some("duration") => "P1DT2H",
        Some("uuid") => "71694ac4-0c82-43dd-8742-51a85cd1c098",
        _ => plain,
    })
}

fn made_object(rng: &mut Rng, checker: &Schema, schema: &Value, depth: usize) -> Value {
    let mut made = Map::new();
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if required.contains(&name.as_str()) || rng.bool() && depth < 5 {
            made.insert(name.clone(), made_value(rng, checker, property, depth + 1));
        }
    }
    if let Some(additional) = schema.get("additionalProperties").filter(|additional| additional.is_object()) {
        for _ in 0..rng.usize(..3) {
            made.insert(TEXTS[rng.usize(..TEXTS.len())].to_owned(), made_value(rng, checker, additional, depth + 1));
        }
    }
    Value::Object(made)
}

/// The fields of `x` and those beside it; the folded ones have no schemas of Python types and tests of their own.
fn fields(snapshot: &Snapshot) -> Vec<Field> {
    super::fields(snapshot).into_iter().filter(|field| field.section().heading().is_none()).collect()
}

/// What a page shows of a text, for all fields.
fn shown(all: &[Field], text: &str) -> Vec<(ValuePath, Entry)> {
    let configuration = review_of(text);
    all.iter().map(|field| (field.path.clone(), field.entry(field.path.get(&configuration)))).collect()
}

fn review_of(text: &str) -> Map<String, Value> {
    document::read(text).unwrap().value.as_object().cloned().unwrap_or_default()
}

const BEFORE: &str = "# of a team\nrun_name: 'n'   # kept\nsteps:\n  # the only one\n  s:\n    parameters:\n      other: 0x10 # as typed\nenable_cache: False\n";

#[test]
fn untouched_values_are_never_sent() {
    for case in cases() {
        for snapshot in [case.snapshot(), case.dynamic_snapshot()] {
            let all = fields(&snapshot);
            assert_eq!(read_entries(&all, &shown(&all, "")), (Map::new(), Vec::new()), "{}", case.name);
        }
    }
}

#[test]
fn what_the_form_shows_of_a_text_changes_nothing_in_it() {
    for case in cases() {
        let (snapshot, path) = (case.snapshot(), ValuePath::of(["steps", "s", "parameters", "x"]));
        let all = fields(&snapshot);
        for value in &case.values {
            let text = edit::set(BEFORE, &path, value).unwrap();
            assert_eq!(apply_to_text(&text, &all, &shown(&all, &text)), (text.clone(), Vec::new()), "{} {value}", case.name);
        }
    }
}

#[test]
fn from_the_form_over_the_text_to_the_payload_is_the_identity() {
    for case in cases() {
        for (snapshot, parent) in
            [(case.snapshot(), ValuePath::of(["steps", "s", "parameters"])), (case.dynamic_snapshot(), ValuePath::of(["parameters"]))]
        {
            let (all, path) = (fields(&snapshot), parent.child("x"));
            for value in &case.values {
                // What is shown of the value is typed into a form without it.
                let source = edit::set("", &path, value).unwrap();
                let typed = shown(&all, &source);
                let (text, problems) = apply_to_text("", &all, &typed);
                assert_eq!(problems, [], "{} {value}", case.name);
                let found = review(&snapshot, &text);
                assert!(!has_errors(&found.problems), "{} {value}\n{text}{:?}", case.name, found.problems);
                // What is typed in one field is its whole value; the fields of a model leave the others as they are.
                let given = review_of(&source);
                let fields = all.iter().map(|field| &field.path);
                let whole: Vec<ValuePath> = fields.filter(|at| at.starts_with(&path) && at.get(&given).is_some()).cloned().collect();
                let expected = derive(&snapshot, &given, &whole).unwrap().snapshot;
                let derived = derive(&snapshot, &found.configuration.unwrap(), &found.replace_paths).unwrap().snapshot;
                let parameter = |snapshot: &Snapshot| match snapshot.steps.first() {
                    Some(step) => step.parameters().unwrap()["x"].clone(),
                    None => snapshot.parameters().unwrap()["x"].clone(),
                };
                // Checkboxes that are filled in anew have the order of the choices, each once.
                let has_checkboxes = all.iter().any(|field| field.path == path && matches!(field.kind, FieldKind::Choices { .. }));
                let in_order = |value: Value| match value {
                    Value::Array(mut items) if has_checkboxes => {
                        items.sort_by_key(Value::to_string);
                        items.dedup();
                        Value::Array(items)
                    }
                    other => other,
                };
                assert_eq!(in_order(parameter(&derived)), in_order(parameter(&expected)), "{} {value}\n{text}", case.name);
                assert_eq!(shown(&all, &text), typed, "{} {value}\n{text}", case.name);
            }
        }
    }
}

/// What the controls of a page send for an entry.
fn sent(field: &Field, path: &ValuePath, entry: &Entry, pairs: &mut Vec<(String, String)>) {
    if entry.is_null {
        pairs.push((null_input_name(path), "true".to_owned()));
    }
    let part = |part: &Part| Entry { text: part.text.clone(), is_null: part.is_null };
    match (&field.kind, Parts::read(&entry.text)) {
        (FieldKind::Union { branches }, Some(parts)) => {
            pairs.push((type_input_name(path), parts.chosen.map(|chosen| chosen.to_string()).unwrap_or_default()));
            for (place, (branch, own)) in branches.iter().zip(&parts.parts).enumerate() {
                sent(branch, &ValuePath::from(branch_path(path, place).as_str()), &part(own), pairs);
            }
        }
        (FieldKind::Union { .. }, None) => {}
        (FieldKind::Cards { item }, parts) => {
            let parts = parts.unwrap().parts;
            pairs.push((count_input_name(path), parts.len().to_string()));
            parts.iter().enumerate().for_each(|(place, own)| sent(item, &path.child(place.to_string()), &part(own), pairs));
        }
        (FieldKind::Model { fields }, parts) => {
            for (field, own) in fields.iter().zip(&parts.unwrap().parts) {
                let path = path.join(&field.path);
                pairs.extend(own.is_given.then(|| (given_input_name(&path), "true".to_owned())));
                sent(field, &path, &part(own), pairs);
            }
        }
        (FieldKind::Rows { .. }, _) => {
            for (key, value) in split_rows(&entry.text) {
                pairs.extend([(key_input_name(path), key), (row_input_name(path), value)]);
            }
            pairs.extend([(key_input_name(path), String::new()), (row_input_name(path), String::new())]);
        }
        (FieldKind::Choices { .. }, _) => {
            pairs.extend(std::iter::once("").chain(entry.text.lines()).map(|line| (input_name(path), line.to_owned())));
        }
        _ => pairs.push((input_name(path), entry.text.replace('\n', "\r\n"))),
    }
}

#[test]
fn what_a_page_sends_is_what_it_shows() {
    let mut kinds = [0; 3];
    for case in cases() {
        let (snapshot, path) = (case.snapshot(), ValuePath::of(["steps", "s", "parameters", "x"]));
        let all = fields(&snapshot);
        for value in &case.values {
            let shown = parameters_of(shown(&all, &edit::set("", &path, value).unwrap()));
            let mut pairs = Vec::new();
            for (path, entry) in &shown {
                let field = all.iter().find(|field| field.path == *path).unwrap();
                sent(field, path, entry, &mut pairs);
                if let FieldKind::Union { branches } = &field.kind {
                    kinds[0] += 1;
                    kinds[1] += usize::from(branches.iter().any(|branch| matches!(branch.kind, FieldKind::Cards { .. })));
                    kinds[2] += usize::from(branches.iter().any(|branch| matches!(branch.kind, FieldKind::Model { .. })));
                }
            }
            let mut posted = posted_entries(&all, pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())));
            posted.sort_by_key(|(path, _)| shown.iter().position(|(known, _)| known == path));
            assert_eq!(posted, shown, "{} {value}", case.name);
        }
    }
    assert!(kinds.iter().all(|count| *count > 50), "{kinds:?}");
}

#[test]
fn a_value_of_one_type_takes_the_place_of_one_of_another_in_a_text() {
    for case in cases() {
        let (snapshot, path) = (case.snapshot(), ValuePath::of(["steps", "s", "parameters", "x"]));
        let all = fields(&snapshot);
        let Some(field) = all.iter().find(|field| field.path == path && field.kind.has_parts()) else { continue };
        let mut text = BEFORE.to_owned();
        for value in &case.values {
            let (edited, problems) = apply_to_text(&text, &all, &[(path.clone(), field.entry(Some(value)))]);
            assert_eq!(problems, [], "{} {value} in\n{text}", case.name);
            let found = review(&snapshot, &edited);
            let derived = derive(&snapshot, &found.configuration.unwrap(), &found.replace_paths).unwrap().snapshot;
            let plain = derive(&snapshot, &map(&json!({"steps": {"s": {"parameters": {"x": value}}}})), std::slice::from_ref(&path));
            assert_eq!(derived.steps[0].parameters(), with_other(&plain.unwrap().snapshot).as_ref(), "{} {value}\n{edited}", case.name);
            assert!(edited.contains("run_name: 'n'   # kept") && edited.contains("other: 0x10 # as typed"), "{edited}");
            text = edited;
        }
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The parameters of a snapshot with what [`BEFORE`] says of the other one.
fn with_other(snapshot: &Snapshot) -> Option<Map<String, Value>> {
    let mut parameters = snapshot.steps[0].parameters()?.clone();
    parameters.insert("other".to_owned(), json!(16));
    Some(parameters)
}

#[test]
fn an_edit_changes_only_its_own_lines() {
    for case in cases() {
        let all = fields(&case.snapshot());
        let mut rng = Rng::with_seed(7);
        for value in &case.values {
            let source = edit::set("", &ValuePath::of(["steps", "s", "parameters", "x"]), value).unwrap();
            let before = if rng.bool() { BEFORE.to_owned() } else { BEFORE.replace('\n', "\r\n") };
            let (text, problems) = apply_to_text(&before, &all, &parameters_of(shown(&all, &source)));
            assert_eq!(problems, [], "{} {value}", case.name);
            let mut rest = text.lines();
            for line in before.lines() {
                assert!(rest.any(|other| other == line), "{} {value}: {line} is gone from\n{text}", case.name);
            }
            let (again, _) = apply_to_text(&text, &all, &parameters_of(shown(&all, "")));
            assert_eq!(again, before, "{} {value}: taken back from\n{text}", case.name);
        }
    }
}

/// The entries of the fields of `x`.
fn parameters_of(entries: Vec<(ValuePath, Entry)>) -> Vec<(ValuePath, Entry)> {
    let path = ValuePath::of(["steps", "s", "parameters", "x"]);
    entries.into_iter().filter(|(at, _)| at.starts_with(&path)).collect()
}

#[test]
fn null_an_empty_text_and_not_set_are_three_things() {
    let takes = |schema: &Value, value: &Value| {
        let checked = Schema::new(schema).check(value, &schema["properties"]["x"], &ValuePath::root());
        checked.value == *value && checked.problems.is_empty()
    };
    let mut seen = 0;
    for case in cases() {
        let takes_both = [json!(null), json!("")].iter().all(|value| takes(&case.schema, value));
        let all = fields(&case.snapshot());
        let Some(field) = all.iter().find(|field| field.name == "x").filter(|_| takes_both) else { continue };
        let path = ValuePath::of(["steps", "s", "parameters", "x"]);
        let texts = [json!(null), json!("")].map(|value| {
            let source = edit::set("", &path, &value).unwrap();
            apply_to_text("", &all, &[(path.clone(), shown(&all, &source).swap_remove(0).1)]).0
        });
        let sent = texts.map(|text| path.get(&review_of(&text)).cloned());
        let unless_current = |value: Value| (field.current != Some(value.clone())).then_some(value);
        assert_eq!(sent, [unless_current(json!(null)), unless_current(json!(""))], "{}", case.name);
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}
