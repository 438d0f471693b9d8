//! Proposed runs, without scripts: found, opened, launched with both names, declined with a reason, withdrawn.

use darkroom::{
    model::roles::Role,
    server::db::proposals::{ProposalRow, ProposalState},
};
use serde_json::{Value, json};

use super::run_details::{RATE, again, form, page};
use crate::util::{Answer, Client, Scene, TestApp};

async fn proposals(app: &TestApp) -> Vec<ProposalRow> {
    let mut connection = app.state.db.read().await.expect("a connection");
    connection.find_all("1 = 1 order by created", Vec::new()).await.expect("the query works")
}

async fn runs(scene: &Scene) -> Value {
    scene.client.get("/api/v1/runs").await.good().json()["total"].clone()
}

/// Where an answer leads.
#[track_caller]
fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    answer.header("location").to_owned()
}

const TEXT: &str = "# try less\nsteps:\n  train:\n    parameters:\n      rows: 7\n";

/// Proposes other rows, to somebody or, without a name, to anybody; gives the path of the proposal.
async fn propose(app: &TestApp, client: &Client, path: &str, to: Option<&str>) -> String {
    let recipient = match to {
        Some(name) => app.account(name).await.id.to_string(),
        None => String::new(),
    };
    let opened = again(&client.get(&format!("{path}?propose=1")).await, 200, path);
    let typed = opened.with("yaml", TEXT).with("propose_for", &recipient);
    let sent = typed.with("propose_note", "Fewer rows,\nplease").send(client, "propose").await;
    leads_to(&sent)
}

#[tokio::test]
async fn a_proposal_is_found_and_launched_with_both_names() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let proposal = propose(&app, &ann, &path, Some("ben")).await;
    assert_eq!(runs(&scene).await, 0);
    let own = ann.get(&proposal).await.good().text();
    assert!(own.contains("Open: nobody has decided yet.") && own.contains("Withdraw"), "{own}");
    let snapshot = path.trim_end_matches("/run");
    for (client, place) in [(&ben, "/"), (&ben, snapshot), (&ann, "/"), (&ann, snapshot)] {
        let text = client.get(place).await.good().text();
        assert!(text.contains("Fewer rows,"), "{place}: {text}");
    }
    assert!(ben.get("/").await.good().text().contains("Proposed runs (1)"));
    assert!(!ann.get("/").await.good().text().contains("Proposed runs ("), "one's own are not for oneself to launch");
    // Nobody else is told of it.
    let carl = app.user("carl").await;
    assert!(!carl.get("/").await.good().text().contains("Fewer rows,"));
    assert_eq!(carl.get(&proposal).await.status.as_u16(), 404);

    let opened = ben.get(&proposal).await;
    assert!(opened.text().contains("Proposed by ann") && opened.text().contains("proposal by ann"), "{}", opened.text());
    let opened = again(&opened, 200, &path);
    assert_eq!(opened.get("yaml"), Some(TEXT));
    let changed = opened.with(RATE, "0.5");
    let run = leads_to(&changed.send(&ben, "run").await);
    assert_eq!(leads_to(&changed.send(&ben, "run").await), run, "however often it is sent");
    let shown = ben.get(&run).await.good().text();
    assert!(shown.contains("proposed by ann, launched by ben"), "{shown}");
    let decided = ann.get(&proposal).await.good().text();
    assert!(decided.contains("Launched by ben.") && decided.contains(&run), "{decided}");
    assert!(ann.get("/").await.good().text().contains("launched by ben"));
    assert!(!ben.get("/").await.good().text().contains("Proposed runs ("));
    assert_eq!(runs(&scene).await, 1);
}

#[tokio::test]
async fn a_proposal_is_declined_with_a_reason_or_withdrawn() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let (ann, ben) = (app.user("ann").await, app.user("ben").await);
    let declined = propose(&app, &ann, &path, None).await;
    let id = declined.rsplit('=').next().expect("its id").to_owned();
    let opened = again(&ben.get(&declined).await, 200, &path);
    leads_to(&opened.clone().with("decline_reason", "Not on Fridays").send(&ben, &format!("decline:{id}")).await);
    let told = ann.get("/").await.good().text();
    assert!(told.contains("declined by ben") && told.contains("Not on Fridays"), "{told}");
    // Too late: the values stay and can be launched as a run of one's own.
    let late = opened.with(RATE, "0.5").send(&ben, "run").await;
    let kept = again(&late, 409, &path);
    assert!(late.text().contains("was declined meanwhile") && kept.get("proposal").is_none(), "{}", late.text());
    assert_eq!(runs(&scene).await, 0);
    let run = ben.get(&leads_to(&kept.send(&ben, "run").await)).await.good().text();
    assert!(!run.contains("proposed by"), "{run}");

    let withdrawn = propose(&app, &ann, &path, None).await;
    let id = withdrawn.rsplit('=').next().expect("its id").to_owned();
    let by_other = again(&ben.get(&withdrawn).await, 200, &path).send(&ben, &format!("withdraw:{id}")).await;
    assert_eq!(by_other.status.as_u16(), 403, "{}", by_other.text());
    leads_to(&again(&ann.get(&withdrawn).await, 200, &path).send(&ann, &format!("withdraw:{id}")).await);
    let states: Vec<ProposalState> = proposals(&app).await.iter().map(|proposal| proposal.state).collect();
    assert_eq!(states, [ProposalState::Declined, ProposalState::Withdrawn]);
    assert!(!ben.get("/").await.good().text().contains("Proposed runs ("));
}

#[tokio::test]
async fn one_of_two_launches_a_proposal() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let (ann, ben, carl) = (app.user("ann").await, app.user("ben").await, app.user("carl").await);
    let proposal = propose(&app, &ann, &path, None).await;
    let of_ben = again(&ben.get(&proposal).await, 200, &path);
    let of_carl = again(&carl.get(&proposal).await, 200, &path);
    let (first, second) = tokio::join!(of_ben.send(&ben, "run"), of_carl.send(&carl, "run"));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!((statuses, runs(&scene).await), ([303, 409], 1.into()));
}

#[tokio::test]
async fn what_is_proposed_has_no_secrets_and_no_problems() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let mut request = scene.snapshot_request(json!({ "name": "secretive" }));
    let step = &mut request["step_configurations"]["train"];
    let parameters = json!({ "token": "", "rows": 1 });
    step["spec"]["parameter_spec"] =
        json!({ "properties": { "token": { "type": "string", "format": "password" }, "rows": { "type": "integer" } } });
    step["config"]["parameters"] = parameters.clone();
    step["step_config_overrides"]["parameters"] = parameters;
    let snapshot = scene.client.post("/api/v1/pipeline_snapshots", &request).await.good().json();
    let path = format!("/projects/default/snapshots/{}/run", snapshot["id"].as_str().expect("an id"));
    let ann = app.user("ann").await;
    let typed = form(&ann, &path).await.with("p.steps.train.parameters.token", "s3cret").with("p.steps.train.parameters.rows", "many");
    let wrong = typed.send(&ann, "propose").await;
    assert!(wrong.text().contains("Not proposed"), "{}", wrong.text());
    let form = again(&wrong, 422, &path).with("p.steps.train.parameters.rows", "5");
    assert_eq!(form.get("p.steps.train.parameters.token"), Some("s3cret"), "nothing typed is lost");
    let (first, second) = (form.send(&ann, "propose").await, form.send(&ann, "propose").await);
    assert_eq!(leads_to(&first), leads_to(&second));
    let stored = proposals(&app).await;
    assert_eq!(stored.len(), 1, "however often it is sent");
    assert!(stored[0].configuration.contains("rows: 5") && !stored[0].configuration.contains("s3cret"), "{}", stored[0].configuration);
}

#[tokio::test]
async fn who_may_not_launch_proposes_to_those_who_may() {
    let app = TestApp::new().await;
    let scene = Scene::new(app.admin().await).await;
    let path = page(&scene).await;
    let (vera, otto) = (app.with_role("vera", Role::Viewer).await, app.with_role("otto", Role::Operator).await);
    let typed = form(&vera, &path).await.with("yaml", TEXT);
    for button in ["run", "confirm:0", "decline:0", "save-preset", "made-up"] {
        let refused = typed.send(&vera, button).await;
        assert!(refused.text().contains("yours is viewer"), "{button}: {}", refused.text());
        assert_eq!(again(&refused, 403, &path).get("yaml"), Some(TEXT), "{button}: nothing typed is lost");
    }
    assert_eq!((runs(&scene).await, proposals(&app).await.len()), (0.into(), 0));
    let opened = vera.get(&format!("{path}?propose=1")).await.good().text();
    let is_offered = async |name: &str| opened.contains(&format!("<option value=\"{}\"", app.account(name).await.id));
    assert!(is_offered("otto").await && !is_offered("vera").await, "only who may launch is offered: {opened}");
    let proposal = propose(&app, &vera, &path, Some("otto")).await;
    // Another viewer cannot be asked, and one is not told of what waits for others.
    assert!(!app.with_role("vito", Role::Viewer).await.get("/").await.good().text().contains("Proposed runs ("));
    let run = leads_to(&again(&otto.get(&proposal).await, 200, &path).send(&otto, "run").await);
    assert!(vera.get(&run).await.good().text().contains("proposed by vera, launched by otto"));
}
