//! The ways to run a snapshot from outside the browser, with its own ids and one of its own parameters.

use serde_json::{Value, json};

use crate::{
    model::pipeline_snapshots::CodeExample,
    run_configuration::{emit, form, snapshot::Snapshot},
    server::db::pipeline_snapshots::PipelineSnapshotRow,
};

/// Python, CLI and curl, for a server under this URL.
pub fn of(url: &str, row: &PipelineSnapshotRow, pipeline: &str, snapshot: &Snapshot) -> Vec<CodeExample> {
    let configuration = example_configuration(snapshot);
    [("Python", python(row, &configuration)), ("CLI", cli(row, pipeline, &configuration)), ("curl", curl(url, row, &configuration))]
        .into_iter()
        .map(|(label, code)| CodeExample { label: label.to_owned(), code })
        .collect()
}

/// A run configuration that sets the first parameter with a value to that value; empty if there is none.
fn example_configuration(snapshot: &Snapshot) -> Value {
    let field = form::fields(snapshot).into_iter().find(|field| field.path.segments().len() > 1 && field.current.is_some());
    let Some(field) = field else { return json!({}) };
    let value = field.current.unwrap_or_default();
    field.path.segments().iter().rev().fold(value, |value, key| json!({ key: value }))
}

fn python(row: &PipelineSnapshotRow, configuration: &Value) -> String {
    format!(
        "from zenml.client import Client\n\nrun = Client().trigger_pipeline(\n    snapshot_name_or_id=\"{}\",\n    run_configuration={},\n)\nprint(run.id)\n",
        row.id,
        python_value(configuration)
    )
}

fn cli(row: &PipelineSnapshotRow, pipeline: &str, configuration: &Value) -> String {
    let which = match &row.name {
        Some(name) => format!("{} --pipeline {}", shell_word(name), shell_word(pipeline)),
        None => row.id.to_string(),
    };
    if configuration.as_object().is_none_or(serde_json::Map::is_empty) {
        return format!("zenml pipeline snapshot run {which}\n");
    }
    format!("cat > run.yaml <<'EOF'\n{}EOF\nzenml pipeline snapshot run {which} --config run.yaml\n", emit::to_yaml(configuration))
}

fn curl(url: &str, row: &PipelineSnapshotRow, configuration: &Value) -> String {
    let body = json!({ "run_configuration": configuration }).to_string().replace('\'', "'\\''");
    format!(
        "# The token: a service account's API key, or one from {url}/api/v1/api_token\ncurl -X POST {url}/api/v1/pipeline_snapshots/{}/runs \\\n  -H \"Authorization: Bearer $DARKROOM_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'\n",
        row.id
    )
}

/// A word that a shell takes as it is.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A JSON value as a Python literal.
fn python_value(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(python_value).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), python_value(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        // JSON's escapes are Python's too.
        Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{python_value, shell_word};

    #[test]
    fn values_are_python_literals() {
        assert_eq!(python_value(&json!({"a": [1, true, null], "b": "x\"y"})), r#"{"a": [1, True, None], "b": "x\"y"}"#);
    }

    #[test]
    fn names_are_quoted_for_the_shell_where_needed() {
        assert_eq!(shell_word("base-line_1"), "base-line_1");
        assert_eq!(shell_word("it's $HOME"), "'it'\\''s $HOME'");
    }
}
