//! Darkroom: server and dashboard for runnable ML pipeline snapshots.
//!
//! Two worlds share this crate: everything below `server` exists only with the feature `ssr`; the pages, the components
//! and the shared core (`model`, `run_configuration`, `graph`) are compiled for the server and for the browser.
#![cfg_attr(feature = "ssr", forbid(unsafe_code))]

pub mod graph;
pub mod model;
pub mod run_configuration;

#[cfg(feature = "ssr")]
pub mod server;
