//! What the server and the browser both know: statuses and the small structs that pages show. No storage, no HTTP.

pub mod readiness;
pub mod status;
