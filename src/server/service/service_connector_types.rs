//! The types of service connectors: what each gives access to, how it signs in, and the configuration that takes.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::server::{
    encryption::SecretValues,
    error::{AppError, Result},
};

/// The service connector types of ZenML 0.98 and its integrations, as data; `end2end/scripts/connector_types.py` makes it.
const CATALOGUE: &str = include_str!("service_connector_types.json");

/// A type of service connector.
#[derive(Debug)]
pub struct ConnectorType {
    /// The whole of it, as it goes over the wire.
    pub document: Box<RawValue>,
    specification: Specification,
}

#[derive(Debug, Deserialize)]
struct Specification {
    connector_type: String,
    resource_types: Vec<ResourceType>,
    auth_methods: Vec<AuthMethod>,
}

#[derive(Debug, Deserialize)]
struct ResourceType {
    resource_type: String,
    auth_methods: Vec<String>,
    supports_instances: bool,
}

#[derive(Debug, Deserialize)]
struct AuthMethod {
    auth_method: String,
    config_schema: Value,
}

/// The types, in the order of ZenML's registry.
static TYPES: LazyLock<Vec<ConnectorType>> = LazyLock::new(|| {
    let documents: Vec<Box<RawValue>> = serde_json::from_str(CATALOGUE).unwrap_or_default();
    let read = |document: Box<RawValue>| {
        let specification = serde_json::from_str(document.get()).ok()?;
        Some(ConnectorType { document, specification })
    };
    documents.into_iter().filter_map(read).collect()
});

/// All types that match: of this name, with this resource type, with this method of signing in.
pub fn list(connector_type: Option<&str>, resource_type: Option<&str>, auth_method: Option<&str>) -> Vec<&'static ConnectorType> {
    let matches = |found: &&ConnectorType| {
        let Specification { connector_type: name, resource_types, auth_methods } = &found.specification;
        connector_type.is_none_or(|wanted| wanted == name)
            && resource_type.is_none_or(|wanted| resource_types.iter().any(|kind| kind.resource_type == wanted))
            && auth_method.is_none_or(|wanted| auth_methods.iter().any(|method| method.auth_method == wanted))
    };
    TYPES.iter().filter(matches).collect()
}

/// The type with this name; one that a client brings itself is unknown here.
pub fn find(connector_type: &str) -> Option<&'static ConnectorType> {
    TYPES.iter().find(|found| found.specification.connector_type == connector_type)
}

/// A configuration apart: what is stored readable, and what is stored encrypted.
#[derive(Debug, Default, PartialEq)]
pub struct Parts {
    pub plain: Map<String, Value>,
    pub secret: SecretValues,
}

/// The configuration of a connector whose type is unknown here: since nothing tells which of its texts are secret, all are.
pub fn split_unknown(configuration: Map<String, Value>) -> Parts {
    let mut parts = Parts::default();
    for (key, value) in configuration {
        match value {
            Value::String(text) => parts.secret.set(key, text),
            other => {
                parts.plain.insert(key, other);
            }
        }
    }
    parts
}

/// The resource types of a connector, and whether it gives access to several resources of its one type.
#[derive(Debug, PartialEq, Eq)]
pub struct Resources {
    pub types: Vec<String>,
    pub supports_instances: bool,
}

impl ConnectorType {
    /// Checks the method of signing in and the resource types. Exactly one type stays; none or several mean all.
    pub fn resources(&self, auth_method: &str, wanted: &[String]) -> Result<Resources> {
        let Specification { connector_type, resource_types, .. } = &self.specification;
        self.auth_method(auth_method)?;
        let [wanted] = wanted else {
            let types = resource_types.iter().map(|kind| kind.resource_type.clone()).collect();
            return Ok(Resources { types, supports_instances: false });
        };
        let found = resource_types.iter().find(|kind| kind.resource_type == *wanted).ok_or_else(|| {
            let known = resource_types.iter().map(|kind| kind.resource_type.as_str());
            wrong(format!("the connector type '{connector_type}' has no resource type '{wanted}'. It has: {}.", listed(known)))
        })?;
        if !found.auth_methods.iter().any(|method| method == auth_method) {
            return Err(wrong(format!(
                "the connector type '{connector_type}' has no authentication method '{auth_method}' for the resource type '{wanted}'. \
                 It has: {}.",
                listed(found.auth_methods.iter().map(String::as_str))
            )));
        }
        Ok(Resources { types: vec![found.resource_type.clone()], supports_instances: found.supports_instances })
    }

    /// Checks a configuration against the schema of its method of signing in. Keys that the schema does not have are left
    /// out, as the reference server does.
    pub fn split(&self, auth_method: &str, mut configuration: Map<String, Value>) -> Result<Parts> {
        let schema = &self.auth_method(auth_method)?.config_schema;
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut parts = Parts::default();
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let property = not_null(property);
            match configuration.remove(key) {
                None | Some(Value::Null) if required.contains(&key.as_str()) => {
                    return Err(wrong(format!("missing required attribute '{key}'.")));
                }
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if property["format"] == "password" => parts.secret.set(key.clone(), text),
                Some(_) if property["format"] == "password" => {
                    return Err(wrong(format!("the attribute '{key}' is a secret but is not a string.")));
                }
                Some(Value::String(text)) if property["type"] == "array" => {
                    parts.plain.insert(key.clone(), text_as_list(&text));
                }
                Some(value) => {
                    parts.plain.insert(key.clone(), value);
                }
            }
        }
        Ok(parts)
    }

    /// Whether the configuration of a method of signing in has this key.
    pub fn has_option(&self, auth_method: &str, option: &str) -> bool {
        self.auth_method(auth_method).is_ok_and(|method| method.config_schema["properties"].get(option).is_some())
    }

    fn auth_method(&self, name: &str) -> Result<&AuthMethod> {
        let Specification { connector_type, auth_methods, .. } = &self.specification;
        auth_methods.iter().find(|method| method.auth_method == name).ok_or_else(|| {
            let known = listed(auth_methods.iter().map(|method| method.auth_method.as_str()));
            wrong(format!("the connector type '{connector_type}' has no authentication method '{name}'. It has: {known}."))
        })
    }
}

fn wrong(problem: String) -> AppError {
    AppError::Invalid(format!("The connector configuration is not valid: {problem}"))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The schema of a property that may be null, without the null.
fn not_null(property: &Value) -> &Value {
    let mut choices = property["anyOf"].as_array().into_iter().flatten();
    choices.find(|choice| choice["type"] != "null").unwrap_or(property)
}

/// A list may be typed as JSON or with commas.
fn text_as_list(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.split(',').map(Value::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn the_catalogue_is_readable_whole() {
        let documents: Vec<Value> = serde_json::from_str(CATALOGUE).expect("JSON");
        assert_eq!(TYPES.len(), documents.len());
        let names: Vec<&str> = TYPES.iter().map(|kind| kind.specification.connector_type.as_str()).collect();
        assert_eq!(names, ["aws", "gcp", "azure", "kubernetes", "docker", "oauth2", "hyperai"]);
        assert!(list(None, Some("kubernetes-cluster"), Some("token")).iter().any(|kind| kind.specification.connector_type == "kubernetes"));
        assert!(list(Some("docker"), Some("s3-bucket"), None).is_empty());
    }

    #[test]
    fn one_resource_type_stays_and_several_mean_all() {
        let aws = find("aws").expect("known");
        let one = aws.resources("secret-key", &["s3-bucket".to_owned()]).expect("valid");
        assert_eq!(one, Resources { types: vec!["s3-bucket".to_owned()], supports_instances: true });
        let all = aws.resources("secret-key", &["s3-bucket".to_owned(), "x".to_owned()]).expect("valid");
        assert!(all.types.len() == 4 && !all.supports_instances);
        assert!(matches!(aws.resources("nope", &[]), Err(AppError::Invalid(m)) if m.contains("'nope'") && m.contains("iam-role")));
        assert!(matches!(aws.resources("implicit", &["nope".to_owned()]), Err(AppError::Invalid(m)) if m.contains("s3-bucket")));
    }

    #[test]
    fn secret_fields_are_kept_apart() {
        let kubernetes = find("kubernetes").expect("known");
        let configuration = json!({ "server": "https://k8s", "token": "t", "cluster_name": "c", "insecure": false, "other": 1, "certificate_authority": null });
        let parts = kubernetes.split("token", map(configuration)).expect("valid");
        assert_eq!(Value::Object(parts.plain), json!({ "server": "https://k8s", "insecure": false, "cluster_name": "c" }));
        assert_eq!((parts.secret.get("token"), parts.secret.get("server")), (Some("t"), None));
        for (configuration, problem) in [(json!({}), "missing required"), (json!({ "username": 1, "password": "p" }), "not a string")] {
            let refused = find("docker").expect("known").split("password", map(configuration));
            assert!(matches!(refused, Err(AppError::Invalid(message)) if message.contains(problem)));
        }
    }

    #[test]
    fn lists_may_be_typed_as_text() {
        assert_eq!(text_as_list("a,b"), json!(["a", "b"]));
        assert_eq!(text_as_list(r#"["a"]"#), json!(["a"]));
    }

    #[test]
    fn of_an_unknown_type_every_text_is_secret() {
        let parts = split_unknown(map(json!({ "token": "t", "port": 1 })));
        assert_eq!((parts.secret.get("token"), Value::Object(parts.plain)), (Some("t"), json!({ "port": 1 })));
    }
}
