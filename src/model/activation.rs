//! What the pages that activate a server or an account show.

use serde::{Deserialize, Serialize};

/// The account to be activated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// User name offered.
    pub name: String,
    pub full_name: String,
    pub server_name: String,
}
