//! Pages as a browser without scripts uses them: read, filled in, sent.

mod component_gallery;
mod confirm;
mod drafts;
mod form;
mod form_views;
mod launch_layers;
mod nested_fields;
mod permissions;
mod proposals;
mod run_again;
mod run_compare;
mod run_details;
mod snapshots;
mod sweep;
mod users;
mod way_out;
