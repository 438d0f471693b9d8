//! Addresses that lead nowhere, or no longer: what is shown instead, and the way on.

use scraper::{Html, Selector};

use crate::util::{Answer, TestApp};

fn link<'a>(page: &'a Html, label: &str) -> Option<&'a str> {
    let anchors = Selector::parse("main a").expect("a selector");
    page.select(&anchors).find(|anchor| anchor.text().collect::<String>() == label)?.attr("href")
}

fn headings(answer: &Answer) -> Vec<String> {
    let heading = Selector::parse("h1").expect("a selector");
    Html::parse_document(&answer.text()).select(&heading).map(|heading| heading.text().collect()).collect()
}

#[tokio::test]
async fn a_project_opens_with_its_pipelines() {
    let app = TestApp::new().await;
    let answer = app.admin().await.get("/projects/default").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/projects/default/pipelines"));
}

#[tokio::test]
async fn a_page_that_does_not_exist_has_a_heading() {
    let app = TestApp::new().await;
    let answer = app.admin().await.get("/projects/default/nothing-here").await;
    assert_eq!(answer.status.as_u16(), 404);
    assert_eq!(headings(&answer), ["There is no such page"]);
}

#[tokio::test]
async fn a_page_beyond_the_last_one_leads_back_to_the_first() {
    let app = TestApp::new().await;
    let answer = app.admin().await.get("/projects/default/runs?page=7").await;
    let page = Html::parse_document(&answer.text());
    assert_eq!(link(&page, "Start over"), Some("/projects/default/runs"), "{}", answer.text());
}

#[tokio::test]
async fn a_form_about_what_is_gone_is_answered_by_a_page() {
    let app = TestApp::new().await;
    let path = "/projects/default/snapshots/00000000-0000-0000-0000-000000000000/edit";
    let admin = app.admin().await;
    let browser = admin.with_header("accept", "text/html,*/*;q=0.8");
    let answer = browser.form(path, &[("name", "again"), ("description", ""), ("tags", "")]).await;
    assert_eq!(answer.status.as_u16(), 404);
    assert_eq!(headings(&answer), ["Not found"], "{}", answer.text());
    assert_eq!(link(&Html::parse_document(&answer.text()), "Go to Home"), Some("/"));
    admin.form(path, &[("name", "again"), ("description", ""), ("tags", "")]).await.refused(404);
}
