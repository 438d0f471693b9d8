//! The answer to a form whose sender may not do what it asks for. A plain document: it needs no script.

use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::*;

use super::{appearance, forms, html};
use crate::components::empty_state::EmptyState;

/// 403 with the reason and ways out; nothing was changed.
pub fn page(headers: &HeaderMap, reason: String) -> Response {
    let back = forms::back(headers);
    let document = html::document("Not allowed", appearance::theme(headers), move || {
        view! {
            <main class="plain" id="main">
                <EmptyState is_page=true title="Not allowed" text=format!("{reason} Nothing was changed.")>
                    <p class="row">
                        {(back != "/").then(|| view! { <a class="button" href=back>"Go back"</a> })}
                        <a class="button" href="/">"Go to Home"</a>
                    </p>
                </EmptyState>
            </main>
        }
        .into_any()
    });
    (StatusCode::FORBIDDEN, document).into_response()
}
