//! What ZenML's server has and this one leaves out, each answered with 501 and the reason; the README lists them.

use axum::http::StatusCode;

use super::routes::Routes;
use crate::{
    model::roles::Action,
    server::{auth::Account, error::AppError},
};

/// The routes of what is left out.
pub fn router() -> Routes {
    Routes::new()
        .post(Action::Record, "/runs/{id}/events", publish_run_events)
        .fails(&[501])
        .get(Action::Read, "/runs/{id}/events/stream", stream_run_events)
        .fails(&[501])
        .get(Action::Read, "/stack-deployment/config", get_stack_deployment_config)
        .fails(&[501])
        .get(Action::Read, "/stack-deployment/info", get_stack_deployment_info)
        .fails(&[501])
        .get(Action::Read, "/stack-deployment/stack", get_deployed_stack)
        .fails(&[501])
        .post(Action::Administer, "/users/resource_membership", update_resource_membership)
        .fails(&[501])
        .get(Action::Read, "/workspaces", list_workspaces)
        .fails(&[501])
        .post(Action::Edit, "/workspaces", create_workspace)
        .fails(&[501])
        .get(Action::Read, "/workspaces/{*path}", get_in_workspace)
        .fails(&[501])
        .post(Action::Edit, "/workspaces/{*path}", create_in_workspace)
        .fails(&[501])
        .put(Action::Edit, "/workspaces/{*path}", update_in_workspace)
        .fails(&[501])
        .delete(Action::Edit, "/workspaces/{*path}", delete_in_workspace)
        .fails(&[501])
}

/// One handler for each operation: its name names the operation in the description.
macro_rules! left_out {
    ($($name:ident),+: $message:literal) => { left_out!($($name),+: AppError::NotImplemented($message.to_owned())); };
    ($($name:ident),+: $error:expr) => {$(
        async fn $name(_: Account) -> AppError {
            $error
        }
    )+};
}

// A ZenML server without a stream says so in this form.
left_out!(publish_run_events, stream_run_events: AppError::Plain(StatusCode::NOT_IMPLEMENTED, NO_EVENTS.to_owned()));
const NO_EVENTS: &str = "This server does not stream the events of runs. Read the run and its steps instead: they are up to date.";
left_out!(get_stack_deployment_config, get_stack_deployment_info, get_deployed_stack:
    "This server does not deploy stacks in clouds. Register the components of an existing one instead.");
left_out!(update_resource_membership: "This server gives roles to accounts, not memberships of objects: `PUT /api/v1/users/NAME` with a `role`.");
left_out!(list_workspaces, create_workspace, get_in_workspace, create_in_workspace, update_in_workspace, delete_in_workspace:
    "Workspaces are called projects since ZenML 0.80, and this server knows only the new paths. Use a newer client.");
