//! What a route needs its account to be allowed, and how it is refused. The table of roles and actions is in `model::roles`.

use crate::{
    model::roles::Action,
    server::{
        db::{
            Connection,
            users::{UserRow, admin_names},
        },
        error::{AppError, Result},
    },
};

/// What the route of a request needs. Routes put it into the request; the extractor of the account enforces it.
#[derive(Clone, Copy, Debug)]
pub struct Needed(pub Action);

/// Why an account may not do something, and who can change that.
pub async fn refusal(connection: &mut Connection, user: &UserRow, action: Action) -> Result<AppError> {
    let reason = user.role.refusal(action).unwrap_or_else(|| format!("You may not {} here.", action.words()));
    Ok(AppError::Forbidden(format!("{reason} {}", whom_to_ask(connection).await?)))
}

/// Who can give a role, in a sentence.
pub async fn whom_to_ask(connection: &mut Connection) -> Result<String> {
    Ok(format!("An admin can change that: {}.", admin_names(connection).await?.join(", ")))
}
