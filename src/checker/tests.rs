//! Tests of the form's state.

use serde_json::json;

use super::{Refused, expanded, fields, look, reset, set_field};
use crate::{
    model::launches::Control,
    run_configuration::{
        form::{self, Entry},
        problem::Problem,
        snapshot::{Snapshot, Step},
        value_path::ValuePath,
    },
};

fn snapshot() -> Snapshot {
    let config = json!({"parameters": {"lr": 0.1, "epochs": 3, "note": null, "shuffle": true}});
    let spec = json!({"parameter_spec": {"properties": {
        "lr": {"type": "number", "description": "Step size"},
        "epochs": {"type": "integer", "minimum": 1},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "shuffle": {"type": "boolean"},
    }}});
    let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
    Snapshot { run_name_template: "{date}".to_owned(), steps: vec![step], ..Snapshot::default() }
}

fn path(name: &str) -> ValuePath {
    ValuePath::of(["steps", "train", "parameters", name])
}

fn typed(text: &str) -> Entry {
    Entry { text: text.to_owned(), is_null: false }
}

#[test]
fn fields_are_in_words() {
    let fields = fields(&snapshot());
    let field = |name: &str| fields.iter().find(|field| field.name == name).expect("a field");
    assert_eq!((field("lr").group.as_str(), field("lr").kind.as_str()), ("train", "a number"));
    assert_eq!(field("lr").help, "Step size · Snapshot: 0.1");
    assert_eq!(field("epochs").help, "Snapshot: 3 · at least 1");
    assert!(matches!(&field("shuffle").control, Control::Radios(options) if options.len() == 2));
    assert!(field("note").null_input.is_some() && field("note").usual.is_null);
    assert_eq!(field("run_name").group, "Run options");
}

#[test]
fn an_edit_of_a_field_goes_into_the_text_and_back() {
    let snapshot = snapshot();
    let edit = set_field(&form::fields(&snapshot), "", &path("lr"), typed("0.5"));
    assert_eq!(edit.refused, None);
    let findings = look(&snapshot, &[], &edit.text, &Refused::new());
    assert_eq!(findings.entries[0].typed.text, "0.5");
    assert!(findings.entries[0].changed && !findings.entries[1].changed);
    assert_eq!((findings.changes[0].old.as_str(), findings.changes[0].new.as_str()), ("0.1", "0.5"));
    assert_eq!(reset(&edit.text, &path("lr")).trim(), "");
}

#[test]
fn what_cannot_be_read_leaves_the_text_alone_and_names_its_field() {
    let edit = set_field(&form::fields(&snapshot()), "", &path("epochs"), typed("many"));
    assert_eq!(edit.text, "");
    let refused = edit.refused.expect("a problem");
    assert!(refused.is_error);
    assert_eq!(refused.input.as_deref(), Some("p.steps.train.parameters.epochs"));
}

#[test]
fn a_text_that_cannot_be_read_says_where_and_keeps_what_was_typed() {
    let problem = Problem::warning(path("lr"), "Fix the text first.");
    let findings = look(&snapshot(), &[], "steps: [", &vec![(path("lr"), typed("0.7"), problem)]);
    assert!(findings.is_unreadable && findings.problems[0].line.is_some());
    assert_eq!(findings.entries[0].typed.text, "0.7");
}

#[test]
fn all_values_are_written_out_beside_those_that_are_set() {
    let text = expanded(&snapshot(), "# tuned\nsteps:\n  train:\n    parameters:\n      lr: 0.5\n");
    assert!(text.starts_with("# tuned\n") && text.contains("lr: 0.5") && text.contains("epochs: 3"), "{text}");
    assert!(look(&snapshot(), &[], &text, &Refused::new()).changes.iter().all(|change| change.path.ends_with("lr")));
}
