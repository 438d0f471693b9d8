//! `/docs`: the description of the REST surface for reading, the same that `/openapi.json` gives to programs. A plain
//! document: it needs no script and no sign-in.

use std::collections::BTreeMap;

use aide::openapi::{OpenApi, Operation, ParameterSchemaOrContent, ReferenceOr, SchemaObject, StatusCode};
use axum::{http::HeaderMap, response::Html};
use leptos::prelude::*;

use super::{appearance, html};
use crate::server::api::openapi;

/// `GET /docs`.
pub async fn get(headers: HeaderMap) -> Html<String> {
    let document = openapi::surface();
    let sections = by_tag(document);
    let links = sections.keys().map(|tag| view! { <a href=format!("#{tag}")>{*tag}</a> }).collect_view();
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    html::document("REST API", appearance::theme(&headers), || {
        view! {
            <main class="api-docs stack">
                <h1>"REST API"</h1>
                <p class="prose">
                    {document.info.description.clone()} " For programs, it is described in OpenAPI 3.1: " <a href="/openapi.json">"/openapi.json"</a> "."
                </p>
                <nav class="row" aria-label="Resources">{links}</nav>
                {sections.into_iter().map(|(tag, operations)| section(tag, operations)).collect_view()}
                <section class="stack" id="schemas">
                    <h2>"Schemas"</h2>
                    {schemas.map(|(name, schema)| named_schema(name, schema)).collect_view()}
                </section>
            </main>
        }
        .into_any()
    })
}

/// One method of one path, described.
struct Entry<'a> {
    method: &'a str,
    path: &'a str,
    operation: &'a Operation,
}

fn by_tag(document: &OpenApi) -> BTreeMap<&str, Vec<Entry<'_>>> {
    let mut sections: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (path, item) in document.paths.iter().flat_map(|paths| paths.iter()) {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            let tag = operation.tags.first().map_or("other", String::as_str);
            sections.entry(tag).or_default().push(Entry { method, path, operation });
        }
    }
    sections
}

fn section(tag: &str, operations: Vec<Entry<'_>>) -> impl IntoView {
    view! {
        <section class="stack" id=tag.to_owned()>
            <h2>{tag.to_owned()}</h2>
            {operations.into_iter().map(entry).collect_view()}
        </section>
    }
}

fn entry(Entry { method, path, operation }: Entry<'_>) -> impl IntoView {
    let parameters = parameters(operation);
    view! {
        <details class="api-docs__operation" id=operation.operation_id.clone()>
            <summary>
                <span class="api-docs__method mono">{method.to_uppercase()}</span>
                <code>{path.to_owned()}</code>
                <span class="soft">{operation.summary.clone()}</span>
            </summary>
            <p class="faint">{operation.description.clone().unwrap_or_else(|| "Needs no sign-in.".to_owned())}</p>
            {(!parameters.is_empty()).then(|| view! { <h3>"Parameters"</h3> <dl>{parameters}</dl> })}
            {body(operation)}
            <h3>"Answers"</h3>
            <dl>{answers(operation)}</dl>
        </details>
    }
}

fn parameters(operation: &Operation) -> Vec<impl IntoView + use<>> {
    let parameter = |parameter: &ReferenceOr<aide::openapi::Parameter>| {
        let ReferenceOr::Item(parameter) = parameter else { return None };
        let data = parameter.parameter_data_ref();
        let ParameterSchemaOrContent::Schema(schema) = &data.format else { return None };
        let schema = schema_text(schema, false);
        Some(view! {
            <dt>
                <code>{data.name.clone()}</code>
                {data.required.then_some(" (needed)")}
            </dt>
            <dd>{data.description.clone()} " " <code class="faint">{schema}</code></dd>
        })
    };
    operation.parameters.iter().filter_map(parameter).collect()
}

fn body(operation: &Operation) -> Option<impl IntoView + use<>> {
    let Some(ReferenceOr::Item(body)) = &operation.request_body else { return None };
    let (kind, media) = body.content.first()?;
    let heading = format!("Body ({kind}{})", if body.required { "" } else { ", optional" });
    Some(view! { <h3>{heading}</h3> {media.schema.as_ref().map(shown_schema)} })
}

fn answers(operation: &Operation) -> impl IntoView + use<> {
    let responses = operation.responses.iter().flat_map(|responses| &responses.responses);
    let answer = |(status, response): (&StatusCode, &ReferenceOr<aide::openapi::Response>)| {
        let ReferenceOr::Item(response) = response else { return None };
        let schema = response.content.first().and_then(|(_, media)| media.schema.as_ref()).map(shown_schema);
        Some(view! { <dt><code>{status.to_string()}</code></dt> <dd>{response.description.clone()} " " {schema}</dd> })
    };
    responses.filter_map(answer).collect_view()
}

/// A reference as a link to the schema, anything else as its text.
fn shown_schema(schema: &SchemaObject) -> AnyView {
    let reference = schema.json_schema.as_object().and_then(|object| object.get("$ref")).and_then(|reference| reference.as_str());
    match reference.and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => view! { <a href=format!("#schema-{name}")>{name.to_owned()}</a> }.into_any(),
        None => view! { <pre>{schema_text(schema, true)}</pre> }.into_any(),
    }
}

fn named_schema(name: &str, schema: &SchemaObject) -> impl IntoView + use<> {
    view! {
        <details class="api-docs__operation" id=format!("schema-{name}")>
            <summary><code>{name.to_owned()}</code></summary>
            <pre>{schema_text(schema, true)}</pre>
        </details>
    }
}

fn schema_text(schema: &SchemaObject, pretty: bool) -> String {
    let value = schema.json_schema.as_value();
    if pretty { format!("{value:#}") } else { value.to_string() }
}
