//! What integration tests are made with.
//!
//! ```ignore
//! #[tokio::test]
//! async fn names_are_unique() {
//!     let app = TestApp::new().await;
//!     let admin = app.admin().await;
//!     let made = admin.post("/api/v1/projects", &json!({ "name": "vision" })).await.good().json();
//!     assert_eq!(shape(&made)["body"], json!({ "created": "[time]", "updated": "[time]", "display_name": "vision" }));
//!     let (class, message) = admin.post("/api/v1/projects", &json!({ "name": "vision" })).await.refused(409);
//! }
//! ```
//!
//! - [`TestApp`]: the router and its state, on a SQLite file in a folder of its own; on a PostgreSQL database of its own
//!   when `TEST_POSTGRES_URL` is set (`make test-rust` runs the tests on both). `app.state` reaches the services and rows.
//! - [`Client`]: sends requests as one role: [`TestApp::anonymous`], [`TestApp::admin`], [`TestApp::user`],
//!   [`TestApp::service_account`], or anybody with a token ([`TestApp::bearer`]).
//! - [`Answer`]: `good()` insists on 2xx and shows the body otherwise; `json()` reads the body; `refused(status)` insists
//!   on an error in one of the protocol's shapes and gives its class and message.
//! - [`Scene`]: a pipeline on the default stack, with runs, steps and artifact versions as a test needs them.
//! - [`shape`]: a JSON value with ids, times and secrets replaced, to compare whole answers.

mod answer;
mod client;
mod database;
mod scene;
mod shape;
mod test_app;

pub use answer::Answer;
pub use client::Client;
pub use scene::Scene;
pub use shape::shape;
pub use test_app::{PASSWORD, TestApp, config};
