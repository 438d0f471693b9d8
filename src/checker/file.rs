//! Loading a file into a text, and the report about it.

use super::shown_problem;
use crate::{
    model::launches::{FileReport, Loaded},
    run_configuration::{
        assist, form,
        layers::{laid_over, leaves},
        problem::Problem,
        request,
        review::review,
        snapshot::Snapshot,
        value_path::ValuePath,
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
    let values = found.configuration.as_ref().map(leaves).unwrap_or_default();
    let fits = |path: &ValuePath| {
        let is_hit = |place: &ValuePath| path.starts_with(place) || place.starts_with(path);
        !unknown.iter().any(is_hit) && !errors.iter().any(|problem| is_hit(&problem.path))
    };
    let mut report = FileReport {
        name: name.to_owned(),
        is_merged: merge,
        is_refused: false,
        // A mapping without entries sets nothing.
        applied: values.iter().filter(|(_, value)| !value.is_object()).filter(|(path, _)| fits(path)).count(),
        unknown: found.problems.iter().filter(is_unknown).map(shown).collect(),
        errors: errors.iter().map(|problem| shown(problem)).collect(),
        before: before.to_owned(),
    };
    let merged = || laid_over(before, &request::read_text(file)?.configuration);
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
