//! Documents: JSON stored once by the SHA-256 of its text, read through a cache (content never changes).

use std::{collections::HashMap, sync::LazyLock};

use quick_cache::{Weighter, sync::Cache};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Connection, DbError, LONGEST_LIST, Value, placeholders};
use crate::args;

/// Bytes of documents kept in memory.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

#[derive(Clone)]
struct ByLength;

impl Weighter<String, std::sync::Arc<str>> for ByLength {
    fn weight(&self, _hash: &String, content: &std::sync::Arc<str>) -> u64 {
        content.len() as u64 + 64
    }
}

/// Keyed by content hash, so it may be shared by all databases of the process.
static CACHE: LazyLock<Cache<String, std::sync::Arc<str>, ByLength>> = LazyLock::new(|| Cache::with_weighter(512, CACHE_BYTES, ByLength));

/// Documents read together, by hash.
pub type Documents = HashMap<String, std::sync::Arc<str>>;

/// The hash a document is stored under: lowercase hexadecimal SHA-256.
pub fn hash(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

/// Stores a document and gives its hash; storing it again costs one look-up.
pub async fn put(connection: &mut Connection, content: &str) -> Result<String, DbError> {
    let hash = hash(content);
    connection
        .execute("insert into documents (hash, content) values ($1, $2) on conflict (hash) do nothing", args![&hash, content])
        .await?;
    Ok(hash)
}

/// Reads documents by hash; a hash that is not stored is missing from the answer.
pub async fn get_many(connection: &mut Connection, hashes: impl IntoIterator<Item = String>) -> Result<Documents, DbError> {
    let mut found = Documents::new();
    let mut missing: Vec<String> = Vec::new();
    for hash in hashes {
        match CACHE.get(&hash) {
            Some(content) => {
                found.insert(hash, content);
            }
            None => missing.push(hash),
        }
    }
    missing.sort();
    missing.dedup();
    for chunk in missing.chunks(LONGEST_LIST) {
        let sql = format!("select hash, content from documents where hash in ({})", placeholders(1, chunk.len()));
        let rows: Vec<(String, String)> = connection.fetch_all(&sql, chunk.iter().map(Value::from).collect()).await?;
        for (hash, content) in rows {
            let content: std::sync::Arc<str> = content.into();
            CACHE.insert(hash.clone(), content.clone());
            found.insert(hash, content);
        }
    }
    Ok(found)
}

/// Reads one document; [`DbError::RowNotFound`] if it is not stored.
pub async fn get(connection: &mut Connection, hash: &str) -> Result<std::sync::Arc<str>, DbError> {
    get_many(connection, [hash.to_owned()]).await?.remove(hash).ok_or(DbError::RowNotFound)
}

/// A stored document as JSON that is passed through without being parsed.
pub fn raw(content: &str) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(content.to_owned())
}
