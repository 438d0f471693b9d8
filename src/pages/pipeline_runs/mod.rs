//! Runs: the list and the page of one run.

pub mod list;
pub mod table;
