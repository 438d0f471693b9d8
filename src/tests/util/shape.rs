//! JSON without what differs from run to run.

use darkroom::server::{id::Id, time::Timestamp};
use serde_json::Value;

/// The value with ids as `[id]`, times as `[time]`, tokens as `[token]`, API keys as `[key]` and other secrets (32 and
/// more hexadecimal digits) as `[secret]`.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(replaced(text).unwrap_or(text).to_owned()),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        other => other.clone(),
    }
}

fn replaced(text: &str) -> Option<&'static str> {
    let is_id = text.len() == 36 && text.parse::<Id>().is_ok();
    let is_secret = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        Some("[id]")
    } else if Timestamp::parse(text).is_some() {
        Some("[time]")
    } else if text.starts_with("eyJ") {
        Some("[token]")
    } else if text.starts_with("ZENKEY_") {
        Some("[key]")
    } else {
        is_secret.then_some("[secret]")
    }
}
