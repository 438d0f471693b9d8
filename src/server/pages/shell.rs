//! The HTML document around the application: head, theme, scripts, icons.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use super::{appearance, context};
use crate::{
    app::App,
    model::{roles::Role, session::Theme},
    server::{assets::Manifest, middleware::security_headers::content_security_policy},
};

/// The sprite that every icon refers to.
const ICONS: &str = include_str!("../../components/icons.svg");

/// The document of the application, for the request in the context.
pub fn shell() -> impl IntoView {
    document(|| view! { <App /> }.into_any(), true)
}

/// The document around a view, which the browser takes over if it is the application.
pub fn document(view: fn() -> AnyView, is_application: bool) -> impl IntoView {
    let headers = use_context::<Parts>().map(|parts| parts.headers).unwrap_or_default();
    let (theme, density) = (appearance::theme(&headers), appearance::density(&headers));
    let role = context::role().map(Role::as_str);
    let manifest = Manifest::load();
    let lazy = |file: fn(&Manifest) -> &String| manifest.as_ref().map(|manifest| file(manifest).clone());
    let (editor, checker, module) = (lazy(|m| &m.editor), lazy(|m| &m.checker), lazy(|m| &m.checker_module));
    set_policy();
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=(theme != Theme::System).then(|| theme.as_str())
            data-density=density.as_str()
            data-role=role
            data-editor=editor
            data-checker=checker
            data-checker-module=module
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=color_scheme(theme) />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {manifest.map(|manifest| assets(manifest, is_application))}
                <MetaTags />
            </head>
            <body>
                {view()}
                <div hidden inner_html=ICONS></div>
            </body>
        </html>
    }
}

/// The value of the document's `color-scheme`.
pub fn color_scheme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

/// Style and scripts, under their hashed names.
fn assets(manifest: Manifest, is_application: bool) -> impl IntoView {
    let Manifest { loader, module, style, .. } = manifest;
    let start = format!("import start, {{ hydrate }} from \"{loader}\";\nstart({{ module_or_path: \"{module}\" }}).then(() => hydrate());");
    view! {
        <link rel="stylesheet" href=style />
        {is_application
            .then(|| {
                view! {
                    <link rel="modulepreload" href=loader />
                    <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                    <script type="module" nonce=use_nonce()>
                        {start}
                    </script>
                }
            })}
    }
}

/// The page's own scripts carry a nonce; nothing else may run.
fn set_policy() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    if let Ok(value) = HeaderValue::from_str(&content_security_policy(Some(&nonce))) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}
