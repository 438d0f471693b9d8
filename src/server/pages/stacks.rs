//! Stacks and their components, to be looked at.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    context, forms,
    html::html,
    present::{list_request, listing, moment, only, referred},
    stacks_view,
};
use crate::{
    model::{
        error::PageError,
        html_page::HtmlPage,
        list::{ListQuery, Reference},
        stacks::{ComponentDetail, ComponentLink, StackListRow},
    },
    run_configuration::diff::render,
    server::{
        auth::Account,
        db::{
            Connection, flavors,
            stack_components::{self, StackComponentRow},
            stacks::{self, StackRow},
            users::UserRow,
        },
        error::{AppError, Result},
        id::Id,
        service,
        state::AppState,
    },
};

const SORTS: [&str; 3] = ["name", "created", "user"];
/// The order where the URL names none.
pub const USUAL_SORT: &str = "asc:name";
/// Characters of a value on one line.
const VALUE_LIMIT: usize = 300;

/// The list that a URL asks for, as HTML.
pub async fn list(query: &ListQuery) -> Result<String, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let page = stacks::list(&mut connection, &list_request(query, &SORTS, USUAL_SORT)).await?;
        let rows = rows(&mut connection, &page.items).await?;
        Ok::<_, AppError>(listing(&page, rows))
    };
    let list = read.await?;
    Ok(html(|| stacks_view::list(list, query)))
}

/// One stack.
pub async fn get(id: &str) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let stack = service::stacks::get(&mut connection, parse("stack", id)?).await?;
        only(rows(&mut connection, &[stack]).await?)
    };
    Ok(stacks_view::stack(read.await?))
}

/// The form of a stack's page.
#[derive(Deserialize)]
pub struct StackForm {
    /// `true`: launches on it from the browser are asked about.
    #[serde(default)]
    protected: String,
}

/// `POST /stacks/{stack}/protect`: says whether launches on a stack are asked about, and goes to the stack.
pub async fn protect(State(state): State<AppState>, _: Account, Path(id): Path<String>, Form(form): Form<StackForm>) -> Result<Response> {
    let id = parse("stack", &id)?;
    let mut connection = state.db.begin().await?;
    service::stacks::protect(&mut connection, id, form.protected == "true").await?;
    connection.commit().await?;
    forms::see_other(&format!("/stacks/{id}"))
}

fn parse(what: &str, id: &str) -> Result<Id> {
    id.parse().map_err(|_| AppError::missing(what, id))
}

async fn rows(connection: &mut Connection, stacks: &[StackRow]) -> Result<Vec<StackListRow>> {
    let mut components = stack_components::of_stacks(connection, stacks.iter().map(|stack| stack.id)).await?;
    let users = referred::<UserRow>(connection, stacks.iter().map(|stack| stack.user_id)).await?;
    let mut row = |stack: &StackRow| StackListRow {
        id: stack.id.to_string(),
        name: stack.name.clone(),
        description: Some(stack.description.clone()).filter(|text| !text.is_empty()),
        components: components.remove(&stack.id).unwrap_or_default().iter().map(link).collect(),
        created: moment(stack.created),
        user: user_name(stack.user_id, &users),
        protected: stack.protected,
    };
    Ok(stacks.iter().map(&mut row).collect())
}

fn link(component: &StackComponentRow) -> ComponentLink {
    ComponentLink {
        id: component.id.to_string(),
        name: component.name.clone(),
        kind: component.component_type.clone(),
        flavor: component.flavor.clone(),
    }
}

fn user_name(id: Option<Id>, users: &HashMap<Id, UserRow>) -> Option<String> {
    users.get(&id?).map(|user| user.name.clone())
}

/// One component.
pub async fn component(id: &str) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let row = service::stack_components::get(&mut connection, parse("stack component", id)?).await?;
        let found = flavors::of_components(&mut connection, std::slice::from_ref(&row)).await?;
        let schema = found.values().next().map(|flavor| serde_json::from_str::<Value>(&flavor.config_schema)).transpose()?;
        let users = referred::<UserRow>(&mut connection, [row.user_id]).await?;
        let stacks = stack_components::stacks_with(&mut connection, row.id).await?;
        Ok::<_, AppError>(ComponentDetail {
            component: link(&row),
            configuration: configuration(&row.configuration, schema.as_ref())?,
            stacks: stacks.into_iter().map(|(id, name)| Reference { id: id.to_string(), name }).collect(),
            created: moment(row.created),
            user: user_name(row.user_id, &users),
        })
    };
    Ok(stacks_view::component(read.await?))
}

/// Keys and values; what the flavor marks as sensitive, or a flavor that is not known may hold as such, is masked.
fn configuration(text: &str, schema: Option<&Value>) -> Result<Vec<(String, String)>> {
    let values: Map<String, Value> = serde_json::from_str(text)?;
    let shown = values.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let is_reference = value.as_str().is_some_and(|text| text.starts_with("{{"));
        let text = if is_sensitive(&key, schema) && !is_reference { "••••••".to_owned() } else { render(&value, VALUE_LIMIT) };
        (key, text)
    });
    Ok(shown.collect())
}

fn is_sensitive(key: &str, schema: Option<&Value>) -> bool {
    let marked = schema.map(|schema| schema["properties"][key]["sensitive"] == Value::Bool(true));
    let sounds = ["password", "secret", "token", "credential", "api_key"].iter().any(|word| key.to_ascii_lowercase().contains(word));
    marked.unwrap_or(false) || sounds
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::configuration;

    #[test]
    fn sensitive_values_never_leave() {
        let schema = json!({"properties": {"key": {"sensitive": true}, "region": {}}});
        let text = r#"{"key": "abc", "region": "eu", "db_password": "x", "user": null, "token": "{{a.b}}"}"#;
        let shown = configuration(text, Some(&schema)).expect("it is JSON");
        let pairs: Vec<(&str, &str)> = shown.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("key", "••••••"), ("region", "\"eu\""), ("db_password", "••••••"), ("token", "\"{{a.b}}\"")]);
    }
}
