//! Snapshots: the list, one snapshot, the comparison of two, the choice of what to run, and the forms that make, change
//! and run them.

pub mod choose;
pub mod compare;
pub mod detail;
pub mod edit;
pub mod form;
pub mod list;
pub mod new;
pub mod removal;
pub mod run;
