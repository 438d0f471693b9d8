//! `/secrets`.

use axum::{Json, extract::State};

use super::{
    extract::{ApiJson, IdPath},
    resource::{self, Context, Create, Delete, Resource},
    routes::Routes,
    wire::{
        self, Entity,
        secrets::{SecretRequest, SecretUpdate},
    },
};
use crate::{
    model::roles::Action,
    server::{
        auth::Account,
        db::{
            list::{ListRequest, ListSpec, Page},
            secrets::{self, SecretRow},
            users::UserRow,
        },
        encryption::SecretValues,
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

/// The routes of secrets.
pub fn router() -> Routes {
    let routes = Routes::new()
        .list::<Secrets>(Action::Read)
        .create_secret::<Secrets>(Action::Edit)
        .one::<Secrets>(Action::ReadSecrets)
        .remove::<Secrets>(Action::Edit);
    let routes = routes
        .put(Action::Edit, "/secrets/{id}", update_secret)
        .reads("patch_values", "Whether the values are put beside the stored ones, not in their place.");
    let routes = routes.put(Action::Administer, "/secrets_operations/backup", no_backup).fails(&[501]);
    routes.put(Action::Administer, "/secrets_operations/restore", no_backup).fails(&[501])
}

/// Secrets as a resource.
pub struct Secrets;

impl Resource for Secrets {
    const PATH: &'static str = "/secrets";
    const NAME: &'static str = "secret";
    const LIST: &'static ListSpec = &secrets::LIST;
    type Key = Id;
    /// Without values in lists.
    type Row = (SecretRow, SecretValues);

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<Self::Row>> {
        let page = secrets::list(&mut context.connection, context.account.user.id, request).await?;
        let rows = page.items.iter().map(|row| (row.clone(), SecretValues::default())).collect();
        Ok(page.with_items(rows))
    }

    async fn get(context: &mut Context, id: Id) -> Result<Self::Row> {
        let Context { connection, state, account } = context;
        let secret = service::secrets::get(connection, account.user.id, id).await?;
        let values = service::secrets::values(connection, &state.keys.secrets, id).await?;
        Ok((secret, values))
    }

    async fn entities(context: &mut Context, rows: &[Self::Row], hydrate: bool) -> Result<Vec<Entity>> {
        let owners: Vec<Id> = rows.iter().map(|(row, _)| row.user_id).collect();
        let users = context.connection.get_many::<UserRow>(owners).await?;
        let owner = |row: &SecretRow| wire::users::owner(&users, Some(row.user_id));
        rows.iter().map(|(row, values)| wire::secrets::entity(row, values, owner(row)?, hydrate)).collect()
    }
}

impl Create for Secrets {
    type Request = SecretRequest;

    async fn create(context: &mut Context, request: SecretRequest) -> Result<Self::Row> {
        let Context { connection, state, account } = context;
        service::secrets::create(connection, &state.keys.secrets, &account.user, request).await
    }
}

impl Delete for Secrets {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::secrets::delete(&mut context.connection, context.account.user.id, id).await
    }
}

/// `?patch_values=`: merge the given values into the stored ones, instead of putting them in their place.
async fn update_secret(
    State(state): State<AppState>,
    account: Account,
    IdPath(id): IdPath,
    request: ListRequest,
    ApiJson(update): ApiJson<SecretUpdate>,
) -> Result<Json<Entity>> {
    let patch = request.switch("patch_values")?.unwrap_or(false);
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let Context { connection, state, account } = &mut context;
    let row = service::secrets::update(connection, &state.keys.secrets, account.user.id, id, update, patch).await?;
    let entity = resource::entity::<Secrets>(&mut context, &row, true).await?;
    context.connection.commit().await?;
    Ok(Json(entity))
}

/// Secrets lie in the database and are saved with it.
async fn no_backup(_: Account) -> Result<Json<()>> {
    Err(AppError::NotImplemented("This server has no backup store for secrets: save its database and its key instead.".to_owned()))
}
