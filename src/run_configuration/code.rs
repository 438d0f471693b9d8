//! A launch as code: what starts the same run from Python, the command line, a script or continuous integration.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    edit::put,
    emit,
    form::{Field, input_name, null_input_name},
    layers::leaves,
    value_path::ValuePath,
};
use crate::model::list::encode;

/// The snapshot that is run, as code outside names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// URL of the server, without a slash at its end.
    pub url: String,
    pub project: String,
    pub snapshot: String,
    /// None: it has no name.
    pub name: Option<String>,
    pub pipeline: String,
}

/// The run configuration, and the values of it that replace those of the snapshot whole.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    pub configuration: &'a Map<String, Value>,
    pub replace_paths: &'a [ValuePath],
}

/// Each way to launch: what it is called, and its code.
///
/// The ZenML client cannot say that a value replaces the snapshot's whole, so where there is one, Python and the command
/// line say so and REST is the way.
pub fn of(target: &Target, launch: Launch<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("Python", python(target, launch)),
        ("CLI", cli(target, launch)),
        ("curl", curl(target, launch)),
        ("GitHub Action", github_action(target, launch)),
    ]
}

/// Longest link, in bytes: servers and chat programs cut longer ones.
const MAX_LINK: usize = 4096;

/// A link to the form with the values of a run configuration filled in, and how many values are not in it.
///
/// Left out is what the form has no field for, what is or may hold a secret, and what makes the link too long.
pub fn link(target: &Target, fields: &[Field], configuration: &Map<String, Value>) -> (String, usize) {
    let Target { url, project, snapshot, .. } = target;
    let mut link = format!("{url}/projects/{}/snapshots/{snapshot}/run", encode(project));
    let (mut separator, mut sent) = ('?', HashSet::new());
    for field in fields.iter().filter(|field| !field.may_hold_secrets()) {
        let Some(value) = field.path.get(configuration) else { continue };
        let entry = field.entry(Some(value));
        let pair = match entry.is_null {
            true => format!("{}=true", encode(&null_input_name(&field.path))),
            false if field.kind.has_parts() => format!("{}={}", encode(&input_name(&field.path)), encode(&value.to_string())),
            false => format!("{}={}", encode(&input_name(&field.path)), encode(&entry.text)),
        };
        if link.len() + pair.len() < MAX_LINK {
            link.push(separator);
            link.push_str(&pair);
            separator = '&';
            sent.insert(&field.path);
        }
    }
    let missing = leaves(configuration).into_iter().filter(|(path, _)| !sent.iter().any(|sent| path.starts_with(sent))).count();
    (link, missing)
}

/// What the client cannot say, as a comment before its code.
fn caution(launch: Launch<'_>) -> String {
    let paths: Vec<String> = launch.replace_paths.iter().map(ToString::to_string).collect();
    match paths.is_empty() {
        true => String::new(),
        false => format!("# Merges into what the snapshot has at {}; only REST can replace it whole.\n", paths.join(", ")),
    }
}

fn python(target: &Target, launch: Launch<'_>) -> String {
    let configuration = match launch.configuration.is_empty() {
        true => String::new(),
        false => format!("    run_configuration={},\n", python_map(launch.configuration, 4)),
    };
    format!(
        "from zenml.client import Client\n\n{}run = Client().trigger_pipeline(\n    snapshot_name_or_id=\"{}\",\n{configuration})\nprint(run.id)\n",
        caution(launch),
        target.snapshot
    )
}

/// The loop that launches a run for each combination of the values of some fields, each given with its values.
pub fn python_sweep(target: &Target, launch: Launch<'_>, axes: &[(ValuePath, Vec<Value>)]) -> String {
    let mut configuration = Value::Object(launch.configuration.clone());
    let (mut names, mut holes) = (Vec::<String>::new(), Vec::new());
    for (path, _) in axes {
        let name = variable(path, &names);
        // What no text of a configuration is: its literal becomes the variable.
        let hole = Value::from(format!("\u{0}{name}"));
        put(&mut configuration, path.segments(), hole.clone());
        holes.push((hole.to_string(), name.clone()));
        names.push(name);
    }
    let literal = configuration.as_object().map(|map| python_map(map, 8)).unwrap_or_default();
    let literal = holes.iter().fold(literal, |literal, (hole, name)| literal.replace(hole, name));
    let list = |values: &Vec<Value>| python_value(&Value::from(values.clone()), 0);
    let head = match axes {
        [(_, values)] => format!("for {} in {}:", names.join(", "), list(values)),
        _ => {
            format!("for {} in product({}):", names.join(", "), axes.iter().map(|(_, values)| list(values)).collect::<Vec<_>>().join(", "))
        }
    };
    let import = if axes.len() > 1 { "from itertools import product\n\n" } else { "" };
    format!(
        "{import}from zenml.client import Client\n\n{}{head}\n    run = Client().trigger_pipeline(\n        snapshot_name_or_id=\"{}\",\n        run_configuration={literal},\n    )\n    print(run.id)\n",
        caution(launch),
        target.snapshot
    )
}

/// A name of Python for the value at a path, other than those that are taken.
fn variable(path: &ValuePath, taken: &[String]) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = path.segments().last().map(|name| name.chars().map(plain).collect()).unwrap_or_default();
    let name = if name.starts_with(|first: char| first.is_ascii_alphabetic()) && !KEYWORDS.contains(&name.as_str()) {
        name
    } else {
        format!("value_{name}")
    };
    let is_free = |name: &String| !taken.contains(name);
    if is_free(&name) { name } else { (2..).map(|number| format!("{name}_{number}")).find(is_free).unwrap_or(name) }
}

/// Words that no variable of Python may be, and the names that the code uses itself.
const KEYWORDS: [&str; 38] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield", "run", "product", "print",
];

fn cli(target: &Target, launch: Launch<'_>) -> String {
    let which = match &target.name {
        Some(name) => format!("{} --pipeline {}", shell_word(name), shell_word(&target.pipeline)),
        None => target.snapshot.clone(),
    };
    if launch.configuration.is_empty() {
        return format!("zenml pipeline snapshot run {which}\n");
    }
    let yaml = emit::to_yaml(&Value::Object(launch.configuration.clone()));
    format!("{}cat > run.yaml <<'EOF'\n{yaml}EOF\nzenml pipeline snapshot run {which} --config run.yaml\n", caution(launch))
}

fn curl(target: &Target, launch: Launch<'_>) -> String {
    let body = body(launch).to_string().replace('\'', "'\\''");
    let Target { url, snapshot, .. } = target;
    format!(
        "# The token: a service account's API key, or one from {url}/api/v1/api_token\ncurl --fail-with-body -X POST {url}/api/v1/pipeline_snapshots/{snapshot}/runs \\\n  -H \"Authorization: Bearer $DARKROOM_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'\n"
    )
}

/// A workflow that is started by hand; its secret `DARKROOM_TOKEN` is the API key of a service account.
fn github_action(target: &Target, launch: Launch<'_>) -> String {
    let Target { url, snapshot, pipeline, .. } = target;
    let body = serde_json::to_string_pretty(&body(launch)).unwrap_or_default().replace('\n', "\n          ");
    // In a workflow, `${{` starts an expression.
    let body = body.replace("${{", "$ {{");
    let title = Value::from(format!("Run {}", target.name.as_deref().unwrap_or(pipeline)));
    format!(
        "name: {title}\non: workflow_dispatch\njobs:\n  run:\n    runs-on: ubuntu-latest\n    steps:\n      - env:\n          DARKROOM_TOKEN: ${{{{ secrets.DARKROOM_TOKEN }}}}\n        run: |\n          curl --fail-with-body -X POST {url}/api/v1/pipeline_snapshots/{snapshot}/runs \\\n            -H \"Authorization: Bearer $DARKROOM_TOKEN\" \\\n            -H \"Content-Type: application/json\" \\\n            -d @- <<'EOF'\n          {body}\n          EOF\n"
    )
}

/// The body of `POST /pipeline_snapshots/{id}/runs`.
fn body(launch: Launch<'_>) -> Value {
    let mut body = json!({ "run_configuration": launch.configuration });
    if !launch.replace_paths.is_empty() {
        body["replace_paths"] = json!(launch.replace_paths);
    }
    body
}

/// A word that a shell takes as it is.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A mapping as a Python literal, an entry on each line; `indent` is that of the line it begins on.
fn python_map(map: &Map<String, Value>, indent: usize) -> String {
    let inner = " ".repeat(indent + 4);
    let entries: Vec<String> =
        map.iter().map(|(key, value)| format!("{inner}{}: {},\n", Value::from(key.as_str()), python_value(value, indent + 4))).collect();
    format!("{{\n{}{}}}", entries.concat(), " ".repeat(indent))
}

/// A JSON value as a Python literal.
fn python_value(value: &Value, indent: usize) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(|item| python_value(item, indent)).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => python_map(map, indent),
        // JSON's escapes are Python's too.
        Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_configuration::{
        example::{map, training_snapshot},
        form,
    };

    fn target(name: Option<&str>) -> Target {
        Target {
            url: "http://h".to_owned(),
            project: "my project".to_owned(),
            snapshot: "id-1".to_owned(),
            name: name.map(str::to_owned),
            pipeline: "train it".to_owned(),
        }
    }

    fn code(target: &Target, configuration: Value, replace_paths: &[ValuePath]) -> Vec<String> {
        let configuration = map(configuration);
        of(target, Launch { configuration: &configuration, replace_paths }).into_iter().map(|(_, code)| code).collect()
    }

    #[test]
    fn without_changes_the_code_is_short() {
        let code = code(&target(Some("base")), json!({}), &[]);
        assert_eq!(
            code[0],
            "from zenml.client import Client\n\nrun = Client().trigger_pipeline(\n    snapshot_name_or_id=\"id-1\",\n)\nprint(run.id)\n"
        );
        assert_eq!(code[1], "zenml pipeline snapshot run base --pipeline 'train it'\n");
        assert!(code[2].contains("-d '{\"run_configuration\":{}}'"), "{}", code[2]);
    }

    #[test]
    fn values_are_literals_of_the_language() {
        let code = code(&target(None), json!({"a": [1, true, null], "b": {"c": "it's"}}), &[]);
        assert!(
            code[0].contains("{\n        \"a\": [1, True, None],\n        \"b\": {\n            \"c\": \"it's\",\n        },\n    }"),
            "{}",
            code[0]
        );
        assert!(
            code[1].starts_with("cat > run.yaml <<'EOF'\na: [1, true, null]\n") && code[1].ends_with("run id-1 --config run.yaml\n"),
            "{}",
            code[1]
        );
        assert!(code[2].contains(r#""c":"it'\''s""#), "{}", code[2]);
        assert!(code[3].contains("${{ secrets.DARKROOM_TOKEN }}") && code[3].contains("\n          {\n"), "{}", code[3]);
    }

    #[test]
    fn several_values_are_a_loop() {
        let configuration = map(json!({"run_name": "x", "steps": {"a": {"parameters": {"lr": 3}}}}));
        let launch = Launch { configuration: &configuration, replace_paths: &[] };
        let axes = [
            ("steps.a.parameters.lr", json!([0.1, 0.01])),
            ("steps.b.parameters.lr", json!(["x"])),
            ("steps.b.parameters.in", json!([true])),
        ];
        let axes = axes.map(|(path, values)| (ValuePath::from(path), values.as_array().cloned().unwrap_or_default()));
        let code = python_sweep(&target(None), launch, &axes);
        assert!(code.contains("for lr, lr_2, value_in in product([0.1, 0.01], [\"x\"], [True]):\n    run = "), "{code}");
        assert!(code.contains("\"lr\": lr,\n") && code.contains("\"lr\": lr_2,\n") && code.contains("\"in\": value_in,\n"), "{code}");
        let one = python_sweep(&target(None), launch, &axes[..1]);
        assert!(one.starts_with("from zenml.client import Client\n\nfor lr in [0.1, 0.01]:\n") && !one.contains("product"), "{one}");
    }

    #[test]
    fn what_only_rest_can_say_is_told() {
        let code = code(&target(None), json!({"extra": {"a": 1}}), &[ValuePath::from("extra")]);
        assert!(code[0].contains("# Merges into") && code[1].starts_with("# Merges into"));
        assert!(code[2].contains(r#""replace_paths":["extra"]"#));
    }

    #[test]
    fn a_link_has_what_the_form_has_fields_for() {
        let fields = form::fields(&training_snapshot());
        let configuration = map(json!({"steps": {"model_trainer": {"parameters": {"seed": null, "learning_rate": 0.5}}}, "build": "b"}));
        let (url, missing) = link(&target(None), &fields, &configuration);
        assert!(
            url.starts_with("http://h/projects/my%20project/snapshots/id-1/run?p.steps.model_trainer.parameters.learning_rate=0.5&null."),
            "{url}"
        );
        assert_eq!(missing, 1, "there is no field for `build`");
    }

    #[test]
    fn names_are_quoted_for_the_shell_where_needed() {
        assert_eq!(shell_word("base-line_1"), "base-line_1");
        assert_eq!(shell_word("it's $HOME"), "'it'\\''s $HOME'");
    }
}
