//! Accounts and what they may do; the server makes the page.

use leptos::prelude::*;

use crate::{model::page_request::PageRequest, pages::html_page::html_page};

/// `/settings/users`
#[component]
pub fn UsersPage() -> impl IntoView {
    html_page(|| PageRequest::Users)
}
