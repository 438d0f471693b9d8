//! The rules: what may be done, in which order, and what follows from it. REST handlers and pages call the same functions.
//!
//! Functions take a [`Connection`](crate::server::db::Connection); the caller opens and commits the transaction and then
//! tells the open pages.

pub mod api_keys;
pub mod api_tokens;
pub mod artifact_data;
pub mod artifact_files;
pub mod artifact_versions;
pub mod artifacts;
pub mod code_archives;
pub mod code_references;
pub mod code_repositories;
pub mod connector_resources;
pub mod dag;
pub mod devices;
pub mod environments;
pub mod flavors;
pub mod full_stack_resources;
pub mod input_overrides;
pub mod launches;
pub mod log_entries;
pub mod log_files;
pub mod login;
pub mod logs;
pub mod model_versions;
pub mod models;
pub mod names;
pub mod pipeline_builds;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod projects;
pub mod run_metadata;
pub mod run_statistics;
pub mod run_status;
pub mod schedules;
pub mod secrets;
pub mod server_settings;
pub mod service_accounts;
pub mod service_connector_types;
pub mod service_connectors;
pub mod snapshot_code;
pub mod stack_components;
pub mod stack_parts;
pub mod stacks;
pub mod step_runs;
pub mod tags;
pub mod trigger_dispatches;
pub mod trigger_times;
pub mod triggers;
pub mod users;
pub mod webhook_providers;
pub mod webhooks;
