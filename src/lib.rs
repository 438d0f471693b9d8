//! Darkroom: server and dashboard for runnable ML pipeline snapshots.
//!
//! Two worlds share this crate: everything below `server` exists only with the feature `ssr`; the pages, the components
//! and the shared core (`model`, `run_configuration`, `graph`) are compiled for the server and for the browser.
#![cfg_attr(feature = "ssr", forbid(unsafe_code))]

pub mod app;
pub mod checker;
pub mod components;
pub mod graph;
pub mod model;
pub mod pages;
pub mod run_configuration;
#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page that the server rendered; called once by the page's loader script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    pages::module::leave_by_links();
    leptos::mount::hydrate_body(app::App);
}
