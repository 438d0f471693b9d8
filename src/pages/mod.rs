//! What the browser shows: one folder or file per resource, each with its pages and the server functions that feed them.

pub mod activation;
pub mod data;
pub mod devices;
pub mod home;
pub mod html_page;
pub mod layout;
pub mod login;
pub mod module;
pub mod not_found;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod reader;
pub mod session_card;
pub mod stacks;
pub mod users;
