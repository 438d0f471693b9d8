//! How lists are read: through indexes, on both databases. What grows without end is never scanned whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use darkroom::server::{
    db::{
        Connection, Dialect, STATEMENTS, artifact_versions::ArtifactVersionRow, pipeline_runs::PipelineRunRow,
        pipeline_snapshots::PipelineSnapshotRow, step_runs::StepRunRow,
    },
    id::Id,
    time::Timestamp,
};
use serde_json::{Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

use super::lists::{FilterKind, ID, TIME, documented};
use crate::util::{Scene, TestApp};

/// Tables that grow with every run.
const LARGE: [&str; 4] = ["artifact_versions", "pipeline_runs", "pipeline_snapshots", "step_runs"];

/// Queries whose total reads every row of the project: (list, start of the query). Most serve together with a narrower
/// filter, such as the run of a step or the artifact of a version; an index for each would slow every run down.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The total of a whole list on PostgreSQL; SQLite keeps it, and both keep that of runs.
    ("/api/v1/artifact_versions", "sort_by="),
    ("/api/v1/pipeline_snapshots", "sort_by="),
    ("/api/v1/steps", "sort_by="),
    // Prefixes of words of which there are few, and of hashes, which are compared whole.
    ("/api/v1/artifact_versions", "type=startswith"),
    ("/api/v1/runs", "orchestrator_run_id=startswith"),
    ("/api/v1/runs", "status=startswith"),
    ("/api/v1/steps", "cache_key=startswith"),
    ("/api/v1/steps", "code_hash="),
    ("/api/v1/steps", "status=startswith"),
    // What is asked for within one artifact.
    ("/api/v1/artifact_versions", "data_type="),
    ("/api/v1/artifact_versions", "materializer="),
    ("/api/v1/artifact_versions", "uri="),
    ("/api/v1/artifact_versions", "version="),
    ("/api/v1/artifact_versions", "version_number="),
    // What is asked for within one run, or as one of the two conditions of a cache look-up.
    ("/api/v1/steps", "cache_expired="),
    ("/api/v1/steps", "cache_expires_at="),
    ("/api/v1/steps", "exclude_retried="),
    ("/api/v1/steps", "version="),
    // A run by its name alone, in whatever project.
    ("/api/v1/run_wait_conditions", "pipeline_run="),
    // Conditions that hold for most rows, or on what hangs on a row: each row is looked up by its id.
    ("/api/v1/artifact_versions", "only_unused="),
    ("/api/v1/artifact_versions", "pipeline_run="),
    ("/api/v1/artifact_versions", "tags="),
    ("/api/v1/pipeline_snapshots", "deployable="),
    ("/api/v1/pipeline_snapshots", "deployed="),
    ("/api/v1/pipeline_snapshots", "named_only=false"),
    ("/api/v1/pipeline_snapshots", "runnable="),
    ("/api/v1/pipeline_snapshots", "tags="),
    ("/api/v1/pipeline_snapshots", "trigger_id="),
    ("/api/v1/run_templates", "code_repository_id="),
    ("/api/v1/runs", "code_repository"),
    ("/api/v1/runs", "root_runs_only=false"),
    ("/api/v1/runs", "tags="),
    ("/api/v1/runs", "templatable="),
];

/// The statements that a thread runs.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<BTreeSet<String>>>);

impl Statements {
    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

impl Visit for Statements {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.lock().expect("not poisoned").insert(value.to_owned());
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == STATEMENTS {
            event.record(&mut self.clone());
        }
    }
}

/// A project with a few hundred rows in each of the large tables, copied from one that was made through REST.
async fn seed(app: &TestApp, scene: &Scene) {
    let run = scene.run("first", json!({})).await;
    let step = scene.step(&run).await;
    let version = scene.store("dataset", json!({})).await;
    scene.complete(&step, &version).await;
    let id = |value: &Value| value["id"].as_str().and_then(|id| id.parse::<Id>().ok()).expect("an id");
    let mut connection = app.state.db.begin().await.expect("a transaction");
    let run: PipelineRunRow = connection.get(id(&run)).await.expect("read").expect("the run");
    let step: StepRunRow = connection.get(id(&step)).await.expect("read").expect("the step");
    let version: ArtifactVersionRow = connection.get(id(&version)).await.expect("read").expect("the version");
    let snapshot: PipelineSnapshotRow = connection.get(run.snapshot_id).await.expect("read").expect("the snapshot");
    for n in 2..300_i64 {
        let now = Timestamp::now();
        let snapshot = PipelineSnapshotRow { id: Id::new(), created: now, ..snapshot.clone() };
        let status = if n % 5 == 0 { "failed" } else { "completed" }.parse().expect("a status");
        let name = format!("run {n}");
        let orchestrator_run_id = Some(name.clone());
        let run = PipelineRunRow {
            id: Id::new(),
            created: now,
            snapshot_id: snapshot.id,
            name,
            orchestrator_run_id,
            run_index: n,
            status,
            in_progress: false,
            ..run.clone()
        };
        let step = StepRunRow { id: Id::new(), created: now, pipeline_run_id: run.id, snapshot_id: Some(snapshot.id), ..step.clone() };
        let version =
            ArtifactVersionRow { id: Id::new(), created: now, version: n.to_string(), version_number: Some(n), ..version.clone() };
        connection.insert(&snapshot).await.expect("stored");
        connection.insert(&run).await.expect("stored");
        connection.insert(&step).await.expect("stored");
        connection.insert(&version).await.expect("stored");
    }
    connection.commit().await.expect("committed");
}

/// Values for equality, one of several, ranges and prefixes, as far as the kind has them.
fn indexed_values(kind: FilterKind) -> Vec<String> {
    let values: &[&str] = match kind {
        FilterKind::Text => &["abc", "oneof:[\"abc\",\"abd\"]", "startswith:abc"],
        FilterKind::Uuid => &[ID, "oneof:[\"c6df0e38-512d-4f0a-87f6-d03095fe9931\"]", "startswith:c6df0e38"],
        FilterKind::Integer => &["1", "gte:200"],
        FilterKind::Time => &[TIME, "gte:2026-01-01 00:00:00", "in:2026-01-01 00:00:00,2026-01-02 00:00:00"],
        FilterKind::Boolean | FilterKind::Flag => &["true", "false"],
        FilterKind::Id => &[ID],
        FilterKind::Plain => &["abc"],
        FilterKind::Metadata => &["accuracy:1"],
        FilterKind::Float => &["60"],
    };
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// What is wrong with the plan of a statement, if anything.
async fn trouble(connection: &mut Connection, sql: &str) -> Option<String> {
    if connection.dialect() == Dialect::Postgres {
        let literal = |sql: &str| (1..=sql.matches('$').count()).rev().fold(sql.to_owned(), |sql, n| sql.replace(&format!("${n}"), "'1'"));
        let plan: Vec<(String,)> = connection.fetch_all(&format!("explain {}", literal(sql)), Vec::new()).await.expect("a plan");
        return plan.into_iter().map(|(line,)| line).find(|line| LARGE.iter().any(|table| line.contains(&format!("Seq Scan on {table}"))));
    }
    let values = vec![darkroom::server::db::Value::from("1"); sql.matches('$').count()];
    let plan: Vec<(i64, i64, i64, String)> = connection.fetch_all(&format!("explain query plan {sql}"), values).await.expect("a plan");
    let large = aliases(sql);
    let counts = sql.starts_with("select count(*)");
    plan.into_iter().map(|(.., line)| line).find(|line| {
        let mut words = line.split(' ');
        let (Some(how), Some(alias)) = (words.next(), words.next()) else { return false };
        // A count that knows nothing but the project reads all of it.
        large.contains(alias) && (how == "SCAN" || counts && line.ends_with("(project_id=?)"))
    })
}

/// The names that a statement has for the large tables.
fn aliases(sql: &str) -> BTreeSet<&str> {
    let words: Vec<&str> = sql.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| LARGE.contains(&pair[0]));
    pairs.flat_map(|pair| [pair[0], pair[1]]).filter(|word| !["where", "order"].contains(word)).collect()
}

#[tokio::test]
async fn lists_read_what_grows_through_indexes() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    seed(&app, &scene).await;
    let statements = Statements::default();
    let _guard = tracing_subscriber::registry().with(statements.clone()).set_default();
    // Whoever comes to the trace first decides whether anybody listens: it is reached once, and then decided anew.
    scene.client.get("/api/v1/runs").await.good();
    tracing::callsite::rebuild_interest_cache();
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (path, list) in documented() {
        if path.contains('{') {
            continue;
        }
        let mut queries = vec![("sort_by", "created".to_owned()), ("sort_by", "desc:created".to_owned())];
        for (name, kind) in &list.filters {
            queries.extend(indexed_values(*kind).into_iter().map(|value| (name.as_str(), value)));
        }
        for (name, value) in queries {
            let query = serde_urlencoded::to_string([(name, &value)]).expect("a query");
            scene.client.get(&format!("{path}?{query}")).await;
            // The old name of the same list.
            let list_name = path.replace("pipeline_deployments", "pipeline_snapshots");
            let excepted = EXCEPTIONS.iter().any(|(list, start)| list_name == *list && format!("{name}={value}").starts_with(start));
            for sql in statements.take().into_iter().filter(|sql| !excepted && sql.starts_with("select")) {
                found.entry(sql).or_default().insert((path.clone(), query.clone()));
            }
        }
    }
    assert!(found.len() > 100, "only {} statements were seen", found.len());
    let mut connection = app.state.db.read().await.expect("a connection");
    if connection.dialect() == Dialect::Postgres {
        connection.execute("set enable_seqscan = off", Vec::new()).await.expect("set");
    }
    let mut troubles = Vec::new();
    for (sql, origins) in &found {
        if let Some(line) = trouble(&mut connection, sql).await {
            troubles.push(format!("{origins:?}\n    {line}\n    {sql}"));
        }
    }
    assert!(troubles.is_empty(), "{} statements read too much:\n{}", troubles.len(), troubles.join("\n"));
}

/// The totals of whole lists, which are kept, and of the same lists with a condition that holds for all rows, which are counted.
async fn totals(scene: &Scene) -> (Vec<Value>, Vec<Value>) {
    let (mut whole, mut counted) = (Vec::new(), Vec::new());
    for list in ["artifact_versions?", "pipeline_snapshots?", "pipeline_snapshots?named_only=true", "steps?"] {
        let total = async |filter: &str| scene.client.get(&format!("/api/v1/{list}{filter}")).await.good().json()["total"].clone();
        whole.push(total("").await);
        counted.push(total("&created=gte:1970-01-01%2000:00:00").await);
    }
    (whole, counted)
}

#[tokio::test]
async fn totals_stay_right_when_rows_come_and_go() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    seed(&app, &scene).await;
    let named = scene.snapshot(json!({ "name": "daily" })).await;
    let run = scene.client.post("/api/v1/runs", &scene.run_request(&named, "of a name", json!({}))).await.good().json()[0].clone();
    scene.step(&run).await;
    let path = format!("/api/v1/pipeline_snapshots/{}", named["id"].as_str().expect("an id"));
    let (whole, counted) = totals(&scene).await;
    assert_eq!(whole, counted);
    assert_eq!((&whole[1], &whole[2], &whole[3]), (&json!(300), &json!(1), &json!(300)));

    scene.client.put(&path, &json!({ "name": false })).await.good();
    let (whole, counted) = totals(&scene).await;
    assert_eq!(whole, counted, "without the name");
    scene.client.put(&path, &json!({ "name": "nightly" })).await.good();
    scene.client.put(&path, &json!({ "name": "weekly" })).await.good();
    assert_eq!(totals(&scene).await.0[2], 1, "with another name");

    // The run and its step go with the snapshot.
    scene.client.delete(&path).await.good();
    let (whole, counted) = totals(&scene).await;
    assert_eq!(whole, counted, "without the snapshot");
    assert_eq!((&whole[1], &whole[2], &whole[3]), (&json!(299), &json!(0), &json!(299)));
}
