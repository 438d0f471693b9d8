//! Launching: the queue of runs, the supervisor that starts and watches them, and the launchers.

pub mod archive;
pub mod capture;
pub mod environment;
pub mod logs;
pub mod process;
pub mod python;
pub mod requirements;
pub mod sources;
