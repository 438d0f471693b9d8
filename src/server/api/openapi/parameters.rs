//! The parameters of operations: those of the path from its text, those of lists from their `ListSpec`.

use aide::openapi::{Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr, SchemaObject};
use schemars::{Schema, json_schema};

use crate::server::db::list::{DEFAULT_PAGE_SIZE, Kind, ListSpec, MAX_PAGE_SIZE};

/// Adds the parameters that stand in a path. One that is called an id is one; others take any text.
pub fn of_path(operation: &mut Operation, path: &str) {
    for part in path.split('/') {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { continue };
        let name = name.trim_start_matches('*');
        let is_id = name == "id" || (name.ends_with("_id") && name != "name_or_id");
        let schema =
            if is_id { json_schema!({ "type": "string", "format": "uuid" }) } else { json_schema!({ "type": "string", "minLength": 1 }) };
        let parameter_data = ParameterData { required: true, ..data(name, None, schema) };
        operation.parameters.push(ReferenceOr::Item(Parameter::Path { parameter_data, style: PathStyle::Simple }));
    }
}

/// Adds an optional query parameter that takes any text.
pub fn query(operation: &mut Operation, name: &str, description: &str) {
    query_of(operation, name, Some(description), json_schema!({ "type": "string" }));
}

/// Adds an optional query parameter.
pub fn query_of(operation: &mut Operation, name: &str, description: Option<&str>, schema: Schema) {
    let parameter_data = data(name, description, schema);
    let style = QueryStyle::Form;
    operation.parameters.push(ReferenceOr::Item(Parameter::Query {
        parameter_data,
        allow_reserved: false,
        style,
        allow_empty_value: None,
    }));
}

/// Adds the parameters of a list: page, order and filters.
pub fn of_list(operation: &mut Operation, list: &ListSpec) {
    let keys = sort_keys(list).join("|");
    query_of(operation, "page", None, json_schema!({ "type": "integer", "minimum": 1, "default": 1 }));
    let size = json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE });
    query_of(operation, "size", Some("Objects per page."), size);
    let order = json_schema!({ "type": "string", "pattern": format!("^((asc|desc):)?({keys})$"), "default": "created" });
    query_of(operation, "sort_by", Some("A field, with `desc:` before it to turn the order around."), order);
    let operator = json_schema!({ "type": "string", "enum": ["and", "or"], "default": "and" });
    query_of(operation, "logical_operator", Some("Whether all filters must hold, or one."), operator);
    let hydrate = json_schema!({ "type": "boolean", "default": false });
    query_of(operation, "hydrate", Some("Whether the objects come with their metadata."), hydrate);
    for field in list.fields {
        let (description, example) = filter(&field.kind);
        let schema = json_schema!({ "type": "array", "items": { "type": "string", "examples": [example] } });
        query_of(operation, field.name, Some(description), schema);
    }
}

/// The parameters of a list whose column can be ordered, and the keys besides them.
fn sort_keys(list: &ListSpec) -> Vec<&'static str> {
    let ordered = list.fields.iter().filter(|field| {
        matches!(
            field.kind,
            Kind::Text(_)
                | Kind::Uuid(_)
                | Kind::Integer(_)
                | Kind::Float(_)
                | Kind::Time(_)
                | Kind::Boolean(_)
                | Kind::Switch(_)
                | Kind::NameOrId { .. }
                | Kind::Tags { .. }
        )
    });
    let mut keys: Vec<&str> = ordered.map(|field| field.name).chain(list.sorts.iter().map(|(name, _)| *name)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What a filter takes, and an example. A parameter may be repeated.
fn filter(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Text(_) => (
            "A text, or `operator:text` with equals, notequals, contains, notcontains, startswith, endswith, oneof, notoneof \
             (a JSON list), isnull, isnotnull, gt, gte, lt or lte (numbers).",
            "contains:a",
        ),
        Kind::Uuid(_) => (
            "An id, or `operator:id` with equals, notequals, contains, notcontains, startswith, endswith, oneof, notoneof \
             (a JSON list), isnull or isnotnull.",
            "startswith:0",
        ),
        Kind::Integer(_) => {
            ("A whole number, or `operator:number` with equals, notequals, gt, gte, lt, lte, isnull or isnotnull.", "gte:1")
        }
        Kind::Float(_) => ("A number, or `operator:number` with the operators of texts.", "gte:1.5"),
        Kind::Time(_) => (
            "A UTC time as `2026-11-23 04:51:11`, or `operator:time` with equals, notequals, gt, gte, lt, lte, \
             in (two times with a comma between), isnull or isnotnull.",
            "gte:2026-11-23 04:51:11",
        ),
        Kind::Boolean(_) => ("True or false, or `operator:value` with equals, notequals, isnull or isnotnull.", "true"),
        Kind::Through { kind, .. } => filter(kind),
        Kind::NameOrId { .. } => ("A name or an id, or `operator:value` with the operators of texts.", "contains:a"),
        Kind::Tags { .. } => {
            ("The name of a tag, or `operator:value` with the operators of texts; `isnull:` means no tags.", "startswith:a")
        }
        Kind::Metadata { .. } => ("`key:value`, or `key:operator:value` with the operators of texts.", "accuracy:gte:0.9"),
        Kind::Switch(_) | Kind::Flag { .. } => ("True or false.", "true"),
        Kind::Plain(_) => ("A text.", "pipeline"),
        Kind::Id(_) => ("An id.", "c6df0e38-512d-4f0a-87f6-d03095fe9931"),
    }
}

fn data(name: &str, description: Option<&str>, schema: Schema) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: description.map(str::to_owned),
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(SchemaObject { json_schema: schema, example: None, external_docs: None }),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    }
}
