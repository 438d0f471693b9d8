//! Pipelines: the list, and one pipeline with its runs and snapshots.

pub mod detail;
pub mod list;
