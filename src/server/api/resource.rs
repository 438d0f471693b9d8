//! The handlers that all simple resources share: list, create, get, update and delete.
//!
//! A resource states what is its own by implementing [`Resource`] and, for what it allows, [`Create`], [`Update`] and
//! [`Delete`]; [`Routes`](super::routes::Routes) adds the handlers of this file for it. What differs more than that is a
//! hand-written handler beside them.

use std::slice;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    extract::{ApiJson, ApiPath, Hydrate},
    wire::{Entity, PageResponse},
};
use crate::server::{
    auth::Account,
    db::{
        Connection,
        list::{ListRequest, ListSpec, Page},
    },
    error::{AppError, Result},
    id::Id,
    middleware::idempotency::SecretAnswer,
    service,
    state::AppState,
};

/// What the methods of a resource work with.
pub struct Context {
    /// For reading in [`Resource::list`] and [`Resource::get`]; else a transaction, which is committed after the answer is
    /// made, and rolled back when the method fails.
    pub connection: Connection,
    pub state: AppState,
    pub account: Account,
}

impl Context {
    /// The project that a list is about.
    pub async fn project(&mut self, request: &ListRequest) -> Result<Id> {
        service::projects::scope(&mut self.connection, &self.state.server, request).await
    }
}

/// How the path names one object.
pub trait Key: DeserializeOwned + Send + 'static {
    /// Name of the path's parameter.
    const PARAMETER: &'static str;
}

impl Key for Id {
    const PARAMETER: &'static str = "id";
}

/// A resource with a list, whose objects can be read one by one.
pub trait Resource: 'static {
    /// Path of the list; that of one object is below it.
    const PATH: &'static str;
    /// What one object is called in descriptions: `code repository`.
    const NAME: &'static str;
    /// What the list can be filtered and sorted by.
    const LIST: &'static ListSpec;
    /// Whether the list is of one project, which `?project=` names.
    const IN_PROJECT: bool = false;
    /// [`Id`], or [`NameOrId`].
    type Key: Key;
    type Row: Send + Sync;

    /// One page of the rows that the account may see.
    fn list(context: &mut Context, request: &ListRequest) -> impl Future<Output = Result<Page<Self::Row>>> + Send;

    /// One row.
    fn get(context: &mut Context, key: Self::Key) -> impl Future<Output = Result<Self::Row>> + Send;

    /// Rows as they go over the wire, what is linked to them read together; with their metadata if hydrated.
    fn entities(context: &mut Context, rows: &[Self::Row], hydrate: bool) -> impl Future<Output = Result<Vec<Entity>>> + Send;
}

/// A resource whose objects are made by `POST`.
pub trait Create: Resource {
    type Request: DeserializeOwned + JsonSchema + Send + 'static;

    /// Makes an object.
    fn create(context: &mut Context, request: Self::Request) -> impl Future<Output = Result<Self::Row>> + Send;
}

/// A resource whose objects are changed by `PUT`.
pub trait Update: Resource {
    type Update: DeserializeOwned + JsonSchema + Send + 'static;

    /// Changes an object; what the update does not name stays.
    fn update(context: &mut Context, key: Self::Key, update: Self::Update) -> impl Future<Output = Result<Self::Row>> + Send;
}

/// A resource whose objects are removed by `DELETE`.
pub trait Delete: Resource {
    /// Deletes an object and what hangs on it.
    fn delete(context: &mut Context, key: Self::Key) -> impl Future<Output = Result<()>> + Send;
}

/// The name or the id of an object, as it stands in the path.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(transparent)]
pub struct NameOrId(pub String);

impl Key for NameOrId {
    const PARAMETER: &'static str = "name_or_id";
}

/// `GET` of the list.
pub async fn list<R: Resource>(
    State(state): State<AppState>,
    account: Account,
    request: ListRequest,
) -> Result<Json<PageResponse<Entity>>> {
    let mut context = Context { connection: state.db.read().await?, state, account };
    let page = R::list(&mut context, &request).await?;
    let items = R::entities(&mut context, &page.items, request.hydrate).await?;
    Ok(Json(page.with_items(items).into()))
}

/// `POST` to the list.
pub async fn create<R: Create>(
    State(state): State<AppState>,
    account: Account,
    ApiJson(request): ApiJson<R::Request>,
) -> Result<Json<Entity>> {
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let row = R::create(&mut context, request).await?;
    finish::<R>(context, &row).await
}

/// Like [`create`], for objects with a secret in them: the answer is not kept for repetitions of the request.
pub async fn create_secret<R: Create>(
    state: State<AppState>,
    account: Account,
    request: ApiJson<R::Request>,
) -> Result<SecretAnswer<Json<Entity>>> {
    create::<R>(state, account, request).await.map(SecretAnswer)
}

/// `GET` of one object.
pub async fn get<R: Resource>(
    State(state): State<AppState>,
    account: Account,
    ApiPath(key): ApiPath<R::Key>,
    Hydrate(hydrate): Hydrate,
) -> Result<Json<Entity>> {
    let mut context = Context { connection: state.db.read().await?, state, account };
    let row = R::get(&mut context, key).await?;
    entity::<R>(&mut context, &row, hydrate).await.map(Json)
}

/// `PUT` of one object.
pub async fn update<R: Update>(
    State(state): State<AppState>,
    account: Account,
    ApiPath(key): ApiPath<R::Key>,
    ApiJson(update): ApiJson<R::Update>,
) -> Result<Json<Entity>> {
    let mut context = Context { connection: state.db.begin().await?, state, account };
    let row = R::update(&mut context, key, update).await?;
    finish::<R>(context, &row).await
}

/// `DELETE` of one object.
pub async fn delete<R: Delete>(State(state): State<AppState>, account: Account, ApiPath(key): ApiPath<R::Key>) -> Result<Json<()>> {
    let mut context = Context { connection: state.db.begin().await?, state, account };
    R::delete(&mut context, key).await?;
    context.connection.commit().await?;
    Ok(Json(()))
}

/// One row as it goes over the wire.
pub async fn entity<R: Resource>(context: &mut Context, row: &R::Row, hydrate: bool) -> Result<Entity> {
    let entity = R::entities(context, slice::from_ref(row), hydrate).await?.pop();
    entity.ok_or_else(|| AppError::Internal(anyhow::anyhow!("an object that was just read is missing")))
}

/// The changed object as the answer, its change made lasting.
async fn finish<R: Resource>(mut context: Context, row: &R::Row) -> Result<Json<Entity>> {
    let entity = entity::<R>(&mut context, row, true).await?;
    context.connection.commit().await?;
    Ok(Json(entity))
}
