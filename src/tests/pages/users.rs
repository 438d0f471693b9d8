//! The page of accounts.

use darkroom::{
    model::roles::Role,
    server::{db::users::note_seen, time::Timestamp},
};

use crate::util::TestApp;

const PATH: &str = "/settings/users";

#[tokio::test]
async fn an_admin_sees_accounts_and_changes_roles() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    app.service_account("ci").await;
    let page = admin.get(PATH).await.good().text();
    assert!(page.contains("Role of ann") && page.contains("Role of ci") && !page.contains("Role of admin"), "{page}");
    assert!(!ann.get("/").await.good().text().contains(PATH), "no link where there is no page");
    assert_eq!(ann.get(PATH).await.status.as_u16(), 403);

    let id = app.account("ann").await.id.to_string();
    let changed = admin.form(PATH, &[("user", &id), ("role", "operator")]).await;
    assert_eq!((changed.status.as_u16(), changed.header("location")), (303, PATH));
    assert_eq!(app.account("ann").await.role, Role::Operator);
    admin.form(PATH, &[("user", &id), ("active", "false")]).await;
    assert!(!app.account("ann").await.active);
    admin.form(PATH, &[("user", &id), ("active", "true")]).await;
    assert!(app.account("ann").await.active);
}

#[tokio::test]
async fn the_last_admin_stays_one() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let id = app.account("admin").await.id.to_string();
    let refused = admin.form(PATH, &[("user", &id), ("role", "viewer")]).await;
    assert_eq!(refused.status.as_u16(), 403);
    assert!(refused.text().contains("Ask another admin."), "{}", refused.text());
    assert_eq!(app.account("admin").await.role, Role::Admin);
}

#[tokio::test]
async fn it_is_noted_to_the_hour_when_an_account_was_at_work() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.admin().await, app.user("ann").await);
    assert_eq!(app.account("ann").await.last_seen, None);
    ann.get("/api/v1/current-user").await.good();
    // It is written beside the request.
    let mut seen = None;
    for _ in 0..250 {
        seen = app.account("ann").await.last_seen;
        if seen.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let seen = seen.expect("noted within five seconds");
    let page = admin.get(PATH).await.good().text();
    assert!(page.contains("Last seen") && page.contains(&seen.format("%Y-%m-%dT%H:%M:%SZ")), "{page}");
    let note = async |minutes: i64| {
        let (at, mut connection) = (seen.plus_seconds(60 * minutes), app.state.db.begin().await.expect("a connection"));
        note_seen(&mut connection, app.account("ann").await.id, at, at.plus_seconds(-3600)).await.expect("noted");
        connection.commit().await.expect("kept");
        app.account("ann").await.last_seen
    };
    assert_eq!(note(59).await, Some(seen), "not with every request");
    let later: Option<Timestamp> = note(61).await;
    assert_eq!(later, Some(seen.plus_seconds(61 * 60)));
}
