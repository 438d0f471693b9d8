//! Run Details without scripts: values of several types, and lists of models as cards.

use scraper::{Html, Selector};
use serde_json::{Value, json};

use super::{
    form::PageForm,
    run_details::{again, form},
};
use crate::util::{Scene, TestApp};

const STEP: &str = "steps.train.parameters";

/// Run Details of a named snapshot with a union and a list of models.
async fn page(scene: &Scene) -> String {
    let parameters = json!({ "depth": 3, "layers": [{ "units": 64 }, { "units": 32, "activation": "tanh" }] });
    let spec = json!({
        "properties": {
            "depth": { "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "auto" }, { "type": "string" }] },
            "layers": { "type": "array", "items": { "$ref": "#/$defs/Layer" } },
        },
        "$defs": { "Layer": { "type": "object", "title": "Layer", "required": ["units"], "properties": {
            "units": { "type": "integer", "minimum": 1 },
            "activation": { "enum": ["relu", "tanh"], "default": "relu" },
        } } },
    });
    let mut request = scene.snapshot_request(json!({ "name": "nested" }));
    let step = &mut request["step_configurations"]["train"];
    step["spec"]["parameter_spec"] = spec;
    step["config"]["parameters"] = parameters.clone();
    step["step_config_overrides"]["parameters"] = parameters;
    let snapshot = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    format!("/projects/default/snapshots/{}/run", snapshot["id"].as_str().expect("an id"))
}

fn at(prefix: &str, rest: &str) -> String {
    format!("{prefix}.{STEP}.{rest}")
}

fn yaml(form: &PageForm) -> &str {
    form.get("yaml").expect("the text")
}

#[tokio::test]
async fn the_chosen_type_counts_and_what_was_typed_for_others_is_kept() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let opened = form(&scene.client, &path).await;
    let (kind, number, text) = (at("type", "depth"), at("p", "depth.?0"), at("p", "depth.?2"));
    assert_eq!((opened.get(&kind), opened.get(&number), opened.get(&text)), (Some("0"), Some("3"), Some("")));
    assert_eq!(yaml(&again(&opened.send(&scene.client, "check").await, 200, &path)), "", "sent as it is it changes nothing");

    let sent = opened.with("yaml", "# kept\n").with(&number, "7").with(&text, "deep").with(&kind, "2").send(&scene.client, "check").await;
    let changed = again(&sent, 200, &path);
    assert!(yaml(&changed).starts_with("# kept\n") && yaml(&changed).contains("depth: deep"), "{}", yaml(&changed));
    assert_eq!((changed.get(&kind), changed.get(&number)), (Some("2"), Some("7")));

    let back = again(&changed.with(&kind, "0").send(&scene.client, "check").await, 200, &path);
    assert!(yaml(&back).contains("depth: 7"), "{}", yaml(&back));
    assert_eq!(back.get(&text), Some("deep"));
    let auto = again(&back.with(&kind, "1").send(&scene.client, "check").await, 200, &path);
    assert!(yaml(&auto).contains("depth: auto"), "{}", yaml(&auto));

    let wrong = auto.with(&kind, "0").with(&number, "many").send(&scene.client, "run").await;
    let kept = again(&wrong, 422, &path);
    assert_eq!((kept.get(&kind), kept.get(&number), kept.get(&text)), (Some("0"), Some("many"), Some("deep")));
    let small = kept.with(&number, "0").send(&scene.client, "run").await;
    assert!(small.text().contains("not the number 0"), "{}", small.text());
    let run = again(&small, 422, &path).with(&number, "5").send(&scene.client, "run").await;
    assert_eq!(run.status.as_u16(), 303, "{}", run.text());
}

#[tokio::test]
async fn entries_of_a_list_are_cards_with_buttons() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let opened = form(&scene.client, &path).await;
    let (count, unit) = (at("cards", "layers.?0"), |entry: usize| at("p", &format!("layers.?0.{entry}.units")));
    assert_eq!((opened.get(&count), opened.get(&unit(0)), opened.get(&unit(1))), (Some("2"), Some("64"), Some("32")));
    let list = |form: &PageForm| -> Value { serde_json::from_str(&yaml_list(yaml(form))).expect("a list") };

    // What was typed elsewhere and here is kept by every button.
    let typed = opened.with(&unit(0), "128").with("p.run_name", "mine").with("yaml", "# kept\n");
    let added = again(&typed.send(&scene.client, &format!("card:add:{STEP}.layers.?0")).await, 200, &path);
    assert_eq!((added.get(&count), added.get(&unit(0)), added.get(&unit(2))), (Some("3"), Some("128"), Some("")));
    assert_eq!((added.get("p.run_name"), added.get(&at("p", "layers.?0.2.activation"))), (Some("mine"), Some("relu")));
    assert!(yaml(&added).starts_with("# kept\n"));
    let refused = added.send(&scene.client, "run").await;
    assert!(refused.text().contains("entry 3: `units` is missing."), "{}", refused.text());

    let copied = again(&added.with(&unit(2), "x").send(&scene.client, &format!("card:copy:{STEP}.layers.?0.2")).await, 200, &path);
    assert_eq!((copied.get(&count), copied.get(&unit(3))), (Some("4"), Some("x")), "what cannot be read is kept too");
    let removed = again(&copied.send(&scene.client, &format!("card:remove:{STEP}.layers.?0.3")).await, 200, &path);
    let moved = removed.with(&unit(2), "16").send(&scene.client, &format!("card:up:{STEP}.layers.?0.2")).await;
    let moved = again(&moved, 200, &path);
    assert_eq!((moved.get(&unit(1)), moved.get(&unit(2))), (Some("16"), Some("32")));
    assert_eq!(list(&moved), json!([{ "units": 128 }, { "units": 16 }, { "units": 32, "activation": "tanh" }]));

    let page = Html::parse_document(&scene.client.get(&path).await.good().text());
    let names = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        page.select(&selector).map(|found| found.attr("aria-label").unwrap_or(&found.text().collect::<String>()).to_owned()).collect()
    };
    assert_eq!(names(".cards__name"), ["Entry 1", "Entry 2"]);
    assert!(names(".cards__moves button").contains(&"Remove entry 2".to_owned()));
    let run = moved.send(&scene.client, "run").await;
    assert_eq!(run.status.as_u16(), 303, "{}", run.text());
}

/// The list in a text as JSON.
fn yaml_list(text: &str) -> String {
    let configuration = darkroom::run_configuration::document::read(text).expect("YAML").value;
    configuration["steps"]["train"]["parameters"]["layers"].to_string()
}

#[tokio::test]
async fn a_value_that_fits_no_control_is_yaml_and_a_link_fills_any_of_them_in() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let link = format!("{path}?p.{STEP}.depth=%22deep%22&p.{STEP}.layers=%5B%7B%22units%22%3A1%7D%5D");
    let linked = form(&scene.client, &link).await;
    assert_eq!((linked.get(&at("type", "depth")), linked.get(&at("p", "depth.?2"))), (Some("2"), Some("deep")));
    assert_eq!((linked.get(&at("cards", "layers.?0")), linked.get(&at("p", "layers.?0.0.units"))), (Some("1"), Some("1")));
    let text = "steps:\n  train:\n    parameters:\n      layers:\n        - units: 1\n          more: 0x10 # kept\n";
    let sent = form(&scene.client, &path).await.with("yaml", text).send(&scene.client, "check").await;
    let shown = again(&sent, 200, &path);
    assert_eq!((shown.get(&at("type", "layers")), yaml(&shown)), (Some("1"), text));
    assert!(shown.get(&at("p", "layers.?1")).is_some_and(|text| text.contains("more: 16")), "{shown:?}");
    let sent = shown.send(&scene.client, "check").await;
    assert_eq!(yaml(&again(&sent, 200, &path)), text, "and is left alone");
}
