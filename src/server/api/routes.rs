//! A router that cannot hold a route without its description.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodRouter, delete, get, patch, post, put},
};

use super::resource::{self, Create, Delete, Key as _, Resource, Update};
use crate::server::state::AppState;

/// The routes of a part of the REST surface, with what describes them.
#[derive(Default)]
pub struct Routes(Router<AppState>);

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that a resource can have: list, create, get, update and delete.
    #[must_use]
    pub fn all<R: Create + Update + Delete>(self) -> Self {
        self.list::<R>().create::<R>().one::<R>().update::<R>().remove::<R>()
    }

    /// The list of a resource.
    #[must_use]
    pub fn list<R: Resource>(self) -> Self {
        self.get(R::PATH, resource::list::<R>)
    }

    /// Making an object of a resource.
    #[must_use]
    pub fn create<R: Create>(self) -> Self {
        self.post(R::PATH, resource::create::<R>)
    }

    /// Making an object of a resource whose answer holds a secret.
    #[must_use]
    pub fn create_secret<R: Create>(self) -> Self {
        self.post(R::PATH, resource::create_secret::<R>)
    }

    /// One object of a resource.
    #[must_use]
    pub fn one<R: Resource>(self) -> Self {
        self.get(&path_of_one::<R>(), resource::get::<R>)
    }

    /// Changing an object of a resource.
    #[must_use]
    pub fn update<R: Update>(self) -> Self {
        self.put(&path_of_one::<R>(), resource::update::<R>)
    }

    /// Deleting an object of a resource.
    #[must_use]
    pub fn remove<R: Delete>(self) -> Self {
        self.delete(&path_of_one::<R>(), resource::delete::<R>)
    }

    /// A hand-written `GET`.
    #[must_use]
    pub fn get<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route(path, get(handler))
    }

    /// A hand-written `POST`.
    #[must_use]
    pub fn post<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route(path, post(handler))
    }

    /// A hand-written `PUT`.
    #[must_use]
    pub fn put<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route(path, put(handler))
    }

    /// A hand-written `PATCH`.
    #[must_use]
    pub fn patch<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route(path, patch(handler))
    }

    /// A hand-written `DELETE`.
    #[must_use]
    pub fn delete<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.route(path, delete(handler))
    }

    fn route(self, path: &str, method: MethodRouter<AppState>) -> Self {
        Self(self.0.route(path, method))
    }
}

impl From<Routes> for Router<AppState> {
    fn from(routes: Routes) -> Self {
        routes.0
    }
}

fn path_of_one<R: Resource>() -> String {
    format!("{}/{{{}}}", R::PATH, R::Key::PARAMETER)
}
