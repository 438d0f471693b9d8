//! The answers of operations, above all the errors.

use aide::openapi::{MediaType, Operation, ReferenceOr, Response, SchemaObject, StatusCode};
use schemars::json_schema;

/// What may be answered to any request, before a handler sees it: a file upload or a page of another site, a request that
/// takes too long, a body that is too large.
pub const OF_EVERY_REQUEST: &[u16] = &[403, 408, 413];
/// What changes can fail with: wrong content, something that is missing, something that exists.
pub const OF_EVERY_CHANGE: &[u16] = &[400, 404, 409];

/// Name of the schema of error bodies.
pub const ERROR: &str = "Error";

/// Adds a response, unless there is one with this status.
pub fn add(operation: &mut Operation, status: u16, response: Response) {
    let responses = operation.responses.get_or_insert_default();
    responses.responses.entry(StatusCode::Code(status)).or_insert(ReferenceOr::Item(response));
}

/// Adds errors.
pub fn errors(operation: &mut Operation, statuses: &[u16]) {
    for status in statuses {
        let schema = json_schema!({ "$ref": format!("#/components/schemas/{ERROR}") });
        let body =
            MediaType { schema: Some(SchemaObject { json_schema: schema, example: None, external_docs: None }), ..MediaType::default() };
        let content = [("application/json".to_owned(), body)].into_iter().collect();
        add(operation, *status, Response { description: meaning(*status).to_owned(), content, ..Response::default() });
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request is understood, and its content is wrong.",
        401 => "No credentials, or some that do not count.",
        403 => "Not allowed: on this object, for this account, or from where the request comes.",
        404 => "Something that the request names does not exist.",
        408 => "The request took too long.",
        409 => "A name, or another unique value, is taken.",
        413 => "The body is too large.",
        422 => "The path, the query or the body does not have the right shape.",
        429 => "Too many at once, or too often; trying again later can work.",
        501 => "This server cannot do that, and says why.",
        _ => "The request failed.",
    }
}

/// The bodies of errors.
pub fn error_schema() -> schemars::Schema {
    let class_and_message = serde_json::json!({
        "description": "The class of the Python exception, and its message.",
        "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2,
    });
    json_schema!({
        "description": "What went wrong. The client of ZenML makes an exception of it again.",
        "anyOf": [
            {
                "type": "object",
                "properties": { "detail": { "anyOf": [class_and_message, { "type": "string" }] } },
                "required": ["detail"],
            },
            class_and_message,
            {
                "description": "RFC 6749 section 5.2.",
                "type": "object",
                "properties": { "error": { "type": "string" }, "error_description": { "type": "string" } },
                "required": ["error"],
            },
        ],
    })
}
