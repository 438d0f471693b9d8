//! Tabs of a run's page that only show, as HTML, and the panel of one step.

mod code;
mod configuration;
mod step_panel;
mod steps;

pub use code::{RunCode, code};
pub use configuration::configuration;
pub use step_panel::step_panel;
pub use steps::steps;
