//! `/users` and `/current-user`.

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, ApiPath, Hydrate},
    resource::NameOrId,
    routes::Routes,
    wire::{
        Entity, PageResponse,
        users::{UserRequest, UserUpdate, entity, own, with_activation_token},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::{Account, passwords},
        db::{
            list::ListRequest,
            users::{self, UserRow},
        },
        error::{AppError, Result},
        middleware::idempotency::SecretAnswer,
        service,
        state::AppState,
    },
};

/// The routes of accounts.
pub fn router() -> Routes {
    Routes::new()
        .get(Action::Read, "/current-user", get_current_user)
        .put(Action::KeepAccount, "/current-user", update_current_user)
        .get(Action::Read, "/users", list_users)
        .filters(&users::PEOPLE)
        .post(Action::Administer, "/users", create_user)
        .get(Action::Read, "/users/{name_or_id}", get_user)
        .put(Action::KeepAccount, "/users/{name_or_id}", update_user)
        .delete(Action::Administer, "/users/{name_or_id}", delete_user)
        .put(Action::Open, "/users/{name_or_id}/activate", activate_user)
        .fails(&[401])
        .put(Action::Administer, "/users/{name_or_id}/deactivate", deactivate_user)
        .put(Action::KeepAccount, "/users/{name_or_id}/email-opt-in", answer_email_question)
}

async fn get_current_user(account: Account) -> Result<Json<Entity>> {
    Ok(Json(own(&account.user)?))
}

/// Rights are not changed here, whatever the body says: so does the reference server.
async fn update_current_user(
    State(state): State<AppState>,
    account: Account,
    ApiJson(update): ApiJson<UserUpdate>,
) -> Result<Json<Entity>> {
    let update = UserUpdate { is_admin: None, role: None, active: None, ..update };
    let password_hash = new_password(&account.user, &account.user, &update).await?;
    let mut connection = state.db.begin().await?;
    let target = service::users::find_person(&mut connection, &account.user.id.to_string()).await?;
    let user = service::users::update(&mut connection, &account.user, &target, update, password_hash).await?;
    connection.commit().await?;
    Ok(Json(entity(&user, true)?))
}

/// Whoever is no admin sees only themselves.
async fn list_users(State(state): State<AppState>, account: Account, request: ListRequest) -> Result<Json<PageResponse<Entity>>> {
    let only = (!account.may(Action::Administer)).then_some(account.user.id);
    let page = users::list_people(&mut state.db.read().await?, &request, only).await?;
    let items = page.items.iter().map(|user| entity(user, request.hydrate)).collect::<Result<_>>()?;
    Ok(Json(page.with_items(items).into()))
}

async fn create_user(
    State(state): State<AppState>,
    _: Account,
    ApiJson(request): ApiJson<UserRequest>,
) -> Result<SecretAnswer<Json<Entity>>> {
    let password_hash = passwords::hash_some(request.password.as_deref()).await?;
    let mut connection = state.db.begin().await?;
    let (user, token) = service::users::create(&mut connection, request, password_hash).await?;
    connection.commit().await?;
    Ok(SecretAnswer(Json(with_activation_token(&user, token.as_deref())?)))
}

async fn get_user(
    State(state): State<AppState>,
    account: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let user = service::users::find(&mut state.db.read().await?, &name_or_id).await?;
    if user.id != account.user.id {
        account.require(&state, Action::Administer).await?;
    }
    Ok(Json(entity(&user, hydrate)?))
}

async fn update_user(
    State(state): State<AppState>,
    account: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
    ApiJson(update): ApiJson<UserUpdate>,
) -> Result<Json<Entity>> {
    let target = service::users::find_person(&mut state.db.read().await?, &name_or_id).await?;
    let password_hash = new_password(&account.user, &target, &update).await?;
    let mut connection = state.db.begin().await?;
    let user = service::users::update(&mut connection, &account.user, &target, update, password_hash).await?;
    connection.commit().await?;
    Ok(Json(entity(&user, true)?))
}

async fn delete_user(
    State(state): State<AppState>,
    account: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
) -> Result<Json<()>> {
    let mut connection = state.db.begin().await?;
    let target = service::users::find_person(&mut connection, &name_or_id).await?;
    service::users::delete(&mut connection, &account.user, &target).await?;
    connection.commit().await?;
    Ok(Json(()))
}

/// Needs no sign-in: the token in the body is what permits it.
async fn activate_user(
    State(state): State<AppState>,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
    ApiJson(update): ApiJson<UserUpdate>,
) -> Result<Json<Entity>> {
    // Before the password is hashed: strangers must not make the server work.
    service::users::find_to_activate(&mut state.db.read().await?, &name_or_id, update.activation_token.as_deref()).await?;
    let password_hash = passwords::hash_some(update.password.as_deref()).await?;
    let mut connection = state.db.begin().await?;
    let user = service::users::activate(&mut connection, &name_or_id, update, password_hash).await?;
    connection.commit().await?;
    Ok(Json(entity(&user, true)?))
}

async fn deactivate_user(
    State(state): State<AppState>,
    account: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let target = service::users::find_person(&mut connection, &name_or_id).await?;
    let (user, token) = service::users::deactivate(&mut connection, &account.user, &target).await?;
    connection.commit().await?;
    Ok(Json(with_activation_token(&user, Some(&token))?))
}

async fn answer_email_question(
    State(state): State<AppState>,
    account: Account,
    ApiPath(NameOrId(name_or_id)): ApiPath<NameOrId>,
    ApiJson(update): ApiJson<UserUpdate>,
) -> Result<Json<Entity>> {
    let mut connection = state.db.begin().await?;
    let target = service::users::find_person(&mut connection, &name_or_id).await?;
    if target.id != account.user.id {
        return Err(AppError::NotAuthorized("Users can not opt in on behalf of another user.".to_owned()));
    }
    let user = service::users::answer_email_question(&mut connection, &target, update).await?;
    connection.commit().await?;
    Ok(Json(entity(&user, true)?))
}

/// The hash of the new password in an update, if there is one: only for oneself, and only with the old one.
async fn new_password(actor: &UserRow, target: &UserRow, update: &UserUpdate) -> Result<Option<String>> {
    let Some(password) = &update.password else { return Ok(None) };
    if actor.id != target.id {
        let message = "Users cannot change the password of other users. Deactivate the account and have its owner activate it again.";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    let Some(old_password) = &update.old_password else {
        return Err(AppError::Forbidden("The current password must be supplied when changing the password.".to_owned()));
    };
    if !passwords::verify(old_password, target.password_hash.as_deref()).await? {
        return Err(AppError::Forbidden("The current password is incorrect.".to_owned()));
    }
    Ok(Some(passwords::hash(password).await?))
}
