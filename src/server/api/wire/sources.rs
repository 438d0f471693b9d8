//! Python classes and functions named by their place (ZenML's `Source`).

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny},
};

use super::Json;

/// A source as a client writes it: an object that is passed through as it came, or an import path, which becomes one.
#[derive(Clone, Debug)]
pub struct Source(pub Json);

#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "module")]
    _module: String,
    #[serde(rename = "attribute")]
    _attribute: Option<String>,
    #[serde(rename = "type")]
    _kind: IgnoredAny,
}

impl Source {
    /// The JSON text that is stored.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    fn from_import_path(path: &str) -> Option<Self> {
        let (module, attribute) = path.rsplit_once('.').map_or((path, None), |(module, attribute)| (module, Some(attribute)));
        if module.is_empty() {
            return None;
        }
        let value = serde_json::json!({ "module": module, "attribute": attribute, "type": "unknown" });
        super::json(&value).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        if let Ok(path) = serde_json::from_str::<String>(json.get()) {
            return Self::from_import_path(&path).ok_or_else(|| D::Error::custom("an import path must name a module"));
        }
        serde_json::from_str::<Shape>(json.get()).map_err(|error| D::Error::custom(format!("not a source: {error}")))?;
        Ok(Self(json))
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn objects_pass_through_and_import_paths_become_objects() {
        let text = r#"{"module":"a.b","attribute":"C","type":"user","commit":"abc"}"#;
        assert_eq!(serde_json::from_str::<Source>(text).expect("a source").text(), text);
        let made = serde_json::from_str::<Source>(r#""a.b.C""#).expect("a source");
        assert_eq!(made.text(), r#"{"module":"a.b","attribute":"C","type":"unknown"}"#);
        for wrong in ["3", r#"{"attribute":"C","type":"user"}"#, r#""""#] {
            assert!(serde_json::from_str::<Source>(wrong).is_err(), "{wrong}");
        }
    }
}
