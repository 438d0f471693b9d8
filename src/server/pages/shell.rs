//! The HTML document around the application: head, theme, scripts, icons.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use super::{appearance, context};
use crate::{
    app::App,
    model::{roles::Role, session::Theme},
    pages::module::Module,
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
    let (headers, path) = use_context::<Parts>().map(|parts| (parts.headers, parts.uri.path().to_owned())).unwrap_or_default();
    let (theme, density) = (appearance::theme(&headers), appearance::density(&headers));
    let role = context::role().map(Role::as_str);
    let manifest = Manifest::load();
    let editor = manifest.as_ref().map(|manifest| manifest.editor.clone());
    let module = is_application.then(|| Module::of(&path));
    set_policy();
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=(theme != Theme::System).then(|| theme.as_str())
            data-density=density.as_str()
            data-role=role
            data-editor=editor
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=color_scheme(theme) />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {manifest.map(|manifest| assets(manifest, module))}
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
fn assets(manifest: Manifest, module: Option<Module>) -> impl IntoView {
    let scripts = module.map(|module| scripts(manifest.module(module)));
    view! {
        <link rel="stylesheet" href=manifest.style />
        {scripts}
    }
}

fn scripts((loader, module): (String, String)) -> impl IntoView {
    let start = format!("import start, {{ hydrate }} from \"{loader}\";\nstart({{ module_or_path: \"{module}\" }}).then(() => hydrate());");
    view! {
        <link rel="modulepreload" href=loader />
        <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=use_nonce()>
            {start}
        </script>
    }
}

/// The page's own scripts carry a nonce; nothing else may run.
fn set_policy() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    if let Ok(value) = HeaderValue::from_str(&content_security_policy(Some(&nonce))) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}
