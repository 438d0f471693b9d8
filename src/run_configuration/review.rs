//! A text as a run configuration of a snapshot: what it asks for, what is wrong with it, and what it changes.
//!
//! The editor in the browser, the form without JavaScript and an uploaded file all go through here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    derive::{Derived, derive},
    diff::Change,
    document,
    form_view::{Rule, breaches},
    problem::{Level, Problem},
    request,
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// What there is to say about a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The run configuration, if the text could be read; with what the form in force starts its fields with.
    pub configuration: Option<Map<String, Value>>,
    /// Values that are taken whole.
    pub replace_paths: Vec<ValuePath>,
    /// Everything that is wrong or has no effect, with lines and columns.
    pub problems: Vec<Problem>,
    /// What a launch would change against the snapshot; empty while there are errors.
    pub changes: Vec<Change>,
}

/// Reads a YAML or JSON text and checks it against a snapshot.
pub fn review(snapshot: &Snapshot, text: &str) -> Review {
    let document = match document::read(text) {
        Ok(document) => document,
        Err(problems) => return Review { problems, ..Review::default() },
    };
    let mut problems = document.warnings;
    let mut request = match request::read(&document.value) {
        Ok(request) => request,
        Err(found) => {
            problems.extend(document.positions.locate(found, &ValuePath::root()));
            return Review { problems: in_order(problems), ..Review::default() };
        }
    };
    problems.extend(document.positions.locate(request.warnings, &ValuePath::root()));
    if let Some(form) = &snapshot.form {
        form.fill(snapshot, &mut request.configuration, &mut request.replace_paths);
    }
    let (found, changes) = match derive(snapshot, &request.configuration, &request.replace_paths) {
        Ok(derived) => {
            let of_form = under_form(snapshot, &derived);
            ([derived.warnings, of_form].concat(), derived.changes)
        }
        Err(found) => (found, Vec::new()),
    };
    problems.extend(document.positions.locate(found, &request.place));
    let (configuration, replace_paths) = (Some(request.configuration), request.replace_paths);
    Review { configuration, replace_paths, problems: in_order(problems), changes }
}

/// What the form in force says about a launch: errors to those who may use nothing but it, hints to others.
fn under_form(snapshot: &Snapshot, derived: &Derived) -> Vec<Problem> {
    let Some(form) = &snapshot.form else { return Vec::new() };
    let found = breaches(&form.view, snapshot, &derived.changes, &derived.snapshot).into_iter();
    if form.only {
        return found.map(|breach| breach.problem).collect();
    }
    let hint =
        |problem: Problem| Problem { level: Level::Warning, fix: Some("Others cannot set it so in this form.".to_owned()), ..problem };
    found.filter(|breach| breach.rule == Rule::Limits).map(|breach| hint(breach.problem)).collect()
}

/// Adds lines and columns of a text to problems of the run configuration in it, which were found later.
pub fn located(text: &str, problems: Vec<Problem>) -> Vec<Problem> {
    let Ok(document) = document::read(text) else { return problems };
    let place = request::read(&document.value).map(|request| request.place).unwrap_or_default();
    document.positions.locate(problems, &place)
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_configuration::{example::training_snapshot, problem::has_errors};

    #[test]
    fn a_good_text_shows_what_it_changes() {
        let text = "run_name: x\nsteps:\n  model_trainer:\n    parameters: {learning_rate: 1e-3, layers: [8, 4]}\n";
        let review = review(&training_snapshot(), text);
        assert_eq!(review.problems, []);
        let paths: Vec<String> = review.changes.iter().map(|change| change.path.to_string()).collect();
        assert_eq!(paths, ["run_name", "steps.model_trainer.parameters.learning_rate"]);
    }

    #[test]
    fn every_problem_has_its_line() {
        let text = "# note\nsteps:\n  model_trainr: {}\n  data_loader:\n    parameters:\n      rows: yes\n      data_path: 5\nparameters:\n  rows: 1\n";
        let review = review(&training_snapshot(), text);
        let lines: Vec<(usize, bool)> = review.problems.iter().map(|problem| (problem.line.unwrap(), problem.is_error())).collect();
        assert_eq!(lines, [(3, true), (6, true), (6, false), (7, true), (9, true)]);
        assert!(has_errors(&review.problems) && review.changes.is_empty() && review.configuration.is_some());
    }

    #[test]
    fn a_wrapped_text_is_located_too() {
        let review = review(&training_snapshot(), "run_configuration:\n  steps:\n    nope: {}\nstep_runs: x\n");
        let found: Vec<(usize, String)> = review.problems.iter().map(|problem| (problem.line.unwrap(), problem.path.to_string())).collect();
        assert_eq!(found, [(4, "step_runs".to_owned())], "the body comes first");
        let review = super::review(&training_snapshot(), "run_configuration:\n  steps:\n    nope: {}\n");
        let found: Vec<(usize, String)> = review.problems.iter().map(|problem| (problem.line.unwrap(), problem.path.to_string())).collect();
        assert_eq!(found, [(3, "steps.nope".to_owned())]);
    }

    #[test]
    fn problems_that_were_found_later_are_located_too() {
        let problem = || vec![Problem::error(ValuePath::from("steps.a.secrets"), "There is no such secret.")];
        let line = |text: &str| located(text, problem())[0].line;
        assert_eq!(line("steps:\n  a:\n    secrets: [x]\n"), Some(3));
        assert_eq!(line("run_configuration:\n  steps:\n    a:\n      secrets: [x]\n"), Some(4));
        assert_eq!(line("a: [1"), None);
    }

    #[test]
    fn a_text_that_cannot_be_read_says_where() {
        let review = review(&training_snapshot(), "a: [1\n");
        assert!(review.configuration.is_none() && review.problems[0].line.is_some());
    }

    #[test]
    fn an_empty_text_is_no_change() {
        for text in ["", "# nothing\n", "{}", "run_configuration: null"] {
            let review = review(&training_snapshot(), text);
            assert_eq!((review.problems.len(), review.changes.len()), (0, 0), "{text}");
        }
    }
}
