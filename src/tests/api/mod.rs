//! The REST surface, resource by resource: what works, and each refusal.

mod api_keys;
mod authentication;
mod devices;
mod login;
mod middleware;
mod server;
mod service_accounts;
mod users;
