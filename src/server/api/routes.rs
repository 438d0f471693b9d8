//! A router that cannot hold a route without its description, nor without what it needs its user to be allowed.
//!
//! What `/openapi.json` says is made where the route is, and so is what the account of a request is checked for.

use std::any::type_name;

use aide::{
    generate::in_context,
    openapi::{self as document, OpenApi, Operation},
    operation::{OperationHandler, OperationInput, OperationOutput},
};
use axum::{
    Extension, Json, Router,
    handler::Handler,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post, put},
};
use serde::Serialize;

use super::{
    openapi::{self, parameters, responses},
    resource::{self, Create, Delete, Key as _, Resource, Update},
};
use crate::{
    model::roles::Action,
    server::{auth::roles::Needed, db::list::ListSpec, state::AppState},
};

/// The routes of a part of the REST surface, with what describes them.
#[derive(Default)]
pub struct Routes {
    router: Router<AppState>,
    described: Vec<Described>,
}

/// One method of one path, and how to describe it: most servers are never asked for the document, and it is large.
pub struct Described {
    pub path: String,
    pub method: Method,
    /// What it needs its user to be allowed.
    pub action: Action,
    from_types: fn(&str, Method) -> Operation,
    changes: Vec<Change>,
}

/// What is said about an operation besides what the types of its handler tell.
type Change = Box<dyn FnOnce(&mut Operation)>;

impl Described {
    /// Makes the description.
    pub fn operation(&mut self) -> Operation {
        let mut operation = (self.from_types)(&self.path, self.method);
        openapi::role(&mut operation, self.action);
        for change in self.changes.drain(..) {
            change(&mut operation);
        }
        operation
    }
}

/// An answer in JSON that comes with headers of its own.
pub struct WithHeaders<T>(pub HeaderMap, pub T);

impl<T: Serialize> IntoResponse for WithHeaders<T> {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

/// The methods that the protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that a resource can have: list and get, which are reading, and create, update and delete, which need the
    /// given action.
    #[must_use]
    pub fn all<R: Create + Update + Delete>(self, changing: Action) -> Self {
        let routes = self.list::<R>(Action::Read).create::<R>(changing).one::<R>(Action::Read);
        routes.update::<R>(changing).remove::<R>(changing)
    }

    /// The list of a resource.
    #[must_use]
    pub fn list<R: Resource>(self, action: Action) -> Self {
        let routes = self.get(action, R::PATH, resource::list::<R>).named(&format!("list{}", R::PATH)).filters(R::LIST);
        if R::IN_PROJECT { routes.in_project() } else { routes }
    }

    /// Making an object of a resource.
    #[must_use]
    pub fn create<R: Create>(self, action: Action) -> Self {
        self.post(action, R::PATH, resource::create::<R>).named(&format!("create {}", R::NAME))
    }

    /// Making an object of a resource whose answer holds a secret.
    #[must_use]
    pub fn create_secret<R: Create>(self, action: Action) -> Self {
        self.post(action, R::PATH, resource::create_secret::<R>).named(&format!("create {}", R::NAME))
    }

    /// One object of a resource.
    #[must_use]
    pub fn one<R: Resource>(self, action: Action) -> Self {
        self.get(action, &path_of_one::<R>(), resource::get::<R>).named(&format!("get {}", R::NAME))
    }

    /// Changing an object of a resource.
    #[must_use]
    pub fn update<R: Update>(self, action: Action) -> Self {
        self.put(action, &path_of_one::<R>(), resource::update::<R>).named(&format!("update {}", R::NAME))
    }

    /// Deleting an object of a resource.
    #[must_use]
    pub fn remove<R: Delete>(self, action: Action) -> Self {
        self.delete(action, &path_of_one::<R>(), resource::delete::<R>).named(&format!("delete {}", R::NAME))
    }

    /// A hand-written `GET`, with what it needs its user to be allowed. The handler's name names the operation, its extractors and its answer describe it.
    #[must_use]
    pub fn get<H, I, O, T>(self, action: Action, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.route(action, path, Method::Get, get(handler), describe::<H, I, O>)
    }

    /// A hand-written `POST`; see [`Routes::get`].
    #[must_use]
    pub fn post<H, I, O, T>(self, action: Action, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.route(action, path, Method::Post, post(handler), describe::<H, I, O>)
    }

    /// A hand-written `PUT`; see [`Routes::get`].
    #[must_use]
    pub fn put<H, I, O, T>(self, action: Action, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.route(action, path, Method::Put, put(handler), describe::<H, I, O>)
    }

    /// A hand-written `PATCH`; see [`Routes::get`].
    #[must_use]
    pub fn patch<H, I, O, T>(self, action: Action, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.route(action, path, Method::Patch, patch(handler), describe::<H, I, O>)
    }

    /// A hand-written `DELETE`; see [`Routes::get`].
    #[must_use]
    pub fn delete<H, I, O, T>(self, action: Action, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.route(action, path, Method::Delete, delete(handler), describe::<H, I, O>)
    }

    /// The route before this call answers a list, which takes these filters.
    #[must_use]
    pub fn filters(self, list: &'static ListSpec) -> Self {
        self.last(move |operation| {
            responses::errors(operation, &[400]);
            parameters::of_list(operation, list);
        })
    }

    /// The route before this call is about one project.
    #[must_use]
    pub fn in_project(self) -> Self {
        self.reads("project", "Name or id of the project; the default project if it is missing.").fails(&[404])
    }

    /// The route before this call reads a query parameter that no extractor describes.
    #[must_use]
    pub fn reads(self, name: &'static str, description: &'static str) -> Self {
        self.last(move |operation| parameters::query(operation, name, description))
    }

    /// The route before this call can answer with this status, which its type does not tell.
    #[must_use]
    pub fn answers(self, status: u16, description: &str) -> Self {
        let response = document::Response { description: description.to_owned(), ..document::Response::default() };
        self.last(move |operation| responses::add(operation, status, response))
    }

    /// The route before this call can fail with these statuses besides those of its kind.
    #[must_use]
    pub fn fails(self, statuses: &'static [u16]) -> Self {
        self.last(move |operation| responses::errors(operation, statuses))
    }

    /// These routes and others.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.described.extend(other.described);
        Self { router: self.router.merge(other.router), described: self.described }
    }

    /// What there is, with what it needs.
    pub fn described(&self) -> &[Described] {
        &self.described
    }

    /// The router.
    pub fn router(self) -> Router<AppState> {
        self.router
    }

    /// The document that describes it, with a prefix before the paths.
    pub fn document(self, prefix: &str) -> OpenApi {
        openapi::document(self.described, prefix)
    }

    fn named(self, words: &str) -> Self {
        let id = words.replace(['/', ' ', '-'], "_");
        self.last(move |operation| name(operation, &id))
    }

    fn last(mut self, change: impl FnOnce(&mut Operation) + 'static) -> Self {
        if let Some(described) = self.described.last_mut() {
            described.changes.push(Box::new(change));
        }
        self
    }

    fn route(
        mut self,
        action: Action,
        path: &str,
        method: Method,
        router: MethodRouter<AppState>,
        from_types: fn(&str, Method) -> Operation,
    ) -> Self {
        self.described.push(Described { path: path.to_owned(), method, action, from_types, changes: Vec::new() });
        // The handler names the account, and whoever extracts that finds here what to check it for.
        Self { router: self.router.route(path, router.layer(Extension(Needed(action)))), described: self.described }
    }
}

fn path_of_one<R: Resource>() -> String {
    format!("{}/{{{}}}", R::PATH, R::Key::PARAMETER)
}

/// What the types of a handler tell about it.
fn describe<H, I: OperationInput, O: OperationOutput>(path: &str, method: Method) -> Operation {
    let mut operation = Operation::default();
    let function = type_name::<H>().rsplit("::").next().unwrap_or_default();
    name(&mut operation, function);
    operation.tags = path.split('/').nth(1).map(str::to_owned).into_iter().collect();
    parameters::of_path(&mut operation, path);
    in_context(|context| {
        I::operation_input(context, &mut operation);
        for (status, response) in O::inferred_responses(context, &mut operation) {
            responses::add(&mut operation, status.unwrap_or(200), response);
        }
    });
    responses::errors(&mut operation, responses::OF_EVERY_REQUEST);
    match method {
        Method::Get => {}
        Method::Post | Method::Put | Method::Patch | Method::Delete => responses::errors(&mut operation, responses::OF_EVERY_CHANGE),
    }
    if path.contains('{') {
        responses::errors(&mut operation, &[404, 422]);
    }
    operation
}

/// Gives an operation its id, and its summary in words.
fn name(operation: &mut Operation, id: &str) {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    operation.summary = letters.next().map(|first| first.to_uppercase().chain(letters).collect());
    operation.operation_id = Some(id.to_owned());
}
