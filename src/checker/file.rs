//! Loading a file into a text, and the report about it.

use serde_json::Value;

use super::shown_problem;
use crate::{
    model::launches::{FileReport, Loaded},
    run_configuration::{
        assist, document, form, layers::laid_over, problem::Problem, request, review::review, snapshot::Snapshot, value_path::ValuePath,
    },
};

/// A text with a file in its place, or with the file's values laid over it; and what there is to say about the file.
///
/// A file that cannot be read replaces the text all the same, where it can be mended; it cannot be merged.
pub fn load(snapshot: &Snapshot, before: &str, name: &str, file: &str, merge: bool) -> Loaded {
    let fields = form::fields(snapshot);
    let found = review(snapshot, file);
    let (_, unknown) = assist::without_unknown(snapshot, file);
    let is_unknown = |problem: &&Problem| unknown.contains(&problem.path);
    let shown = |problem: &Problem| shown_problem(problem, &fields);
    let errors: Vec<&Problem> = found.problems.iter().filter(|problem| problem.is_error() && !is_unknown(problem)).collect();
    let leaves = found.configuration.as_ref().map(|configuration| leaves(&Value::Object(configuration.clone()))).unwrap_or_default();
    let fits = |path: &&ValuePath| {
        let is_hit = |place: &ValuePath| path.starts_with(place) || place.starts_with(path);
        !unknown.iter().any(is_hit) && !errors.iter().any(|problem| is_hit(&problem.path))
    };
    let mut report = FileReport {
        name: name.to_owned(),
        is_merged: merge,
        is_refused: false,
        applied: leaves.iter().filter(fits).count(),
        unknown: found.problems.iter().filter(is_unknown).map(shown).collect(),
        errors: errors.iter().map(|problem| shown(problem)).collect(),
        before: before.to_owned(),
    };
    let merged = || laid_over(before, &request::read(&document::read(file)?.value)?.configuration);
    let text = match merge.then(merged) {
        None => file.to_owned(),
        Some(Ok(text)) => text,
        Some(Err(problems)) => {
            report.is_refused = true;
            report.errors = problems.iter().map(shown).collect();
            before.to_owned()
        }
    };
    Loaded { text, report }
}

/// The paths of the values that have no values below them.
fn leaves(value: &Value) -> Vec<ValuePath> {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let below = |(key, value): (&String, &Value)| {
                let place = ValuePath::of([key]);
                leaves(value).into_iter().map(move |path| place.join(&path)).collect::<Vec<_>>()
            };
            map.iter().flat_map(below).collect()
        }
        Value::Object(_) => Vec::new(),
        _ => vec![ValuePath::root()],
    }
}
