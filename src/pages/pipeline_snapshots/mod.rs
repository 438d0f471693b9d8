//! Snapshots: the list, one snapshot, the choice of what to run, and the form that runs it.

pub mod choose;
pub mod detail;
pub mod list;
pub mod run;
