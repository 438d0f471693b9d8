use serde_json::json;

use super::*;
use crate::run_configuration::{
    derive::derive,
    document,
    example::{dynamic_snapshot, map, training_snapshot},
    request,
    snapshot::{Snapshot, Step},
    validate::validate,
};

fn field(snapshot: &Snapshot, path: &str) -> Field {
    let fields = fields(snapshot);
    fields.into_iter().find(|field| field.path.to_string() == path).unwrap_or_else(|| panic!("no field {path}"))
}

/// A snapshot with one step `s` that has one parameter `x`.
fn with_parameter(property: Value, current: Value) -> Snapshot {
    let parameters = json!({"parameters": {"x": current}});
    let spec = json!({"parameter_spec": {"type": "object", "properties": {"x": property},
        "$defs": {"Mode": {"enum": ["fast", "slow"], "type": "string", "description": "How."}}}});
    let step = Step { name: "s".to_owned(), spec, config: parameters.clone(), overrides: parameters };
    Snapshot { steps: vec![step], run_name_template: "r".to_owned(), ..Snapshot::default() }
}

fn parameter(property: Value, current: Value) -> Field {
    field(&with_parameter(property, current), "steps.s.parameters.x")
}

fn entry(text: &str) -> Entry {
    Entry { text: text.to_owned(), is_null: false }
}

#[test]
fn fields_are_in_the_order_of_the_pipeline() {
    let in_sight = |snapshot: &Snapshot| {
        let shown = fields(snapshot).into_iter().filter(|field| field.section().heading().is_none());
        shown.map(|field| field.path.to_string()).collect::<Vec<_>>()
    };
    let names = in_sight(&training_snapshot());
    assert_eq!(
        names,
        [
            "steps.data_loader.parameters.data_path",
            "steps.data_loader.parameters.rows",
            "steps.model_trainer.parameters.learning_rate",
            "steps.model_trainer.parameters.model_type",
            "steps.model_trainer.parameters.layers",
            "steps.model_trainer.parameters.optimizer.name",
            "steps.model_trainer.parameters.optimizer.momentum",
            "steps.model_trainer.parameters.seed",
            "run_name",
            "enable_cache",
            "tags",
            "model.name",
            "model.version"
        ]
    );
    assert_eq!(in_sight(&dynamic_snapshot()), ["parameters.n", "run_name", "enable_cache", "tags", "model.name", "model.version"]);
}

#[test]
fn a_field_knows_what_there_is_to_show() {
    let rate = field(&training_snapshot(), "steps.model_trainer.parameters.learning_rate");
    assert_eq!((rate.kind, rate.label.as_str(), rate.step.as_deref()), (FieldKind::Number, "Learning Rate", Some("model_trainer")));
    assert_eq!((rate.default, rate.current, rate.minimum.as_deref()), (Some(json!(0.1)), Some(json!(0.1)), Some("more than 0")));
    assert!(!rate.required && !rate.nullable);
    let seed = field(&training_snapshot(), "steps.model_trainer.parameters.seed");
    assert_eq!((seed.kind, seed.nullable), (FieldKind::Integer, true));
    assert_eq!(field(&training_snapshot(), "tags").current, Some(json!(["demo", "nightly"])));
}

#[test]
fn each_schema_has_its_control() {
    let options = || FieldKind::Choice { options: vec![json!("fast"), json!("slow")] };
    let many = || FieldKind::Choices { options: vec![json!("fast"), json!("slow")] };
    for (property, current, kind, nullable) in [
        (json!({"type": "string"}), json!("a"), FieldKind::Text, false),
        (json!({"type": "string"}), json!("a\nb"), FieldKind::MultilineText, false),
        (json!({"type": "string", "maxLength": 500}), json!("a"), FieldKind::MultilineText, false),
        (json!({"type": "string", "format": "date"}), json!("2026-01-31"), FieldKind::Date, false),
        (json!({"type": "string", "format": "date-time"}), json!("2026-01-31T12:00:00"), FieldKind::DateTime, false),
        (json!({"type": "boolean"}), json!(true), FieldKind::Boolean, false),
        (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), json!(null), FieldKind::Integer, true),
        (json!({"$ref": "#/$defs/Mode"}), json!("fast"), options(), false),
        (json!({"anyOf": [{"$ref": "#/$defs/Mode"}, {"type": "null"}]}), json!(null), options(), true),
        (json!({"allOf": [{"$ref": "#/$defs/Mode"}]}), json!("slow"), options(), false),
        (json!({"const": 3}), json!(3), FieldKind::Choice { options: vec![json!(3)] }, false),
        (json!({"type": "array", "items": {"type": "string"}}), json!(["a", "b"]), FieldKind::Lines, false),
        (json!({"type": "array", "items": {"type": "string"}}), json!(["a\nb", ""]), FieldKind::Lines, false),
        (json!({"type": "array", "items": {"type": "integer"}}), json!([1]), FieldKind::Numbers { whole: true }, false),
        (json!({"type": "array", "items": {"type": "number"}}), json!([1, "a"]), FieldKind::Yaml, false),
        (json!({"type": "array", "items": {"$ref": "#/$defs/Mode"}}), json!(["slow"]), many(), false),
        (json!({"type": "array", "items": {"$ref": "#/$defs/Mode"}}), json!(["slow", "fast"]), FieldKind::Yaml, false),
        (json!({"type": "object"}), json!({"a": 1}), FieldKind::Yaml, false),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            json!({"a": 1}),
            FieldKind::Rows { values: Scalar::Integer },
            false,
        ),
        (json!({"type": "object", "additionalProperties": {"type": "string"}}), json!({"": ""}), FieldKind::Yaml, false),
        (json!({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "x"}]}), json!(1.5), FieldKind::Number, false),
        (json!({"type": "integer"}), json!("auto"), FieldKind::Yaml, false),
        (json!({"title": "X"}), json!({"any": 1}), FieldKind::Yaml, true),
    ] {
        let field = parameter(property.clone(), current);
        assert_eq!((&field.kind, field.nullable), (&kind, nullable), "{property}");
    }
    assert_eq!(parameter(json!({"$ref": "#/$defs/Mode"}), json!("fast")).description.as_deref(), Some("How."));
    let mut without_schema = with_parameter(json!({}), json!(3));
    without_schema.steps[0].spec = json!({"parameter_spec": null});
    assert_eq!(field(&without_schema, "steps.s.parameters.x").kind, FieldKind::Number);
}

#[test]
fn values_go_to_the_form_and_back() {
    for (property, values) in [
        (json!({"type": "integer"}), vec![json!(0), json!(-7), json!(u64::MAX), json!(i64::MIN)]),
        (json!({"type": "number"}), vec![json!(1), json!(0.1), json!(1e-7), json!(5e-324), json!(1e300), json!(-0.5)]),
        (json!({"type": "boolean"}), vec![json!(true), json!(false)]),
        (json!({"type": "string"}), vec![json!(""), json!(" x "), json!("null"), json!("012"), json!("a: b")]),
        (json!({"type": "string", "maxLength": 1000}), vec![json!("a\n\n  b\n")]),
        (json!({"enum": [1, "1", true, "true", null]}), vec![json!(1), json!("1"), json!(true), json!("true"), json!(null)]),
        (json!({"type": "array", "items": {"type": "string"}}), vec![json!([]), json!(["a b", "c", "", " d", "\"e\"", "f\ng"])]),
        (json!({"type": "object"}), vec![json!({}), json!({"a": [1, {"b": null}], "c": "yes"})]),
        (json!({}), vec![json!([1.5, "x"]), json!("plain"), json!(7), json!("7"), json!("a\nb\n")]),
    ] {
        for value in values {
            let field = parameter(property.clone(), value.clone());
            let text = value_to_form(&field, &value);
            assert_eq!(form_to_value(&field, &text).unwrap(), value, "{property} {text:?}");
        }
    }
}

#[test]
fn typed_numbers_are_exact() {
    let number = parameter(json!({"type": "number"}), json!(0.1));
    assert_eq!(form_to_value(&number, " 1e-4 ").unwrap(), json!(1e-4));
    assert_eq!(form_to_value(&number, ".5").unwrap(), json!(0.5));
    assert_eq!(form_to_value(&number, "0.12345678901234567890").unwrap(), json!("0.12345678901234567890"), "every digit is kept as text");
    assert_eq!(form_to_value(&number, "inf").unwrap(), json!("inf"));
    let problem = form_to_value(&number, "0,1").unwrap_err();
    assert_eq!((problem.path.to_string().as_str(), problem.fix.is_some()), ("steps.s.parameters.x", true));
    let integer = parameter(json!({"type": "integer"}), json!(1));
    assert_eq!(form_to_value(&integer, "9007199254740993").unwrap(), json!(9_007_199_254_740_993_i64));
    assert_eq!(form_to_value(&integer, "123456789012345678901234567890").unwrap(), json!("123456789012345678901234567890"));
    assert_eq!(form_to_value(&integer, "1.5").unwrap_err().message, "Expects an integer, not the number 1.5.");
    assert!(form_to_value(&integer, "true").is_ok() && form_to_value(&integer, "abc").is_err());
}

#[test]
fn models_are_fields_of_their_own_down_to_the_fourth() {
    let momentum = field(&training_snapshot(), "steps.model_trainer.parameters.optimizer.momentum");
    assert_eq!((momentum.kind, momentum.models), (FieldKind::Number, vec!["optimizer".to_owned()]));
    assert_eq!((momentum.current, momentum.maximum.as_deref(), momentum.required), (Some(json!(0.9)), Some("at most 1"), false));
    let (mut schema, mut value) = (json!({"type": "integer"}), json!(1));
    for _ in 0..6 {
        schema = json!({"type": "object", "properties": {"m": schema}});
        value = json!({"m": value});
    }
    let deepest = fields(&with_parameter(schema, value)).swap_remove(0);
    assert_eq!((deepest.path.to_string().as_str(), deepest.kind), ("steps.s.parameters.x.m.m.m.m", FieldKind::Yaml));
    let optional = json!({"anyOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"type": "null"}]});
    assert!(parameter(optional, json!({"a": 1})).kind.has_parts(), "one that may be null is whole");
}

#[test]
fn checkboxes_keep_the_order_of_a_list() {
    let property = json!({"type": "array", "items": {"enum": ["a", "b", "c"]}});
    let all = fields(&with_parameter(property, json!(["a"])));
    let text = "steps: {s: {parameters: {x: [c, a, c]}}}\n";
    let tick = |entry_text: &str| apply_to_text(text, &all, &[(ValuePath::from("steps.s.parameters.x"), entry(entry_text))]).0;
    assert_eq!(tick("a\nc"), text, "shown and not changed");
    assert_eq!(tick("a\nb\nc"), text.replace("[c, a, c]", "[c, a, c, b]"));
    assert_eq!(tick("c"), text.replace("[c, a, c]", "[c, c]"));
}

#[test]
fn a_line_break_that_a_control_cannot_hold_is_no_edit() {
    let field = parameter(json!({"type": "string"}), json!("a"));
    assert!(field.is_unchanged(&entry("bc"), Some(&json!("b\nc"))) && field.is_unchanged(&entry("b\nc"), Some(&json!("b\nc"))));
    assert!(!field.is_unchanged(&entry("b c"), Some(&json!("b\nc"))));
    let rows = parameter(json!({"type": "object", "additionalProperties": {"type": "string"}}), json!({"a": "b\nc"}));
    assert_eq!(rows.kind, FieldKind::Yaml);
}

#[test]
fn rows_and_lists_are_read_as_their_values() {
    let rows = parameter(json!({"type": "object", "additionalProperties": {"type": "number"}}), json!({}));
    let typed =
        |text: &[(&str, &str)]| join_rows(&text.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>());
    assert_eq!(form_to_value(&rows, &typed(&[("a", "1e-3"), ("b", " 2 ")])).unwrap(), json!({"a": 1e-3, "b": 2}));
    assert_eq!(form_to_value(&rows, &typed(&[("a", "x")])).unwrap_err().path, rows.path);
    assert!(form_to_value(&rows, &typed(&[("a", "1"), ("a", "2")])).unwrap_err().message.contains("twice"));
    let numbers = parameter(json!({"type": "array", "items": {"type": "integer"}}), json!([1]));
    for text in ["1, 2", "1,2", "[1, 2]", "1 2", " 1\n2,"] {
        assert_eq!(form_to_value(&numbers, text).unwrap(), json!([1, 2]), "{text}");
    }
    assert!(form_to_value(&numbers, "1, x").is_err());
}

#[test]
fn other_texts_explain_themselves() {
    let choice = parameter(json!({"enum": ["fast", "slow"]}), json!("fast"));
    assert_eq!(form_to_value(&choice, "warp").unwrap_err().message, "Expects `fast` or `slow`, not the text \"warp\".");
    let yaml = parameter(json!({"type": "object"}), json!({}));
    let problem = form_to_value(&yaml, "a: 1\na: 2").unwrap_err();
    assert_eq!((problem.line, problem.path.to_string().as_str()), (Some(2), "steps.s.parameters.x.a"));
}

fn read(snapshot: &Snapshot, entries: Vec<(&str, Entry)>) -> (Value, Vec<crate::run_configuration::problem::Problem>) {
    let entries: Vec<(ValuePath, Entry)> = entries.into_iter().map(|(path, entry)| (ValuePath::from(path), entry)).collect();
    let (configuration, problems) = read_entries(&fields(snapshot), &entries);
    (Value::Object(configuration), problems)
}

#[test]
fn untouched_fields_are_never_sent() {
    let snapshot = training_snapshot();
    let all = fields(&snapshot);
    let entries: Vec<(ValuePath, Entry)> = all.iter().map(|field| (field.path.clone(), field.entry(None))).collect();
    assert_eq!(read_entries(&all, &entries), (Map::new(), Vec::new()));
}

#[test]
fn only_changed_fields_are_sent() {
    let (configuration, problems) = read(
        &training_snapshot(),
        vec![
            ("steps.model_trainer.parameters.learning_rate", entry("0.01")),
            ("steps.model_trainer.parameters.layers", entry("8, 4 2")),
            ("steps.model_trainer.parameters.optimizer.momentum", entry("0.5")),
            ("steps.model_trainer.parameters.model_type", entry("tree")),
            ("steps.data_loader.parameters.rows", entry("")),
            ("steps.data_loader.parameters.data_path", entry("")),
            ("enable_cache", entry("false")),
            ("tags", entry("a\r\n b \n\n")),
        ],
    );
    assert_eq!(problems, []);
    assert_eq!(
        configuration,
        json!({"steps": {"model_trainer": {"parameters": {"learning_rate": 0.01, "layers": [8, 4, 2], "optimizer": {"momentum": 0.5}, "model_type": "tree"}},
                         "data_loader": {"parameters": {"data_path": ""}}},
               "enable_cache": false, "tags": ["a", "b"]}),
        "an empty text is a text; an empty number is the snapshot's"
    );
    assert!(validate(&training_snapshot(), &map(configuration), &[]).is_empty());
}

#[test]
fn null_empty_and_unset_differ() {
    let optional_text = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
    let sent = |current: Value, entry: Entry| {
        let (configuration, problems) = read(&with_parameter(optional_text.clone(), current), vec![("steps.s.parameters.x", entry)]);
        assert_eq!(problems, []);
        configuration.pointer("/steps/s/parameters/x").cloned()
    };
    let null = |text: &str| Entry { text: text.to_owned(), is_null: true };
    assert_eq!(sent(json!("a"), entry("a")), None);
    assert_eq!(sent(json!("a"), entry("")), Some(json!("")));
    assert_eq!(sent(json!("a"), null("a")), Some(json!(null)));
    assert_eq!(sent(json!("a"), null("")), Some(json!(null)));
    assert_eq!(sent(json!(null), null("")), None);
    assert_eq!(sent(json!(null), entry("")), Some(json!("")));
    assert_eq!(sent(json!(null), null("typed")), Some(json!("typed")), "without JavaScript the box stays ticked");
    assert_eq!(sent(json!(""), null("")), Some(json!(null)));
}

#[test]
fn entries_of_no_field_are_not_lost() {
    let (_, problems) = read(&training_snapshot(), vec![("steps.gone.parameters.x", entry("1"))]);
    assert_eq!(problems[0].path.to_string(), "steps.gone.parameters.x");
}

fn apply(text: &str, path: &str, entry: Entry) -> String {
    let (text, problems) = apply_to_text(text, &fields(&training_snapshot()), &[(ValuePath::from(path), entry)]);
    assert_eq!(problems, []);
    text
}

#[test]
fn a_form_changes_the_text_it_was_filled_in_from() {
    let text = "# mine\nsteps:\n  model_trainer:\n    parameters:\n      learning_rate: 0.5 # high\n";
    let rate = "steps.model_trainer.parameters.learning_rate";
    assert_eq!(apply(text, rate, entry("0.5")), text, "shown and not changed");
    assert_eq!(apply(text, rate, entry("0.2")), text.replace("0.5", "0.2"));
    assert_eq!(apply(text, rate, entry("0.1")), "# mine\n", "the value of the snapshot again");
    assert_eq!(apply(text, rate, entry("")), "# mine\n");
    assert_eq!(apply(text, "steps.model_trainer.parameters.model_type", entry("linear")), text);
    let with_type = apply(text, "steps.model_trainer.parameters.model_type", entry("tree"));
    assert_eq!(with_type, format!("{text}      model_type: tree\n").trim_end_matches('\n').to_owned() + "\n");
    let wrapped = "run_configuration:\n  tags: [a]\n";
    assert_eq!(apply(wrapped, "tags", entry("b")), "run_configuration:\n  tags: [b]\n");
}

#[test]
fn form_and_text_are_one_truth() {
    let all = fields(&training_snapshot());
    let mut text = String::new();
    for (path, typed) in [
        ("steps.model_trainer.parameters.learning_rate", "1e-3"),
        ("steps.model_trainer.parameters.optimizer.name", "sgd"),
        ("steps.model_trainer.parameters.optimizer.momentum", "0.1"),
        ("steps.data_loader.parameters.data_path", "s3://x/y"),
        ("run_name", "n-{time}"),
        ("tags", "a\nb"),
    ] {
        text = apply(&text, path, entry(typed));
    }
    let configuration = map(document::read(&text).unwrap().value);
    let shown: Vec<(ValuePath, Entry)> =
        all.iter().map(|field| (field.path.clone(), field.entry(value_in(&configuration, field)))).collect();
    assert_eq!(apply_to_text(&text, &all, &shown), (text.clone(), Vec::new()), "what the form shows of a text changes nothing in it");
    assert_eq!(read_entries(&all, &shown), (configuration, Vec::new()), "and from the form alone comes the same configuration");
}

#[test]
fn a_key_that_is_taken_away_does_not_come_back() {
    let snapshot = with_parameter(json!({"type": "object"}), json!({"a": 1, "b": {"c": 2, "d": 3}}));
    let (all, path) = (fields(&snapshot), ValuePath::from("steps.s.parameters.x"));
    let apply = |text: &str, typed: &str| {
        let (text, problems) = apply_to_text(text, &all, &[(path.clone(), entry(typed))]);
        assert_eq!(problems, []);
        text
    };
    let runs_with = |text: &str| {
        let request = request::read(&document::read(text).unwrap().value).unwrap();
        derive(&snapshot, &request.configuration, &request.replace_paths).unwrap().snapshot.steps[0].config["parameters"]["x"].clone()
    };
    assert!(!apply("", "a: 5\nb: {c: 2, d: 3}").contains("replace_paths"), "nothing was taken away");
    let text = apply("", "b: {c: 2, d: 3}");
    assert_eq!(runs_with(&text), json!({"b": {"c": 2, "d": 3}}));
    let text = apply(&text, "b: {d: 3}");
    assert_eq!((runs_with(&text), text.matches("parameters.x").count()), (json!({"b": {"d": 3}}), 1));
    assert_eq!(runs_with(&apply("run_configuration:\n  tags: [q]\n", "a: 1\nb: {d: 3}")), json!({"a": 1, "b": {"d": 3}}));
    assert_eq!(apply(&text, "a: 1\nb: {c: 2, d: 3}"), "", "the value of the snapshot again");
    let two = "replace_paths: [steps.s.parameters.x, tags]\ntags: [q]\nsteps: {s: {parameters: {x: {a: 1}}}}\n";
    assert_eq!(reset(two, &path).unwrap(), "replace_paths: [tags]\ntags: [q]\n");
}

#[test]
fn a_broken_text_stays_as_it_is() {
    let broken = "steps: [";
    let entries = [(ValuePath::from("run_name"), entry("x"))];
    let (text, problems) = apply_to_text(broken, &fields(&training_snapshot()), &entries);
    assert_eq!(text, broken);
    assert!(problems[0].line.is_some());
}
