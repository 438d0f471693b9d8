//! Launching: the queue of runs, the supervisor that starts and watches them, and the launchers.

pub mod archive;
pub mod capture;
pub mod sources;
