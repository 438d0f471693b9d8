//! Darkroom: server and dashboard for runnable ML pipeline snapshots.
#![cfg_attr(feature = "ssr", forbid(unsafe_code))]
