//! What the server and the browser both know: statuses and the small structs that pages show. No storage, no HTTP.

pub mod activation;
pub mod device;
pub mod error;
pub mod form;
pub mod readiness;
pub mod session;
pub mod status;
