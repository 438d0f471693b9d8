//! Lists: every filter, operator and sort key of every list, against the parameters that ZenML 0.98 documents.
//!
//! `fixtures/list_parameters.json` names each list's filters with their kind, and what it can be sorted by, as the
//! reference server was seen to accept them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::util::{Client, Scene, TestApp};

pub const ID: &str = "c6df0e38-512d-4f0a-87f6-d03095fe9931";
pub const TIME: &str = "2026-01-01 00:00:00";

/// Asked of the connectors' own code, not of the database: see the tests of service connectors.
const NOT_IN_THE_DATABASE: &str = "/api/v1/service_connectors/resources";

#[derive(Deserialize)]
pub struct List {
    pub filters: BTreeMap<String, FilterKind>,
    pub sorts: Vec<String>,
}

/// What a filter compares, as the reference server was seen to treat it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum FilterKind {
    /// Any operator but `in`.
    Text,
    /// Like text; the operand is an id, or a name where a related row is meant.
    Uuid,
    Integer,
    /// Like text, compared with numbers.
    Float,
    Time,
    /// True or false, with an operator if need be.
    Boolean,
    /// True or false alone.
    Flag,
    /// An id alone.
    Id,
    /// A text that may be anything.
    Plain,
    /// `key:value` or `key:operator:value`.
    Metadata,
}

impl FilterKind {
    /// Values that must be understood.
    fn good(self) -> Vec<String> {
        let operators = |names: &[&str], operand: &str| names.iter().map(|name| format!("{name}:{operand}")).collect::<Vec<_>>();
        let likes = ["equals", "notequals", "contains", "notcontains", "startswith", "endswith"];
        let ranges = ["gte", "gt", "lte", "lt"];
        let exact = ["equals", "notequals"];
        let nulls = operators(&["isnull", "isnotnull"], "");
        let text = |operand: &str| {
            let list = json!([operand, "other"]).to_string();
            [
                operators(&likes, operand),
                operators(&ranges, "1.5"),
                operators(&["oneof", "notoneof"], &list),
                nulls.clone(),
                vec![operand.to_owned()],
            ]
            .concat()
        };
        match self {
            Self::Text => text("abc"),
            Self::Uuid => [text(ID), text("c6df")].concat(),
            Self::Float => [text("60"), text("1.5")].concat(),
            Self::Integer => [operators(&exact, "1"), operators(&ranges, "1"), nulls, vec!["1".to_owned()]].concat(),
            Self::Time => {
                let within = format!("in:{TIME},2027-01-01 00:00:00");
                [operators(&exact, TIME), operators(&ranges, TIME), nulls, vec![TIME.to_owned(), "2026-01-01T00:00:00".to_owned(), within]]
                    .concat()
            }
            Self::Boolean => [operators(&exact, "true"), nulls, vec!["True".to_owned(), "false".to_owned()]].concat(),
            Self::Flag => vec!["True".to_owned(), "false".to_owned()],
            Self::Id => vec![ID.to_owned()],
            Self::Plain => vec!["abc".to_owned()],
            Self::Metadata => text("abc").iter().map(|text| format!("accuracy:{text}")).collect(),
        }
    }

    /// Values that must be refused, which shows that the filter is not merely ignored.
    fn wrong(self) -> &'static [&'static str] {
        match self {
            Self::Text | Self::Uuid => &["in:a,b", "oneof:a", "isnull:x"],
            Self::Float => &["in:1,2", "oneof:a", "isnull:x", "gte:many"],
            Self::Integer => &["contains:1", "oneof:[1]", "many", "gte:many"],
            Self::Time => &["contains:2026", "gte:2026-01-01T00:00:00", "yesterday", "in:2026-01-01 00:00:00"],
            Self::Boolean => &["contains:true", "gte:true", "maybe"],
            Self::Flag => &["maybe", "", "equals:true", "isnull:"],
            Self::Id => &["nobody", "equals:nobody"],
            Self::Plain => &[],
            Self::Metadata => &["accuracy", "accuracy:in:a,b"],
        }
    }
}

pub fn documented() -> BTreeMap<String, List> {
    serde_json::from_str(include_str!("../fixtures/list_parameters.json")).expect("the fixture")
}

/// The status of a list with one parameter.
async fn status(client: &Client, path: &str, name: &str, value: &str) -> u16 {
    let query = serde_urlencoded::to_string([(name, value)]).expect("a query");
    client.get(&format!("{path}?{query}")).await.status.as_u16()
}

#[tokio::test]
async fn documented_filters_and_sort_keys_are_understood_and_wrong_values_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let account = admin.post("/api/v1/service_accounts", &json!({ "name": "robot", "active": true })).await.good().json();
    let mut differences = Vec::new();
    for (template, list) in documented() {
        let path = template.replace("{service_account_id}", account["id"].as_str().expect("an id"));
        if template == NOT_IN_THE_DATABASE {
            continue;
        }
        let mut expect = async |name: &str, value: &str, wanted: u16| {
            let got = status(&admin, &path, name, value).await;
            if got != wanted {
                differences.push(format!("{template}?{name}={value} gave {got}, not {wanted}"));
            }
        };
        for (name, kind) in &list.filters {
            for value in kind.good() {
                expect(name, &value, 200).await;
            }
            for value in kind.wrong() {
                expect(name, value, 422).await;
            }
        }
        for key in &list.sorts {
            for value in [key.clone(), format!("asc:{key}"), format!("desc:{key}"), format!("sideways:{key}")] {
                expect("sort_by", &value, 200).await;
            }
        }
        for wrong in ["nonsense", "desc:page", "scope_user"] {
            expect("sort_by", wrong, 422).await;
        }
        // What no list knows is ignored, as the reference server does.
        expect("nonsense", "1", 200).await;
        for (name, wrong) in [("page", "0"), ("size", "0"), ("size", "10001"), ("size", "many"), ("logical_operator", "xor")] {
            expect(name, wrong, 422).await;
        }
        expect("page", "1000", 400).await;
        expect("logical_operator", "or", 200).await;
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// The names of a list's items, in its order.
async fn names(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.good().json();
    let items = page["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

/// Insists that a list with this query has the items with these names, in this order.
#[track_caller]
fn assert_names(query: &str, got: Vec<String>, wanted: &[&str]) {
    assert_eq!(got, wanted, "{query}");
}

#[tokio::test]
async fn operators_find_what_they_say() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let admin = &scene.client;
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let mut runs = Vec::new();
    for (name, tags, accuracy) in
        [("Alpha_1", json!(["red"]), json!(0.5)), ("alpha_2", json!(["blue", "red"]), json!("high")), ("beta", json!([]), json!(2))]
    {
        let run = scene.run(name, json!({})).await;
        admin.put(&format!("/api/v1/runs/{}", id(&run)), &json!({ "add_tags": tags })).await.good();
        let metadata = json!({
            "project": scene.project, "resources": [{ "id": run["id"], "type": "pipeline_run" }],
            "values": { "accuracy": accuracy }, "types": { "accuracy": "float" },
        });
        admin.post("/api/v1/run-metadata", &metadata).await.good();
        runs.push(run);
    }
    let version = scene.store("dataset", json!({})).await;
    scene.complete(&scene.step(&runs[2]).await, &version).await;
    let (first, second) = (id(&runs[0]), id(&runs[1]));
    let stack_prefix = format!("stack=startswith:{}", &scene.stack[..9]);
    let of_stack = format!("stack={}", scene.stack);
    let two_ids = format!("id=oneof:[\"{first}\",\"{second}\"]").replace('"', "%22");
    let id_prefix = format!("id=startswith:{}", &first[..20]);
    let no_id = format!("id=notequals:{first}");
    let other_user = format!("scope_user={ID}&logical_operator=or&name=beta");
    let all: &[&str] = &["Alpha_1", "alpha_2", "beta"];
    let cases: &[(&str, &[&str])] = &[
        ("", all),
        ("name=beta", &["beta"]),
        ("name=BETA", &[]),
        ("name=equals:beta", &["beta"]),
        ("name=notequals:beta", &["Alpha_1", "alpha_2"]),
        ("name=contains:PHA", &["Alpha_1", "alpha_2"]),
        ("name=notcontains:pha", &["beta"]),
        ("name=startswith:aLPHA_", &["Alpha_1", "alpha_2"]),
        ("name=startswith:lpha", &[]),
        ("name=endswith:2", &["alpha_2"]),
        ("name=oneof:[%22beta%22,%22alpha_2%22]", &["alpha_2", "beta"]),
        ("name=notoneof:[%22beta%22]", &["Alpha_1", "alpha_2"]),
        ("name=oneof:[]", &[]),
        ("name=isnull:", &[]),
        // A colon after what is no operator belongs to the value.
        ("name=a:b", &[]),
        ("name=contains:a&name=endswith:1", &["Alpha_1"]),
        ("name=beta&name=alpha_2", &[]),
        ("name=beta&name=alpha_2&logical_operator=or", &["alpha_2", "beta"]),
        ("status=completed", &["beta"]),
        ("status=oneof:[%22completed%22,%22running%22]", all),
        ("index=gte:2", &["alpha_2", "beta"]),
        ("index=gt:2", &["beta"]),
        ("index=lte:1", &["Alpha_1"]),
        ("index=lt:1", &[]),
        ("index=2", &["alpha_2"]),
        ("index=notequals:2", &["Alpha_1", "beta"]),
        ("start_time=in:2026-11-23 04:51:11,2026-11-23 04:51:12", all),
        ("start_time=lt:2026-11-23 04:51:11", &[]),
        ("end_time=gt:2026-11-23 05:00:00", &["beta"]),
        ("end_time=isnull:", &["Alpha_1", "alpha_2"]),
        ("end_time=isnotnull:", &["beta"]),
        ("in_progress=True", &["Alpha_1", "alpha_2"]),
        ("in_progress=False", &["beta"]),
        (&two_ids, &["Alpha_1", "alpha_2"]),
        (&id_prefix, &["Alpha_1"]),
        (&no_id, &["alpha_2", "beta"]),
        ("id=nonsense", &[]),
        ("id=notequals:nonsense", all),
        (&of_stack, all),
        (&stack_prefix, all),
        ("stack=default", all),
        ("stack=other", &[]),
        ("stack_component=default", all),
        ("pipeline=startswith:TRAIN", all),
        ("pipeline_name=training", all),
        ("user=admin", all),
        ("user=nobody", &[]),
        (&other_user, &[]),
        ("tags=red", &["Alpha_1", "alpha_2"]),
        ("tags=red&tags=blue", &["alpha_2"]),
        ("tags=startswith:bl", &["alpha_2"]),
        ("tags=isnull:", &["beta"]),
        ("tags=isnotnull:", &["Alpha_1", "alpha_2"]),
        ("run_metadata=accuracy:high", &["alpha_2"]),
        ("run_metadata=accuracy:startswith:hi", &["alpha_2"]),
        ("run_metadata=accuracy:endswith:gh", &["alpha_2"]),
        ("run_metadata=accuracy:oneof:[%22high%22,%222%22]", &["alpha_2", "beta"]),
        ("run_metadata=accuracy:gt:1", &["beta"]),
        ("run_metadata=accuracy:lte:0.5", &["Alpha_1"]),
        ("run_metadata=loss:1", &[]),
        ("sort_by=desc:name", &["beta", "alpha_2", "Alpha_1"]),
        ("sort_by=desc:index", &["beta", "alpha_2", "Alpha_1"]),
        ("sort_by=status&size=1", &["beta"]),
        // By the names joined: none, "blue, red", "red".
        ("sort_by=tags", &["beta", "alpha_2", "Alpha_1"]),
        ("sort_by=desc:tags", &["Alpha_1", "alpha_2", "beta"]),
        ("sort_by=desc:end_time&size=1", &["beta"]),
    ];
    for (query, wanted) in cases {
        assert_names(query, names(admin, &format!("/api/v1/runs?{}", query.replace(' ', "%20"))).await, wanted);
    }
    // Rows that sort alike keep an order of their own, so that pages neither repeat nor leave out any.
    let mut paged = Vec::new();
    for page in 1..=3 {
        paged.extend(names(admin, &format!("/api/v1/runs?sort_by=user&size=1&page={page}")).await);
    }
    paged.sort();
    assert_names("sort_by=user, page by page", paged, all);
}
