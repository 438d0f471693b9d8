//! What differs between two snapshots: what is configured, step by step, and what they run with.

use std::collections::BTreeMap;

use super::{commit, compare_view, find, only, rows};
use crate::{
    model::{
        error::PageError,
        html_page::HtmlPage,
        list::{Reference, encode},
        pipeline_snapshots::SnapshotRow,
    },
    run_configuration::{
        diff::{self, Change, render},
        form,
        snapshot::{Snapshot, Step},
        value_path::ValuePath,
    },
    server::{
        db::{Connection, list::ListRequest, pipeline_snapshots, pipeline_snapshots::PipelineSnapshotRow},
        error::{AppError, Result},
        launch::runner,
        pages::{context, html::html},
        service::{self, projects},
    },
};

/// Snapshots offered to choose from.
const MOST_CHOICES: u64 = 200;
/// Characters of a value.
const VALUE_LIMIT: usize = 400;
/// Hidden in place of values of passwords.
const MASK: &str = "••••••";

/// One of the two.
pub struct Side {
    pub shown: SnapshotRow,
    pub row: PipelineSnapshotRow,
    core: Snapshot,
    pub commit: Option<String>,
    pub python: Option<String>,
    packages: BTreeMap<String, String>,
}

/// A value that differs: where, before, after.
pub struct Difference {
    pub path: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// All that differs.
#[derive(Default)]
pub struct Comparison {
    pub parameters: Vec<Difference>,
    pub configuration: Vec<Difference>,
    pub components: Vec<Difference>,
    pub packages: Vec<Difference>,
    pub steps_added: Vec<String>,
    pub steps_removed: Vec<String>,
    /// Steps that both have and whose code differs.
    pub code_changed: Vec<String>,
}

/// The page of two snapshots, or of the choice of two where the URL does not name both.
pub async fn page(project: &str, a: &str, b: &str) -> Result<HtmlPage, PageError> {
    let (state, _) = context::account().await?;
    let read = async {
        let mut connection = state.db.read().await?;
        let project_id = projects::find(&mut connection, project).await?.id;
        let left = if a.is_empty() { None } else { Some(side(&mut connection, project, a).await?) };
        let right = if b.is_empty() { None } else { Some(side(&mut connection, project, b).await?) };
        let request = ListRequest { page: 1, size: MOST_CHOICES, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
        let page = pipeline_snapshots::list(&mut connection, project_id, &request.with("named_only", "true")).await?;
        let mut choices: Vec<Reference> = rows(&mut connection, &page.items).await?.into_iter().map(choice).collect();
        for side in [&left, &right].into_iter().flatten() {
            if !choices.iter().any(|choice| choice.id == side.shown.id) {
                choices.insert(0, choice(side.shown.clone()));
            }
        }
        let base = format!("/projects/{}", encode(project));
        let comparison = left.as_ref().zip(right.as_ref()).map(|(a, b)| comparison(a, b));
        let content = html(|| compare_view::content(left.as_ref(), right.as_ref(), comparison, choices, &base));
        let title = match (&left, &right) {
            (Some(a), Some(b)) => format!("{} → {}", a.shown.title(), b.shown.title()),
            _ => "Compare snapshots".to_owned(),
        };
        Ok::<_, AppError>(HtmlPage {
            title,
            crumbs: vec![("Snapshots".to_owned(), format!("{base}/snapshots"))],
            facts: String::new(),
            html: content,
        })
    };
    Ok(read.await?)
}

fn choice(snapshot: SnapshotRow) -> Reference {
    let made = snapshot.created.absolute.split(',').next().unwrap_or_default();
    Reference { name: format!("{} · {} · {made}", snapshot.pipeline.name, snapshot.title()), id: snapshot.id }
}

async fn side(connection: &mut Connection, project: &str, id: &str) -> Result<Side> {
    let row = find(connection, project, id).await?;
    Side::of(connection, row).await
}

impl Side {
    /// What is compared of a snapshot.
    pub async fn of(connection: &mut Connection, row: PipelineSnapshotRow) -> Result<Self> {
        let shown = only(rows(connection, std::slice::from_ref(&row)).await?)?;
        let core = service::pipeline_snapshots::for_run_configuration(connection, &row).await?;
        let (client, _) = runner::client(connection, &row).await?;
        let packages = client.packages.iter().map(|line| requirement(line)).collect();
        Ok(Self { commit: commit(connection, &row).await?, python: client.python_version, shown, row, core, packages })
    }

    /// What its code is, in words.
    pub fn code(&self) -> String {
        match (&self.commit, &self.row.code_archive_hash, &self.row.code_path) {
            (Some(commit), ..) => format!("commit {commit}"),
            (_, Some(hash), _) => format!("archive {}", hash.get(..12).unwrap_or(hash)),
            (_, _, Some(_)) => "in the artifact store".to_owned(),
            _ if self.row.code_note.is_some() => "not captured".to_owned(),
            _ => "in installed packages or images".to_owned(),
        }
    }
}

/// A line of requirements as name and version.
fn requirement(line: &str) -> (String, String) {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    let (name, version) = line.split_at(end);
    (name.to_owned(), version.trim_start_matches("==").trim().to_owned())
}

/// What differs between two.
pub fn comparison(a: &Side, b: &Side) -> Comparison {
    let names = |side: &Side| side.core.steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
    let (before, after) = (names(a), names(b));
    let both = |name: &String| before.contains(name) && after.contains(name);
    let (mut parameters, mut configuration) = (Vec::new(), Vec::new());
    let all = [a, b].into_iter().flat_map(|side| form::all_fields(&side.core));
    let secrets: Vec<ValuePath> = all.filter(|field| field.secret).map(|field| field.path).collect();
    for change in diff::changes(&common(&a.core, &after), &common(&b.core, &before)) {
        let segments = change.path.segments();
        match segments {
            [_, _, place, ..] | [place, ..] if place == "parameters" => parameters.push(difference(change, &secrets)),
            // What the code and its inputs are is told apart from what is configured.
            [steps, _, place, ..] if steps == "steps" && place == "caching_parameters" => {}
            _ => configuration.push(difference(change, &secrets)),
        }
    }
    let code = |side: &Side, name: &str| side.core.step(name).and_then(|step| source_hash(step).map(str::to_owned));
    Comparison {
        parameters,
        configuration,
        components: differences(components(&a.core), components(&b.core)),
        packages: differences(a.packages.clone(), b.packages.clone()),
        code_changed: before.iter().filter(|name| both(name) && code(a, name) != code(b, name)).cloned().collect(),
        steps_added: after.iter().filter(|name| !before.contains(name)).cloned().collect(),
        steps_removed: before.iter().filter(|name| !after.contains(name)).cloned().collect(),
    }
}

/// The snapshot with only the steps that the other has too: a step that comes or goes is told as a whole.
fn common(snapshot: &Snapshot, others: &[String]) -> Snapshot {
    let steps = snapshot.steps.iter().filter(|step| others.contains(&step.name)).cloned().collect();
    Snapshot { steps, ..snapshot.clone() }
}

/// The hash of a step's code, as the client records it.
fn source_hash(step: &Step) -> Option<&str> {
    step.config.get("caching_parameters")?.get("step_source")?.as_str()
}

fn components(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for component in &snapshot.components {
        found.entry(component.kind.replace('_', " ")).or_default().push(format!("{} ({})", component.name, component.flavor));
    }
    found.into_iter().map(|(kind, names)| (kind, names.join(", "))).collect()
}

/// The entries of two mappings that differ.
pub fn differences(old: BTreeMap<String, String>, new: BTreeMap<String, String>) -> Vec<Difference> {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differs.map(|name| Difference { path: name.clone(), old: old.get(name).cloned(), new: new.get(name).cloned() }).collect()
}

fn difference(change: Change, secrets: &[ValuePath]) -> Difference {
    let secret = secrets.iter().any(|path| change.path.starts_with(path) || path.starts_with(&change.path));
    let text = |value: Option<serde_json::Value>| value.map(|value| if secret { MASK.to_owned() } else { render(&value, VALUE_LIMIT) });
    Difference { path: change.path.to_string(), old: text(change.old), new: text(change.new) }
}

impl Comparison {
    /// How many things differ.
    pub fn count(&self) -> usize {
        let rows = [&self.parameters, &self.configuration, &self.components, &self.packages];
        rows.iter().map(|rows| rows.len()).sum::<usize>() + self.steps_added.len() + self.steps_removed.len() + self.code_changed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::requirement;

    #[test]
    fn a_requirement_is_a_name_and_a_version() {
        assert_eq!(requirement("numpy==2.1.0"), ("numpy".to_owned(), "2.1.0".to_owned()));
        assert_eq!(requirement("a-b_c.d>=1,<2"), ("a-b_c.d".to_owned(), ">=1,<2".to_owned()));
        assert_eq!(requirement("plain"), ("plain".to_owned(), String::new()));
    }
}
