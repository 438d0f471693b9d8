//! The REST surface, resource by resource: what works, and each refusal.

mod api_keys;
mod artifact_data;
mod artifact_versions;
mod artifacts;
mod authentication;
mod code_archives;
mod code_repositories;
mod devices;
mod launches;
mod login;
mod logs;
mod middleware;
mod model_versions;
mod models;
mod pipeline_builds;
mod pipeline_runs;
mod pipeline_snapshots;
mod projects;
mod replays;
mod run_metadata;
mod server;
mod service_accounts;
mod stacks;
mod step_runs;
mod tags;
mod users;
