//! The parameters of a snapshot, documented: type, value, allowed values, what their author says.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use leptos::prelude::*;
use serde_json::Value;

use super::{fields, find};
use crate::{
    checker::kind_in_words,
    components::{
        empty_state::EmptyState,
        icon::Icon,
        inline_text::InlineText,
        table::{Column, Table},
    },
    model::pipeline_snapshots::ParameterRow,
    run_configuration::{
        diff::render,
        emit,
        form::{Field, FieldKind},
        snapshot::Snapshot,
        template::config_template,
    },
    server::{auth::Account, error::Result, service, state::AppState},
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 120;

/// Everything a run can change by the form, as rows: the parameters, not the options of the run.
pub fn rows(snapshot: &Snapshot) -> Vec<ParameterRow> {
    let row = |field: Field| ParameterRow {
        kind: kind_in_words(&field),
        value: value(&field),
        name: field.full_name(),
        step: field.step,
        description: field.description,
    };
    fields(snapshot).into_iter().map(row).collect()
}

/// The snapshot's value on one line; that of a password is not shown.
fn value(field: &Field) -> Option<String> {
    let value = field.current.as_ref()?;
    if field.secret && !value.is_null() && value.as_str() != Some("") {
        return Some("••••••".to_owned());
    }
    Some(render(value, VALUE_LIMIT))
}

/// What values a field takes besides its type; none where there are no limits.
fn allowed(field: &Field) -> Option<String> {
    let mut parts: Vec<String> = [field.minimum.clone(), field.maximum.clone()].into_iter().flatten().collect();
    if let FieldKind::Choice { options } | FieldKind::Choices { options } = &field.kind {
        parts.push(options.iter().map(|option| render(option, VALUE_LIMIT)).collect::<Vec<_>>().join(" · "));
    }
    if field.nullable {
        parts.push("may be null".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The tab: a search and a table.
pub fn section(all: Vec<Field>, path: &str, search: &str) -> AnyView {
    if all.is_empty() {
        return view! { <EmptyState title="No parameters" text="Its steps take no parameters: every run of it does the same." /> }
            .into_any();
    }
    let (count, wanted) = (all.len(), search.trim().to_lowercase());
    let holds = |text: &str| text.to_lowercase().contains(&wanted);
    let meets =
        |field: &Field| [Some(&field.name), field.step.as_ref(), field.description.as_ref()].into_iter().flatten().any(|text| holds(text));
    let found: Vec<Field> = all.into_iter().filter(meets).collect();
    let summary = if found.len() == count { format!("{count} in all") } else { format!("{} of {count}", found.len()) };
    let with_steps = found.iter().any(|field| field.step.is_some());
    let mut columns: Vec<Column> = ["Parameter", "Type", "Value", "Allowed"].map(Column::plain).into();
    if with_steps {
        columns.insert(0, Column::plain("Step"));
    }
    let (none, all) = (found.is_empty(), format!("{path}?tab=parameters"));
    let rows = found.into_iter().map(|field| row(field, with_steps)).collect_view();
    view! {
        <section class="section" aria-label="Parameters">
            <div class="section__head">
                <form class="filters" method="get" action=path.to_owned() role="search">
                    <input type="hidden" name="tab" value="parameters" />
                    <span class="filters__search">
                        <Icon name="search" />
                        <input class="input" type="search" name="q" value=search.to_owned() placeholder="Find a parameter" aria-label="Find a parameter" />
                    </span>
                    <button class="button" type="submit">
                        "Find"
                    </button>
                    <span class="soft">{summary}</span>
                </form>
                <a class="button" href=format!("{path}/template") rel="external" download="">
                    "Download as YAML"
                </a>
            </div>
            {if none {
                let text = "No step, name or description holds this text.";
                view! {
                    <EmptyState title="No parameters match" text=text>
                        <a class="button" href=all>
                            "Show all"
                        </a>
                    </EmptyState>
                }
                    .into_any()
            } else {
                view! {
                    <Table caption="Parameters" columns=columns>
                        {rows}
                    </Table>
                }
                    .into_any()
            }}
        </section>
    }
    .into_any()
}

fn row(field: Field, with_steps: bool) -> AnyView {
    // The choices stand among what is allowed.
    let is_choice = matches!(field.kind, FieldKind::Choice { .. });
    let kind = if is_choice { "a choice".to_owned() } else { kind_in_words(&field) };
    let (name, value, allowed) = (field.full_name(), value(&field), allowed(&field));
    let default = field.default.as_ref().filter(|default| field.current.as_ref() != Some(default));
    let default = default.filter(|_| !field.secret);
    let default = default.map(|default| format!("default {}", render(default, VALUE_LIMIT)));
    view! {
        <tr>
            {with_steps.then(|| view! { <td class="mono">{field.step}</td> })}
            <th scope="row" class="table__name">
                <span class="mono">{name}</span>
                {field.description.map(|text| view! { <span class="table__sub">{text}</span> })}
            </th>
            <td>
                <InlineText text=kind />
            </td>
            <td class="table__value">
                {match value {
                    Some(value) => view! { <span class="mono">{value}</span> }.into_any(),
                    None => view! { <span class="faint">"must be given"</span> }.into_any(),
                }}
                {default.map(|text| view! { <span class="table__sub mono">{text}</span> })}
            </td>
            <td class="table__value">{allowed}</td>
        </tr>
    }
    .into_any()
}

/// `GET …/snapshots/{snapshot}/template`: a run configuration that says what the snapshot does, to be edited and sent back.
pub async fn template(State(state): State<AppState>, _: Account, Path((project, id)): Path<(String, String)>) -> Result<Response> {
    let mut connection = state.db.read().await?;
    let row = find(&mut connection, &project, &id).await?;
    let core = service::pipeline_snapshots::for_run_configuration(&mut connection, &row).await?;
    let headers = [(header::CONTENT_TYPE, "application/yaml"), (header::CONTENT_DISPOSITION, "attachment; filename=\"run.yaml\"")];
    Ok((headers, emit::to_yaml(&Value::Object(config_template(&core)))).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run_configuration::snapshot::Step;

    #[test]
    fn a_parameter_tells_its_limits_and_hides_a_password() {
        let properties = json!({
            "rate": {"type": "number", "exclusiveMinimum": 0, "maximum": 10}, "kind": {"enum": ["a", "b"]},
            "key": {"type": "string", "format": "password"},
        });
        let config = json!({"parameters": {"rate": 0.5, "kind": "a", "key": "secret"}});
        let spec = json!({"parameter_spec": {"properties": properties, "type": "object"}});
        let step = Step { name: "train".to_owned(), spec, config: config.clone(), overrides: config };
        let snapshot = Snapshot { steps: vec![step], ..Snapshot::default() };
        let found = fields(&snapshot);
        assert_eq!(allowed(&found[0]).as_deref(), Some("more than 0, at most 10"));
        assert_eq!(allowed(&found[1]).as_deref(), Some("\"a\" · \"b\""));
        assert_eq!(rows(&snapshot)[2].value.as_deref(), Some("••••••"));
    }
}
