//! A program that asks to act for an account.

use serde::{Deserialize, Serialize};

/// What it tells about itself, and how far its sign-in has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    pub id: String,
    /// It waits to be confirmed.
    pub pending: bool,
    /// It was confirmed; the program gets, or has got, its token.
    pub confirmed: bool,
    pub hostname: Option<String>,
    pub os: Option<String>,
    pub ip_address: Option<String>,
    pub zenml_version: Option<String>,
    /// The account that it will act for.
    pub user_name: String,
}
