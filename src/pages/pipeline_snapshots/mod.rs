//! Snapshots: the list, one snapshot, the comparison of two, the choice of what to run, and the forms that make, change
//! and run them, and say what others may set.

pub mod choose;
pub mod compare;
pub mod detail;
pub mod edit;
pub mod form;
pub mod form_view;
pub mod list;
pub mod new;
pub mod removal;
pub mod run;
