//! References to secrets: `{{secret.key}}` in place of a value, which the client looks up where the value is used.

use serde_json::Value;

/// A reference to one value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretReference {
    /// The name of the secret: up to the first dot.
    pub secret: String,
    pub key: String,
}

impl SecretReference {
    /// Reads a text that is a reference as a whole, as ZenML does; one inside a longer text is ordinary text.
    pub fn parse(text: &str) -> Option<Self> {
        let (secret, key) = text.strip_prefix("{{")?.strip_suffix("}}")?.trim().split_once('.')?;
        let is_word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
        (is_word(secret) && is_word(key)).then(|| Self { secret: secret.to_owned(), key: key.to_owned() })
    }

    /// All references in a value, in its depth too.
    pub fn all_in(value: &Value) -> Vec<Self> {
        match value {
            Value::String(text) => Self::parse(text).into_iter().collect(),
            Value::Array(items) => items.iter().flat_map(Self::all_in).collect(),
            Value::Object(map) => map.values().flat_map(Self::all_in).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SecretReference;

    #[test]
    fn a_whole_text_is_a_reference_and_nothing_else_is() {
        let read = |text: &str| SecretReference::parse(text).map(|found| (found.secret, found.key));
        assert_eq!(read("{{aws.key}}"), Some(("aws".to_owned(), "key".to_owned())));
        assert_eq!(read("{{ aws.key.part }}"), Some(("aws".to_owned(), "key.part".to_owned())));
        for other in ["aws.key", "{{aws}}", "{{.key}}", "{{aws.}}", "{{a b.c}}", "x {{aws.key}}", "{aws.key}", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn references_are_found_in_the_depth_of_a_value() {
        let found = SecretReference::all_in(&json!({ "a": ["{{x.y}}", 1, { "b": "{{ z.w }}" }], "c": null }));
        let names: Vec<&str> = found.iter().map(|reference| reference.secret.as_str()).collect();
        assert_eq!(names, ["x", "z"]);
    }
}
