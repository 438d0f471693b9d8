//! A view narrows and never widens, and a launch is judged by what it changes.

use fastrand::Rng;
use serde_json::{Value, json};

use super::*;
use crate::run_configuration::{
    derive::derive,
    edit,
    example::{dynamic_snapshot, map, training_snapshot},
    form::{self, FieldKind},
    problem::has_errors,
    review::review,
    validate::validate,
};

const RATE: &str = "steps.model_trainer.parameters.learning_rate";
const ROWS: &str = "steps.data_loader.parameters.rows";
const MODEL: &str = "steps.model_trainer.parameters.model_type";

fn view(fields: Value) -> FormView {
    serde_json::from_value(json!({ "fields": fields })).expect("a view")
}

fn under(view: FormView) -> Snapshot {
    Snapshot { form: Some(Form { view, only: true, is_own: true }), ..training_snapshot() }
}

fn places(problems: &[crate::run_configuration::problem::Problem]) -> Vec<String> {
    problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.path.to_string()).collect()
}

/// What a launch with these values breaks.
fn broken(view: &FormView, configuration: Value) -> Vec<(Rule, String)> {
    let (snapshot, mut configuration, mut whole) = (training_snapshot(), map(configuration), Vec::new());
    Form { view: view.clone(), only: true, is_own: true }.fill(&snapshot, &mut configuration, &mut whole);
    let launched = derive(&snapshot, &configuration, &whole).expect("the snapshot takes it").snapshot;
    let changes = in_force(&snapshot, &launched).expect("the snapshot runs");
    breaches(view, &snapshot, &changes, &launched).into_iter().map(|found| (found.rule, found.problem.path.to_string())).collect()
}

fn rate(value: Value) -> Value {
    json!({"steps": {"model_trainer": {"parameters": {"learning_rate": value}}}})
}

#[test]
fn a_view_goes_through_its_document_unchanged() {
    let text = json!({
        "intro": "Look **here**.",
        "fields": [
            {"path": "steps.a\\.b.parameters.x", "label": "X", "help": "h", "value": null, "locked": true},
            {"path": "run_name", "minimum": 1, "maximum": 2.5, "allowed": [1, "a", null], "max_length": 3, "multiline": true},
            {"path": "tags"},
        ],
    });
    let read: FormView = serde_json::from_value(text.clone()).expect("a view");
    assert_eq!(read.fields[0].value, Some(Value::Null), "null is a value, none is none");
    assert_eq!((read.fields[2].value.clone(), serde_json::to_value(&read).expect("JSON")), (None, text));
    assert!(serde_json::from_value::<FormView>(json!({"fields": [{"path": "a", "maxmum": 3}]})).is_err(), "a typing error is no limit");
}

#[test]
fn fields_come_in_the_order_of_the_view_with_its_words_and_limits() {
    let own = view(json!([
        {"path": MODEL, "label": "Kind of model", "help": "Trees are *slow*.", "allowed": ["tree", "forest"], "value": "tree"},
        {"path": "steps.gone.parameters.x", "label": "Gone"},
        {"path": ROWS, "minimum": 10, "maximum": 50, "locked": true, "value": 30},
    ]));
    let fields = form::fields(&under(own));
    let shown: Vec<(&str, bool)> = fields.iter().map(|field| (field.label.as_str(), field.locked)).collect();
    assert_eq!(shown, [("Kind of model", false), ("rows", true)], "what the snapshot lacks is left out");
    assert_eq!(fields[0].kind, FieldKind::Choice { options: vec![json!("tree"), json!("forest")] });
    assert_eq!((fields[0].about.as_deref(), &fields[0].current), (Some("Trees are *slow*."), &Some(json!("tree"))));
    assert_eq!((fields[1].minimum.as_deref(), fields[1].maximum.as_deref()), (Some("at least 10"), Some("at most 50")));
}

#[test]
fn the_mistakes_of_an_owner_are_told_at_their_places() {
    let cases = [
        (json!([{"path": ROWS, "minimum": 0}]), "fields.0.minimum"),
        (json!([{"path": ROWS, "minimum": 1.5}]), "fields.0.minimum"),
        (json!([{"path": ROWS, "minimum": 30, "maximum": 20, "value": 25}]), "fields.0.maximum"),
        (json!([{"path": ROWS, "minimum": 100}]), "fields.0.value"),
        (json!([{"path": ROWS, "maximum": 50, "value": 51}]), "fields.0.value"),
        (json!([{"path": ROWS, "value": "many"}]), "fields.0.value"),
        (json!([{"path": ROWS, "max_length": 5}]), "fields.0.max_length"),
        (json!([{"path": ROWS, "multiline": true}]), "fields.0.multiline"),
        (json!([{"path": RATE, "minimum": 0}]), "fields.0.minimum"),
        (json!([{"path": MODEL, "minimum": 1}]), "fields.0.minimum"),
        (json!([{"path": MODEL, "allowed": ["tree", "network"], "value": "tree"}]), "fields.0.allowed"),
        (json!([{"path": MODEL, "allowed": []}]), "fields.0.allowed"),
        (json!([{"path": MODEL, "allowed": ["tree"]}]), "fields.0.value"),
        (json!([{"path": ROWS, "label": "N"}, {"path": RATE, "label": "n"}]), "fields.1.label"),
        (json!([{"path": ROWS}, {"path": RATE, "label": "rows"}]), "fields.1.label"),
        (json!([{"path": ROWS}, {"path": ROWS}]), "fields.1.path"),
    ];
    for (fields, place) in cases {
        assert_eq!(places(&check(&training_snapshot(), &view(fields.clone()))), [place], "{fields}");
    }
    let told = check(&training_snapshot(), &view(json!([{"path": "steps.data_loader.parameters.row"}])));
    assert!(!has_errors(&told) && told[0].fix.as_deref().is_some_and(|fix| fix.contains(ROWS)), "{told:?}");
    let good = view(
        json!([{"path": ROWS, "minimum": 1, "maximum": 50}, {"path": MODEL, "allowed": ["linear"], "locked": true}, {"path": "run_name"}]),
    );
    assert_eq!(check(&training_snapshot(), &good), []);
}

#[test]
fn nothing_but_what_is_offered_may_be_changed() {
    let own = view(json!([{"path": RATE}, {"path": ROWS, "locked": true}]));
    assert_eq!(broken(&own, json!({})), []);
    assert_eq!(broken(&own, rate(json!(0.5))), []);
    let closed = |path: &str| vec![(Rule::Closed, path.to_owned())];
    let cases = [
        (json!({"steps": {"data_loader": {"parameters": {"rows": 7}}}}), ROWS),
        (json!({"steps": {"model_trainer": {"parameters": {"seed": 7}}}}), "steps.model_trainer.parameters.seed"),
        (json!({"run_name": "mine"}), "run_name"),
        (json!({"enable_cache": false}), "enable_cache"),
        (json!({"environment": {"LD_PRELOAD": "x"}}), "environment.LD_PRELOAD"),
        (json!({"settings": {"resources": {"gpu_count": 8}}}), "settings.resources.gpu_count"),
        (json!({"steps": {"data_loader": {"retry": {"max_retries": 9}}}}), "steps.data_loader.retry"),
    ];
    for (configuration, path) in cases {
        let found = broken(&own, configuration.clone());
        assert!(
            !found.is_empty() && found.iter().all(|(rule, at)| *rule == Rule::Closed && at.starts_with(path)),
            "{configuration}: {found:?}"
        );
    }
    // What is as it was is no change, however much is sent.
    assert_eq!(broken(&own, json!({"steps": {"data_loader": {"parameters": {"rows": 20, "data_path": "data.csv"}}}})), []);
    assert_eq!(broken(&own, json!({"steps": {"data_loader": {"parameters": {"rows": 21}}}})), closed(ROWS));
}

#[test]
fn limits_hold_for_every_way_to_write_a_number() {
    let own = view(json!([{"path": RATE, "minimum": 0.01, "maximum": 1}]));
    for good in [json!(0.01), json!(1), json!("0.5"), json!(1e-2)] {
        assert_eq!(broken(&own, rate(good.clone())), [], "{good}");
    }
    for bad in [json!(1.1), json!("1.1"), json!("1e3"), json!("inf"), json!("nan"), json!(0.001)] {
        assert_eq!(broken(&own, rate(bad.clone())), [(Rule::Limits, RATE.to_owned())], "{bad}");
    }
    let rows = view(json!([{"path": ROWS, "maximum": 50}]));
    let sent = json!({"steps": {"data_loader": {"parameters": {"rows": "99999999999999999999999"}}}});
    assert_eq!(broken(&rows, sent), [(Rule::Limits, ROWS.to_owned())]);
}

#[test]
fn a_view_starts_its_fields_and_fixes_those_that_are_locked() {
    let own = view(
        json!([{"path": ROWS, "value": 30, "locked": true}, {"path": RATE, "value": 0.2}, {"path": MODEL, "allowed": ["linear", "tree"]}]),
    );
    let launched = |text: &str| review(&under(own.clone()), text);
    let changes = |text: &str| {
        launched(text).changes.into_iter().map(|change| (change.path.to_string(), change.new.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(changes(""), [(ROWS.to_owned(), json!(30)), (RATE.to_owned(), json!(0.2))]);
    let typed = "steps:\n  model_trainer:\n    parameters:\n      learning_rate: 0.1\n";
    assert_eq!(changes(typed), [(ROWS.to_owned(), json!(30))], "the snapshot's own value can be chosen");
    assert_eq!(places(&launched("steps:\n  data_loader:\n    parameters: {rows: 31}\n").problems), [ROWS]);
    let forest = launched("steps:\n  model_trainer:\n    parameters: {model_type: forest}\n");
    assert_eq!((places(&forest.problems), forest.problems[0].line), (vec![MODEL.to_owned()], Some(3)), "told at its line");
    // The snapshot of an earlier run keeps what that run had, but for what is locked.
    let run = Form { view: own, only: true, is_own: false };
    let (mut configuration, mut whole) = (Map::new(), Vec::new());
    run.fill(&training_snapshot(), &mut configuration, &mut whole);
    assert_eq!(Value::Object(configuration), json!({"steps": {"data_loader": {"parameters": {"rows": 30}}}}));
}

#[test]
fn who_may_edit_the_snapshot_is_told_of_limits_and_not_stopped() {
    let mut snapshot = under(view(json!([{"path": RATE, "maximum": 1}])));
    if let Some(form) = &mut snapshot.form {
        form.only = false;
    }
    let found = review(&snapshot, "enable_cache: false\nsteps:\n  model_trainer:\n    parameters: {learning_rate: 9}\n");
    assert!(!has_errors(&found.problems), "{:?}", found.problems);
    assert_eq!(found.problems.iter().filter(|problem| problem.path.to_string() == RATE).count(), 1);
}

#[test]
fn a_text_loses_what_the_form_does_not_offer() {
    let form = Form { view: view(json!([{"path": RATE}, {"path": ROWS, "locked": true, "value": 5}])), only: true, is_own: true };
    let text = "# note\nenable_cache: false\nsteps:\n  data_loader:\n    parameters: {rows: 9}\n  model_trainer:\n    parameters:\n      learning_rate: 0.5 # mine\n      seed: 3\n";
    let (kept, left_out) = confined(&form, text);
    assert_eq!(kept, "# note\nsteps:\n  model_trainer:\n    parameters:\n      learning_rate: 0.5 # mine\n");
    let left_out: Vec<String> = left_out.iter().map(ValuePath::to_string).collect();
    assert_eq!(left_out, ["enable_cache", ROWS, "steps.model_trainer.parameters.seed"]);
    assert_eq!(confined(&form, &kept), (kept.clone(), Vec::new()));
}

#[test]
fn pipeline_parameters_of_dynamic_pipelines_are_fields_too() {
    let snapshot = dynamic_snapshot();
    let own = view(json!([{"path": "parameters.n", "maximum": 5}]));
    let judged = |n: i64| {
        let launched = derive(&snapshot, &map(json!({"parameters": {"n": n}})), &[]).expect("it fits").snapshot;
        breaches(&own, &snapshot, &in_force(&snapshot, &launched).expect("it runs"), &launched).len()
    };
    assert_eq!((judged(5), judged(6)), (0, 1));
}

/// Whatever a view that is found good lets through, the snapshot takes too: limits only ever narrow.
#[test]
fn good_views_only_narrow() {
    let snapshot = training_snapshot();
    let mut rng = Rng::with_seed(27);
    let paths = [RATE, ROWS, MODEL, "steps.data_loader.parameters.data_path", "steps.model_trainer.parameters.seed"];
    let values = [
        json!(0),
        json!(1),
        json!(-3),
        json!(20),
        json!(0.1),
        json!(1.5),
        json!(1e9),
        json!("tree"),
        json!("linear"),
        json!(""),
        json!("x"),
        json!(null),
        json!(true),
        json!("7"),
        json!("a longer text"),
    ];
    let number = |rng: &mut Rng| [0.1, 0.0, 1.0, 2.0, 10.0, 25.0, -4.0][rng.usize(..7)];
    let (mut good, mut let_through) = (0, 0);
    for _ in 0..4000 {
        let mut field = json!({"path": paths[rng.usize(..paths.len())]});
        if rng.bool() {
            field["minimum"] = json!(number(&mut rng));
        }
        if rng.bool() {
            field["maximum"] = json!(number(&mut rng));
        }
        if rng.u8(..3) == 0 {
            field["max_length"] = json!(rng.u8(..20));
        }
        if rng.u8(..3) == 0 {
            field["allowed"] = (0..rng.usize(1..4)).map(|_| values[rng.usize(..values.len())].clone()).collect();
        }
        if rng.bool() {
            field["value"] = values[rng.usize(..values.len())].clone();
        }
        let own = view(json!([field]));
        if has_errors(&check(&snapshot, &own)) {
            continue;
        }
        good += 1;
        let known = own.known(&snapshot);
        let (base, own_field) = &known[0];
        let fits = |value: &Value| {
            let mut sent = Value::Object(Map::new());
            edit::put(&mut sent, base.path.segments(), value.clone());
            !has_errors(&validate(&snapshot, &map(sent), &[]))
        };
        // Every limit is one that the snapshot would take as a value, and so is what the field starts with.
        for limit in [&own_field.minimum, &own_field.maximum].into_iter().flatten() {
            assert!(fits(&json!(limit)), "{field}");
        }
        if let Some(value) = &own_field.value {
            assert!(fits(value) && super::enforce::outside(base, own_field, value).is_empty(), "{field}");
        }
        assert_eq!(broken(&own, json!({})), [], "{field}: the form as it stands can be sent");
        for value in &values {
            let mut sent = Value::Object(Map::new());
            edit::put(&mut sent, base.path.segments(), value.clone());
            if !fits(value) {
                continue;
            }
            let found = broken(&own, sent);
            let within = super::enforce::outside(base, own_field, value).is_empty();
            assert_eq!(found.is_empty(), within, "{field} {value}: {found:?}");
            let_through += usize::from(within);
        }
    }
    assert!(good > 300 && let_through > 300, "{good} good views, {let_through} values let through");
}

#[test]
fn options_of_steps_and_of_the_run_can_be_offered_and_fixed() {
    let retries = view(json!([{"path": "steps.data_loader.retry.max_retries", "maximum": 3}]));
    let retry = |value: Value| json!({"steps": {"data_loader": {"retry": value}}});
    assert_eq!(broken(&retries, retry(json!({"max_retries": 2}))), [], "the defaults beside it are nobody's change");
    let limit = (Rule::Limits, "steps.data_loader.retry.max_retries".to_owned());
    assert_eq!(broken(&retries, retry(json!({"max_retries": 4}))), [limit]);
    let delay = (Rule::Closed, "steps.data_loader.retry.delay".to_owned());
    assert_eq!(broken(&retries, retry(json!({"max_retries": 2, "delay": 60}))), [delay]);
    assert_eq!(broken(&retries, json!({"retry": {"max_retries": 2}})).len(), 3, "the run's are not offered");
    // What is stored in another form than it is typed in.
    let hook = view(json!([{"path": "failure_hook_source", "value": "hooks.notify", "locked": true}]));
    assert_eq!(broken(&hook, json!({})), []);
    assert_eq!(broken(&hook, json!({"failure_hook_source": "hooks.other"})), [(Rule::Closed, "failure_hook_source".to_owned())]);
    let mode = view(json!([{"path": "execution_mode", "value": "continue_on_failure", "locked": true}]));
    assert_eq!(broken(&mode, json!({})), []);
    let cpu = view(json!([{"path": "settings.resources.cpu_count", "value": 2, "locked": true}]));
    let resources = |cpu: u64| json!({"settings": {"resources": {"cpu_count": cpu}}});
    assert_eq!((broken(&cpu, json!({})), broken(&cpu, resources(2))), (vec![], vec![]));
    assert_eq!(broken(&cpu, resources(8)), [(Rule::Closed, "settings.resources.cpu_count".to_owned())]);
    // Nor is it taken away, where the snapshot has the same value.
    let mut with_cpu = training_snapshot();
    with_cpu.pipeline_configuration.insert("settings".to_owned(), json!({"resources": {"cpu_count": 2}}));
    let removal = json!({"settings": {"resources": {"cpu_count": null}}});
    let launched = derive(&with_cpu, &map(removal), &[ValuePath::from("settings.resources")]).expect("a run").snapshot;
    let changes = in_force(&with_cpu, &launched).expect("changes");
    assert!(!changes.is_empty(), "the launch takes it away");
    let found = breaches(&cpu, &with_cpu, &changes, &launched);
    assert_eq!(found.iter().map(|breach| breach.problem.path.to_string()).collect::<Vec<_>>(), ["settings.resources.cpu_count"]);
    assert_eq!(breaches(&cpu, &with_cpu, &[], &with_cpu), []);
    let secrets = check(&training_snapshot(), &view(json!([{"path": "secrets", "value": ["api"]}])));
    assert_eq!(places(&secrets), ["fields.0.value"]);
}
