//! What the browser shows: one folder or file per resource, each with its pages and the server functions that feed them.

pub mod activation;
#[cfg(debug_assertions)]
pub mod component_gallery;
pub mod data;
pub mod devices;
pub mod home;
pub mod html_page;
pub mod layout;
pub mod login;
pub mod not_found;
pub mod pipeline_runs;
pub mod pipeline_snapshots;
pub mod pipelines;
pub mod reader;
pub mod session_card;
pub mod stacks;
pub mod users;

// A route has to be there in every build; what is not for readers is not found.
#[cfg(debug_assertions)]
pub use component_gallery::ComponentGallery;
#[cfg(not(debug_assertions))]
pub use not_found::NotFound as ComponentGallery;
