//! `/openapi.json`: the REST surface described as OpenAPI 3.1, made from the routes and the types of their handlers.

pub mod inputs;
pub mod parameters;
pub mod responses;

use std::{collections::HashSet, sync::OnceLock};

use aide::{
    generate::{in_context, reset_context},
    openapi::{ApiKeyLocation, Components, Info, OpenApi, Operation, PathItem, Paths, ReferenceOr, SchemaObject, SecurityScheme},
};
use axum::Json;
use schemars::Schema;

use super::routes::{Described, Method};
use crate::model::roles::{Action, Role};

/// Where the REST surface is.
pub const PREFIX: &str = "/api/v1";

/// Makes the description of a way to show who one is.
type DescribeScheme = fn() -> SecurityScheme;

/// The ways to show who one is.
pub const SCHEMES: [(&str, DescribeScheme); 2] = [("bearer", bearer), ("session", session)];

fn bearer() -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("A token from `POST /login` or `GET /api_token`, or an API key.".to_owned()),
        extensions: Default::default(),
    }
}

fn session() -> SecurityScheme {
    SecurityScheme::ApiKey {
        location: ApiKeyLocation::Cookie,
        // The name ends in the server's id.
        name: "zenml-server".to_owned(),
        description: Some("The cookie of a browser that signed in; its name ends in the id of the server.".to_owned()),
        extensions: Default::default(),
    }
}

/// Says which role an operation needs.
pub fn role(operation: &mut Operation, action: Action) {
    let Some(role) = action.role() else { return };
    let for_runs = if action.is_work_of_a_run() && role > Role::Viewer { ", or the token of a run" } else { "" };
    operation.description = Some(format!("Needs the role `{role}`{for_runs}."));
}

/// The description of the whole surface, made when it is first asked for.
pub fn surface() -> &'static OpenApi {
    static SURFACE: OnceLock<OpenApi> = OnceLock::new();
    SURFACE.get_or_init(|| super::routes().document(PREFIX))
}

/// `GET /openapi.json`. Needs no sign-in: the protocol is no secret.
pub async fn get() -> Json<&'static OpenApi> {
    Json(surface())
}

/// The document of described operations.
pub fn document(described: Vec<Described>, prefix: &str) -> OpenApi {
    let mut paths = Paths::default();
    let mut ids = HashSet::new();
    for mut route in described {
        let mut operation = route.operation();
        let Described { path, method, .. } = route;
        // Two paths may lead to one handler, whose name is the id.
        while let Some(id) = operation.operation_id.take() {
            let taken = !ids.insert(id.clone());
            operation.operation_id = Some(if taken { format!("{id}_again") } else { id });
            if !taken {
                break;
            }
        }
        // OpenAPI knows no parameters that take the rest of the path.
        let path = path.replace("{*", "{");
        let entry = paths.paths.entry(format!("{prefix}{path}")).or_insert_with(|| ReferenceOr::Item(PathItem::default()));
        let ReferenceOr::Item(item) = entry else { continue };
        let place = match method {
            Method::Get => &mut item.get,
            Method::Post => &mut item.post,
            Method::Put => &mut item.put,
            Method::Patch => &mut item.patch,
            Method::Delete => &mut item.delete,
        };
        *place = Some(operation);
    }
    paths.paths.sort_unstable_keys();
    OpenApi {
        info: Info {
            title: "Darkroom".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: Some("The REST protocol of ZenML 0.98, as this server speaks it.".to_owned()),
            ..Info::default()
        },
        paths: Some(paths),
        components: Some(components()),
        ..OpenApi::default()
    }
}

/// The schemas that the operations refer to, and the ways to sign in.
fn components() -> Components {
    let definitions = in_context(|context| context.schema.take_definitions(true));
    reset_context();
    let of_types = definitions.into_iter().filter_map(|(name, schema)| Some((name, Schema::try_from(schema).ok()?)));
    let schemas = of_types.chain([(responses::ERROR.to_owned(), responses::error_schema())]);
    let object = |schema| SchemaObject { json_schema: schema, example: None, external_docs: None };
    Components {
        schemas: schemas.map(|(name, schema)| (name, object(schema))).collect(),
        security_schemes: SCHEMES.iter().map(|(name, scheme)| ((*name).to_owned(), ReferenceOr::Item(scheme()))).collect(),
        ..Components::default()
    }
}
