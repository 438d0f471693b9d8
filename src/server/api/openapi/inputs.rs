//! What the extractors of handlers tell about an operation: its parameters, its body, and how they are refused.

use aide::{
    generate::GenContext,
    openapi::{MediaType, Operation, ReferenceOr, RequestBody, Response, SchemaObject, SecurityRequirement},
    operation::{OperationInput, OperationOutput, ParamLocation, parameters_from_schema},
};
use schemars::{JsonSchema, Schema, json_schema};

use super::{SCHEMES, parameters::query_of, responses::errors};
use crate::server::{
    api::{
        extract::{ApiJson, ApiPath, ApiQuery, FormFields, Hydrate, IdPath, OptionalJson},
        routes::WithHeaders,
    },
    auth::Account,
    db::list::ListRequest,
    error::AppError,
    middleware::{client_address::ClientAddress, idempotency::SecretAnswer},
};

impl OperationInput for Account {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.security = SCHEMES.iter().map(|(name, _)| SecurityRequirement::from([((*name).to_owned(), Vec::new())])).collect();
        errors(operation, &[401]);
    }
}

impl<T: JsonSchema> OperationInput for ApiJson<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.subschema_for::<T>();
        body(operation, "application/json", schema, true);
    }
}

impl<T: JsonSchema> OperationInput for OptionalJson<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.subschema_for::<Option<T>>();
        body(operation, "application/json", schema, false);
    }
}

impl OperationInput for FormFields {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let schema = json_schema!({ "type": "object", "additionalProperties": { "type": "string" } });
        body(operation, "application/x-www-form-urlencoded", schema, false);
    }
}

impl<T: JsonSchema> OperationInput for ApiQuery<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.subschema_for::<T>();
        operation.parameters.extend(parameters_from_schema(context, schema, ParamLocation::Query).into_iter().map(ReferenceOr::Item));
        errors(operation, &[422]);
    }
}

/// What it reads is described beside the route: `Routes::filters` or `Routes::reads`.
impl OperationInput for ListRequest {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        errors(operation, &[422]);
    }
}

impl OperationInput for Hydrate {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let schema = json_schema!({ "type": "boolean", "default": true });
        query_of(operation, "hydrate", Some("Whether the object comes with its metadata."), schema);
        errors(operation, &[422]);
    }
}

/// The path's parameters are described from its text.
impl<T> OperationInput for ApiPath<T> {}
impl OperationInput for IdPath {}
impl OperationInput for ClientAddress {}

impl<T: JsonSchema> OperationOutput for WithHeaders<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Response> {
        axum::Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Response)> {
        axum::Json::<T>::inferred_responses(context, operation)
    }
}

impl OperationOutput for AppError {
    type Inner = Self;
}

impl<T: OperationOutput> OperationOutput for SecretAnswer<T> {
    type Inner = T::Inner;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Response> {
        T::operation_response(context, operation)
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Response)> {
        T::inferred_responses(context, operation)
    }
}

/// States the body of an operation, which is refused with 422 where it does not fit.
pub fn body(operation: &mut Operation, content_type: &str, schema: Schema, required: bool) {
    let schema = SchemaObject { json_schema: schema, example: None, external_docs: None };
    let content = [(content_type.to_owned(), MediaType { schema: Some(schema), ..MediaType::default() })].into_iter().collect();
    operation.request_body = Some(ReferenceOr::Item(RequestBody { content, required, ..RequestBody::default() }));
    errors(operation, &[422]);
}
