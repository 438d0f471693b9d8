//! Run configurations: how a run differs from the snapshot it is launched from.
//!
//! Pure code, compiled for the server and for the browser: no input or output, no clock, no randomness. What the browser shows as an error
//! before a launch is found here, by the code that the server applies when it launches.
//!
//! The way of a configuration: [`request::read`] takes a body apart, [`validate::validate`] finds everything that is wrong with it, and
//! [`derive::derive`] makes the snapshot that is run.

pub mod assist;
pub mod code;
mod decimal;
pub mod derive;
pub mod diff;
pub mod document;
pub mod edit;
pub mod emit;
#[cfg(test)]
mod example;
pub mod form;
pub mod form_view;
pub mod json_schema;
pub mod keys;
pub mod layers;
pub mod merge;
pub mod problem;
pub mod replay;
pub mod request;
pub mod resources;
pub mod review;
pub mod run_name;
pub mod schema;
pub mod secret_reference;
pub mod settings;
pub mod snapshot;
pub mod step_configuration;
mod suggestion;
pub mod sweep;
pub mod template;
pub mod validate;
pub mod value_path;
