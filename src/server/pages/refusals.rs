//! The answer to a form that cannot be done and has no page to go back to with what is wrong: its sender may not do it, or what
//! it is about is gone. A plain document: it needs no script.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use leptos::prelude::*;

use super::{appearance, forms, html};
use crate::{components::empty_state::EmptyState, server::error::ErrorMessage};

/// 403 with the reason and ways out; nothing was changed.
pub fn page(headers: &HeaderMap, reason: String) -> Response {
    document(headers, StatusCode::FORBIDDEN, "Not allowed", format!("{reason} Nothing was changed."))
}

/// What a browser is shown in place of an error that programs read as JSON.
pub async fn told(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let response = next.run(request).await;
    let is_read = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    let Some(ErrorMessage(message)) = response.extensions().get().filter(|_| is_read).cloned() else { return response };
    let title = match response.status() {
        StatusCode::NOT_FOUND => "Not found",
        status if status.is_client_error() => "This cannot be done",
        _ => "The server had a problem",
    };
    document(&headers, response.status(), title, message)
}

fn document(headers: &HeaderMap, status: StatusCode, title: &'static str, text: String) -> Response {
    let back = forms::back(headers);
    let document = html::document(title, appearance::theme(headers), move || {
        view! {
            <main class="plain" id="main">
                <EmptyState is_page=true title=title text=text>
                    <p class="row">
                        {(back != "/").then(|| view! { <a class="button" href=back>"Go back"</a> })}
                        <a class="button" href="/">"Go to Home"</a>
                    </p>
                </EmptyState>
            </main>
        }
        .into_any()
    });
    (status, document).into_response()
}
