//! Home: what can be run, what runs, what ran; on an empty server the first steps. The server makes it.

use leptos::prelude::*;
use leptos_meta::Title;

use super::data::{PageResource, show};
use crate::{
    components::{
        live::{LiveIndicator, use_events},
        page_header::PageHeader,
        server_html::ServerHtml,
    },
    model::page_request::PageRequest,
};

/// `/`
#[component]
pub fn HomePage() -> impl IntoView {
    let home: PageResource<String> = PageResource::new(|| PageRequest::Home);
    use_events(|kind, _| kind == "run" || kind == "snapshot", move || home.refetch());
    view! {
        <Title text="" />
        <PageHeader title="Home">
            <LiveIndicator />
        </PageHeader>
        {show(home, |html| view! { <ServerHtml html=html class="stack stack--wide" /> }.into_any())}
    }
    .into_any()
}
