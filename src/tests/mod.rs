//! Integration tests: the real router, called in process, with a database of its own for each test.
//!
//! See [`util`] for how to write one.

mod api;
mod cli;
mod concurrency;
mod import;
mod pages;
mod util;
