//! Pages as a browser without scripts uses them: read, filled in, sent.

mod drafts;
mod form;
mod form_views;
mod launch_layers;
mod permissions;
mod run_again;
mod run_details;
mod snapshots;
mod way_out;
