//! `/resource_requests`: not there without resource pools, and said so.

use serde_json::json;

use crate::util::TestApp;

#[tokio::test]
async fn there_are_no_resource_pools() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let one = "/api/v1/resource_requests/00000000-0000-4000-8000-000000000000";
    let renew = format!("{one}/renew");
    let answers = [
        admin.get("/api/v1/resource_requests").await,
        admin.get(one).await,
        admin.post(&renew, &json!({ "lease_expires_at": "2100-01-01T00:00:00" })).await,
        admin.post(&format!("{one}/release"), &json!(null)).await,
    ];
    for answer in answers {
        let (class, message) = answer.refused(501);
        assert_eq!((class.as_str(), message.as_str()), ("NotImplementedError", "Resource pool functionality is not enabled"));
    }
    admin.post(&renew, &json!({})).await.refused(422);
    app.anonymous().get(one).await.refused(401);
}
