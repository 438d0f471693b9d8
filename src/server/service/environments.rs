//! Environments that clients report (operating system, Python, packages): stored once by content, packages apart.

use serde_json::{Map, Value};

use crate::server::{
    api::wire::{Json, stored_json},
    db::{
        Connection,
        documents::{self, Documents},
    },
    error::Result,
};

/// Longest environment that is kept, in bytes of JSON; a longer one is stored empty, as in the reference server.
const MAX_BYTES: usize = 65_535;

/// The key whose value is long and rarely asked for.
const PACKAGES: &str = "python_packages";

/// The documents of a stored environment.
#[derive(Clone)]
pub struct StoredEnvironment {
    pub document: String,
    pub packages_document: Option<String>,
}

/// Stores an environment.
pub async fn put(connection: &mut Connection, mut environment: Map<String, Value>) -> Result<StoredEnvironment> {
    if Value::Object(environment.clone()).to_string().len() > MAX_BYTES {
        environment = Map::new();
    }
    let packages_document = match environment.shift_remove(PACKAGES) {
        Some(packages) => Some(documents::put(connection, &packages.to_string()).await?),
        None => None,
    };
    let document = documents::put(connection, &Value::Object(environment).to_string()).await?;
    Ok(StoredEnvironment { document, packages_document })
}

/// A stored environment from documents read together; with its packages if their document is named.
pub fn read(documents: &Documents, document: &str, packages_document: Option<&str>) -> Result<Json> {
    let text = documents.get(document).map_or("{}", |content| content);
    let Some(packages) = packages_document.and_then(|hash| documents.get(hash)) else { return stored_json(text) };
    let mut environment: Map<String, Value> = serde_json::from_str(text)?;
    environment.insert(PACKAGES.to_owned(), serde_json::from_str(packages)?);
    stored_json(&Value::Object(environment).to_string())
}
