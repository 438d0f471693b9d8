//! The server: configuration, storage, rules, REST surface, launching. Nothing here reaches the browser.

pub mod activity;
pub mod api;
pub mod assets;
pub mod auth;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod encryption;
pub mod error;
pub mod events;
pub mod id;
pub mod import;
pub mod launch;
pub mod logging;
pub mod middleware;
pub mod pages;
pub mod router;
pub mod service;
pub mod start;
pub mod state;
pub mod time;
