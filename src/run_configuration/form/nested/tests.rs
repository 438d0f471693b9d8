use serde_json::{Value, json};

use super::*;
use crate::run_configuration::{
    derive::derive,
    example::map,
    form::{apply_to_text, fields, form_to_value, keep_aside, posted_entries, read_entries},
    request,
    snapshot::{Snapshot, Step},
};

const X: &str = "steps.s.parameters.x";

fn snapshot(property: &Value, current: &Value) -> Snapshot {
    let parameters = json!({"parameters": {"x": current}});
    let model = |kind: &str, own: Value| {
        let mut properties = json!({"kind": {"const": kind, "default": kind, "type": "string"}});
        properties.as_object_mut().unwrap().extend(own.as_object().cloned().unwrap());
        json!({"type": "object", "title": kind, "properties": properties})
    };
    let spec = json!({"parameter_spec": {"type": "object", "properties": {"x": property}, "$defs": {
        "Cat": model("cat", json!({"lives": {"type": "integer", "default": 9}})),
        "Dog": model("dog", json!({"good": {"type": "boolean", "default": true}, "name": {"type": "string"}})),
        "Tree": {"type": "object", "properties": {"size": {"type": "integer"},
            "children": {"type": "array", "default": [], "items": {"$ref": "#/$defs/Tree"}}}},
        "Rule": {"type": "object", "required": ["key"], "properties": {
            "key": {"type": "string"}, "weight": {"type": "number", "default": 0.5},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
            "only": {"anyOf": [{"type": "integer"}, {"type": "string"}], "default": 1}}},
    }}});
    let step = Step { name: "s".to_owned(), spec, config: parameters.clone(), overrides: parameters };
    Snapshot { steps: vec![step], run_name_template: "r".to_owned(), ..Snapshot::default() }
}

fn field(property: &Value, current: &Value) -> Field {
    fields(&snapshot(property, current)).into_iter().find(|field| field.path.to_string() == X).unwrap()
}

fn pets() -> Value {
    json!({"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}}})
}

fn rules() -> Value {
    json!({"type": "array", "items": {"$ref": "#/$defs/Rule"}})
}

fn chosen(field: &Field, value: &Value) -> String {
    let FieldKind::Union { branches } = &field.kind else { panic!("{:?}", field.kind) };
    let parts = Parts::read(&field.entry(Some(value)).text).unwrap();
    branches[parts.chosen.unwrap()].label.clone()
}

#[test]
fn the_type_that_a_value_has_is_chosen() {
    let any = |types: &[&str]| json!({"anyOf": types.iter().map(|name| json!({"type": name})).collect::<Vec<_>>()});
    for (property, values) in [
        (any(&["integer", "string"]), vec![(json!(3), "an integer"), (json!("3"), "text"), (json!("a\nb"), "something else, as YAML")]),
        (any(&["integer", "number", "null"]), vec![(json!(3), "an integer"), (json!(3.0), "a number"), (json!(0.5), "a number")]),
        (
            any(&["boolean", "string"]),
            vec![(json!(true), "true or false"), (json!("true"), "text"), (json!([1]), "something else, as YAML")],
        ),
        (json!({"anyOf": [{"type": "number"}, {"const": "auto"}]}), vec![(json!(0.5), "a number"), (json!("auto"), "auto")]),
        (
            json!({"anyOf": [{"type": "string", "format": "date"}, {"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
            vec![(json!("2026-01-31"), "a date"), (json!("soon"), "text"), (json!(["a"]), "a list of texts")],
        ),
        (
            pets(),
            vec![
                (json!({}), "cat"),
                (json!({"good": false}), "dog"),
                (json!({"kind": "dog"}), "dog"),
                (json!({"kind": "cow"}), "something else, as YAML"),
                (json!({"kind": "cat", "lives": "many"}), "something else, as YAML"),
            ],
        ),
        (
            json!({"anyOf": [{"$ref": "#/$defs/Cat"}, {"type": "null"}]}),
            vec![(json!({"lives": 1}), "cat"), (json!([]), "something else, as YAML")],
        ),
        (
            rules(),
            vec![(json!([]), "a list of mappings"), (json!([{"key": "a"}]), "a list of mappings"), (json!([1]), "something else, as YAML")],
        ),
    ] {
        let field = field(&property, &values[0].0);
        for (value, label) in values {
            assert_eq!(chosen(&field, &value), label, "{property} {value}");
            assert_eq!(form_to_value(&field, &field.entry(Some(&value)).text).unwrap(), value);
        }
    }
}

#[test]
fn what_is_too_deep_too_wide_or_in_itself_is_yaml() {
    let many: Vec<Value> = (0..9).map(|number| json!({"const": number})).collect();
    assert_eq!(field(&json!({ "anyOf": many }), &json!(3)).kind, FieldKind::Yaml);
    let tree = field(&json!({"type": "array", "items": {"$ref": "#/$defs/Tree"}}), &json!([]));
    let FieldKind::Union { branches } = &tree.kind else { panic!("{:?}", tree.kind) };
    let [FieldKind::Cards { item }, FieldKind::Yaml] = [&branches[0].kind, &branches[1].kind] else { panic!("{branches:?}") };
    let children = item.kind.inner().iter().find(|field| field.name == "children").unwrap();
    assert_eq!(children.kind, FieldKind::Yaml, "a tree in a tree");
    let deep = (0..6).fold(
        json!({"type": "object", "properties": {"end": {"type": "integer"}}}),
        |inner, _| json!({"type": "object", "properties": {"next": {"type": "array", "items": inner}}}),
    );
    fn depth(field: &Field) -> usize {
        field.kind.inner().iter().map(|field| depth(field) + 1).max().unwrap_or_default()
    }
    let deepest = depth(&field(&json!({"type": "array", "items": deep}), &json!([])));
    assert!((6..=15).contains(&deepest), "{deepest}");
    let wide: serde_json::Map<String, Value> =
        (0..300).map(|number| (format!("k{number}"), json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}))).collect();
    let wide = field(&json!({"type": "array", "items": {"type": "object", "properties": wide}}), &json!([]));
    fn count(field: &Field) -> usize {
        field.kind.inner().iter().map(|field| count(field) + 1).sum()
    }
    assert!(count(&wide) < 800, "{}", count(&wide));
}

#[test]
fn schemas_that_lead_back_to_themselves_are_yaml() {
    for (name, schema) in [
        ("Lists", json!({"type": "array", "items": {"$ref": "#/$defs/Lists"}})),
        ("Wrapped", json!({"allOf": [{"$ref": "#/$defs/Wrapped"}]})),
        ("Optional", json!({"anyOf": [{"$ref": "#/$defs/Optional"}, {"type": "null"}]})),
        ("Union", json!({"anyOf": [{"$ref": "#/$defs/Union"}, {"type": "array", "items": {"$ref": "#/$defs/Union"}}]})),
    ] {
        let mut snapshot = snapshot(&json!({"$ref": format!("#/$defs/{name}")}), &json!([]));
        snapshot.steps[0].spec["parameter_spec"]["$defs"][name] = schema;
        let found = fields(&snapshot);
        let field = found.iter().find(|field| field.path.to_string() == X).unwrap();
        let entry = field.entry(Some(&json!([[]])));
        assert_eq!(form_to_value(field, &entry.text), Ok(json!([[]])), "{name}: {:?}", field.kind);
    }
}

#[test]
fn a_password_in_a_value_makes_it_secret_whatever_its_control_is() {
    let secret = json!({"type": "string", "format": "password"});
    let model = json!({"type": "object", "properties": {"url": {"type": "string"}, "token": secret}});
    for property in [
        secret.clone(),
        json!({"anyOf": [secret, {"type": "integer"}]}),
        json!({"type": "array", "items": model}),
        json!({"type": "array", "items": {"type": "array", "items": model}}),
        json!({"type": "object", "additionalProperties": model}),
        json!({"type": "array", "items": {"type": "object", "properties": {"default": secret}}}),
    ] {
        assert!(field(&property, &json!(null)).secret, "{property}");
    }
    assert!(!field(&json!({"type": "array", "items": {"$ref": "#/$defs/Rule"}}), &json!([])).secret);
}

fn posted(snapshot: &Snapshot, pairs: &[(&str, &str)], action: &str) -> (Value, Vec<String>) {
    let all = fields(snapshot);
    let names: Vec<(String, &str)> = pairs.iter().map(|(name, text)| (name.replace('X', X), *text)).collect();
    let mut entries = posted_entries(&all, names.iter().map(|(name, text)| (name.as_str(), *text)));
    if !action.is_empty() {
        assert!(posted_action(&all, &mut entries, &action.replace('X', X)), "{action}");
    }
    let (configuration, problems) = read_entries(&all, &entries);
    let sent = configuration.get("steps").map_or(Value::Null, |steps| steps["s"]["parameters"]["x"].clone());
    (sent, problems.iter().map(|problem| format!("{} {}", problem.path, problem.message)).collect())
}

#[test]
fn the_type_that_is_posted_counts() {
    let snapshot = snapshot(&json!({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}), &json!(3));
    let sent = |pairs: &[(&str, &str)]| posted(&snapshot, pairs, "");
    assert_eq!(sent(&[("type.X", "0"), ("p.X.?0", "3"), ("p.X.?1", "three")]), (Value::Null, vec![]), "the snapshot's");
    assert_eq!(sent(&[("type.X", "0"), ("p.X.?0", "4"), ("p.X.?1", "three")]).0, json!(4));
    assert_eq!(sent(&[("type.X", "1"), ("p.X.?0", "3"), ("p.X.?1", "3")]).0, json!("3"));
    assert_eq!(sent(&[("type.X", "1"), ("p.X.?0", "3"), ("p.X.?1", "")]).0, json!(""), "an empty text is a text");
    assert_eq!(sent(&[("type.X", "2"), ("p.X.?2", "a: [1]")]).0, json!({"a": [1]}));
    assert_eq!(sent(&[("type.X", "0"), ("p.X.?0", "3"), ("null.X", "true")]), (Value::Null, vec![]), "null is a value of its own");
    let (_, problems) = sent(&[("type.X", "0"), ("p.X.?0", "")]);
    assert!(problems[0].contains("Nothing is filled in for the type \"an integer\""), "{problems:?}");
    let (_, problems) = sent(&[("type.X", "0"), ("p.X.?0", "many")]);
    assert!(problems[0].starts_with(X) && problems[0].contains("integer"), "{problems:?}");
    for (text, value) in [("4", json!(4)), ("\"4\"", json!("4")), ("four", json!("four")), ("3", Value::Null)] {
        assert_eq!(sent(&[("p.X", text)]).0, value, "a link says {text}");
    }
}

#[test]
fn a_model_of_another_type_takes_the_place_of_all_keys() {
    let snapshot = snapshot(&pets(), &json!({"kind": "cat", "lives": 3}));
    let all = fields(&snapshot);
    let entry = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, &str)> = pairs.iter().map(|(name, text)| (name.replace('X', X), *text)).collect();
        posted_entries(&all, pairs.iter().map(|(name, text)| (name.as_str(), *text)))
    };
    let to_dog =
        entry(&[("type.X", "1"), ("given.X.?1.kind", "true"), ("p.X.?1.kind", "dog"), ("p.X.?1.good", "true"), ("p.X.?1.name", "Rex")]);
    let (text, problems) = apply_to_text("# kept\n", &all, &to_dog);
    assert_eq!(problems, []);
    assert!(text.starts_with("# kept\n"), "{text}");
    let request = request::read_text(&text).unwrap();
    let runs = derive(&snapshot, &request.configuration, &request.replace_paths).unwrap().snapshot;
    assert_eq!(runs.steps[0].config["parameters"]["x"], json!({"kind": "dog", "name": "Rex"}), "no lives, and no default");
    // And back, over a value that is no mapping.
    let (text, _) = apply_to_text(&text, &all, &entry(&[("type.X", "2"), ("p.X.?2", "[1]")]));
    let (text, problems) = apply_to_text(&text, &all, &to_dog);
    assert_eq!(problems, []);
    let request = request::read_text(&text).unwrap();
    let runs = derive(&snapshot, &request.configuration, &request.replace_paths).unwrap().snapshot;
    assert_eq!(runs.steps[0].config["parameters"]["x"], json!({"kind": "dog", "name": "Rex"}));
}

#[test]
fn a_new_part_says_of_which_type_it_is() {
    let pets = field(&pets(), &json!({}));
    let FieldKind::Union { branches } = &pets.kind else { panic!() };
    assert_eq!(form_to_value(&branches[1], &fresh(&branches[1]).text).unwrap(), json!({"kind": "dog"}));
    assert_eq!(form_to_value(&branches[0], &value_to_form(&branches[0], &json!({}))).unwrap(), json!({}));
}

const TWO: [(&str, &str); 11] = [
    ("type.X", "0"),
    ("cards.X.?0", "2"),
    ("given.X.?0.0.key", "true"),
    ("p.X.?0.0.key", "a"),
    ("p.X.?0.0.weight", "0.5"),
    ("null.X.?0.0.note", "true"),
    ("given.X.?0.1.key", "true"),
    ("p.X.?0.1.key", "b"),
    ("p.X.?0.1.weight", "1e-3"),
    ("p.X.?0.1.note", "n"),
    ("type.X.?0.1.only", "1"),
];

#[test]
fn cards_are_the_entries_of_a_list() {
    let snapshot = snapshot(&rules(), &json!([{"key": "a"}]));
    let second = json!({"key": "b", "weight": 1e-3, "note": "n", "only": ""});
    let sent = |action: &str| posted(&snapshot, &TWO, action).0;
    assert_eq!(sent(""), json!([{"key": "a"}, second]));
    assert_eq!(sent("add:X.?0"), json!([{"key": "a"}, second, {}]));
    assert_eq!(sent("copy:X.?0.0"), json!([{"key": "a"}, {"key": "a"}, second]));
    assert_eq!(sent("up:X.?0.1"), json!([second, {"key": "a"}]));
    assert_eq!(sent("down:X.?0.0"), json!([second, {"key": "a"}]));
    assert_eq!(sent("remove:X.?0.0"), json!([second]));
    assert_eq!(sent("remove:X.?0.1"), Value::Null, "the snapshot's again");
    let (_, problems) = posted(&snapshot, &[&TWO[..8], &[("p.X.?0.1.weight", "much")]].concat(), "");
    assert!(problems[0].starts_with(&format!("{X}.1.weight ")), "{problems:?}");
    let (all, mut entries) = (fields(&snapshot), posted_entries(&fields(&snapshot), TWO.map(|(name, text)| (name, text)).into_iter()));
    for action in ["add:elsewhere", "up:X.?0.0", "remove:X.?0.9", "add:X.?7", "add", "fly:X.?0"] {
        assert!(!posted_action(&all, &mut entries, &action.replace('X', X)), "{action}");
    }
}

#[test]
fn values_of_snapshots_and_texts_stay_what_they_are_in_cards() {
    for value in [
        json!([{"key": "a", "weight": 0.5}]),
        json!([{"key": "", "note": null}, {"key": "b", "note": "", "only": "1"}]),
        json!([{}]),
        json!([{"key": "a", "extra": 1}]),
        json!([{"key": "a", "weight": "much"}, {"key": null}]),
        json!((0..60).map(|number| json!({"key": number.to_string()})).collect::<Vec<_>>()),
        json!({"key": "no list"}),
    ] {
        for current in [&value, &json!([{"key": "other"}])] {
            let snapshot = snapshot(&rules(), current);
            let field = fields(&snapshot).into_iter().find(|field| field.path.to_string() == X).unwrap();
            let (configuration, problems) = read_entries(std::slice::from_ref(&field), &[(field.path.clone(), field.entry(Some(&value)))]);
            assert_eq!(problems, []);
            let expected = if *current == value { json!({}) } else { json!({"steps": {"s": {"parameters": {"x": value}}}}) };
            assert_eq!(configuration, map(expected));
        }
    }
}

#[test]
fn what_was_typed_in_another_type_is_kept_and_says_nothing() {
    let field = field(&json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}), &json!(3));
    let typed = |chosen: usize, texts: [&str; 3]| Parts {
        chosen: Some(chosen),
        parts: texts.map(|text| Part { text: text.to_owned(), ..Part::default() }).into(),
    };
    let sent = Entry { text: typed(0, ["3", "three", ""]).write(), is_null: false };
    assert!(field.is_unchanged(&sent, None));
    assert_eq!(keep_aside(&sent.text, &field.entry(Some(&json!("x"))).text), typed(1, ["3", "x", ""]).write());
}
