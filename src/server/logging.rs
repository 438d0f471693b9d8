//! Logging: one subscriber, text or JSON lines, to standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging; called once by the program.
pub fn init(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let started = if json { subscriber.json().flatten_event(true).try_init() } else { subscriber.try_init() };
    if let Err(error) = started {
        eprintln!("logging was started already: {error}");
    }
}
