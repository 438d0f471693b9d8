//! What the server and the browser both know: statuses and the small structs that pages show. No storage, no HTTP.

pub mod activation;
pub mod devices;
pub mod drafts;
pub mod error;
pub mod form;
pub mod html_page;
pub mod launches;
pub mod list;
pub mod page_request;
pub mod payload;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod readiness;
pub mod roles;
pub mod session;
pub mod stacks;
pub mod status;
pub mod time;
