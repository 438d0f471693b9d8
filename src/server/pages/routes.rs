//! Routes of forms and downloads, none of which is without what it needs its user to be allowed.

use axum::{
    Router,
    extract::{FromRequestParts as _, Request, State},
    handler::Handler,
    http::Method,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};

use super::refusals;
use crate::{
    model::roles::Action,
    server::{auth::Account, error::AppError, state::AppState},
};

/// The routes, with what each needs.
pub struct PageRoutes {
    state: AppState,
    router: Router<AppState>,
    /// Every method of every path.
    pub needs: Vec<(Method, &'static str, Action)>,
}

impl PageRoutes {
    /// No routes yet.
    pub fn new(state: &AppState) -> Self {
        Self { state: state.clone(), router: Router::new(), needs: Vec::new() }
    }

    /// A page or a file that the server makes itself.
    #[must_use]
    pub fn get<T: 'static>(self, action: Action, path: &'static str, handler: impl Handler<T, AppState>) -> Self {
        self.route(Method::GET, action, path, get(handler))
    }

    /// A form.
    #[must_use]
    pub fn post<T: 'static>(self, action: Action, path: &'static str, handler: impl Handler<T, AppState>) -> Self {
        self.route(Method::POST, action, path, post(handler))
    }

    /// The router.
    pub fn router(self) -> Router<AppState> {
        self.router
    }

    fn route(mut self, method: Method, action: Action, path: &'static str, routes: MethodRouter<AppState>) -> Self {
        self.needs.push((method, path, action));
        let routes = match action {
            Action::Open => routes,
            action => routes.layer(from_fn_with_state((self.state.clone(), action), require)),
        };
        Self { router: self.router.route(path, routes.layer(from_fn(refusals::told))), ..self }
    }
}

/// Lets those through who may; others get a page that says why not.
async fn require(State((state, action)): State<(AppState, Action)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let account = Account::from_request_parts(&mut parts, &state).await;
    let permitted = match account {
        Ok(account) => account.require(&state, action).await,
        Err(error) => Err(error),
    };
    match permitted {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(AppError::Forbidden(message)) => refusals::page(&parts.headers, message),
        Err(error) => error.into_response(),
    }
}
