//! Parts of pages that only show something, and whole documents without scripts: made into HTML here, so that the browser
//! needs no code for them.

use axum::response::Html;
use leptos::prelude::*;

use super::shell::color_scheme;
use crate::{model::session::Theme, server::assets::Manifest};

/// The HTML of a view. Texts in it are escaped, as in every view.
pub fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html
}

/// A document of its own, without scripts.
pub fn document(title: &str, theme: Theme, content: impl FnOnce() -> AnyView) -> Html<String> {
    Html(html(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=(theme != Theme::System).then(|| theme.as_str())>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content=color_scheme(theme) />
                    <title>{format!("{title} · Darkroom")}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    {Manifest::load().map(|manifest| view! { <link rel="stylesheet" href=manifest.style /> })}
                </head>
                <body>{content()}</body>
            </html>
        }
        .into_any()
    }))
}
