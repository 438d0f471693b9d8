//! Several values for fields of a form: one run for each combination of them.

use serde_json::Value;

use super::{
    form::{Entry, Field, FieldKind, apply_to_text, form_to_value, path_of_input},
    problem::Problem,
    request,
    review::review,
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// Most runs of one launch.
pub const MOST_RUNS: usize = 20;

const PREFIX: &str = "several.";
/// The name of a run has this where no other run can have the same.
const TIME: &str = "{time}";

/// Fields with what was typed for several values of each.
pub type Several = Vec<(ValuePath, String)>;

/// What several values come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    /// The fields that have several values, each with these in their order.
    pub axes: Vec<(ValuePath, Vec<Value>)>,
    /// The last field changes fastest.
    pub runs: Vec<SweepRun>,
}

/// One of the runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepRun {
    /// The values as they were typed, by their fields.
    pub values: Vec<(ValuePath, String)>,
    /// Its run configuration in YAML.
    pub text: String,
}

/// The name of the control for several values of a field.
pub fn input_name(path: &ValuePath) -> String {
    format!("{PREFIX}{path}")
}

/// What a posted form says: of each field the values, one on a line. Checkboxes are several controls of one name.
pub fn posted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Several {
    let mut several = Several::new();
    for (name, text) in pairs {
        let path = name.strip_prefix(PREFIX).and_then(|path| path_of_input(&format!("p.{path}")));
        let Some(path) = path.filter(|_| !text.trim().is_empty()) else { continue };
        let text = text.replace("\r\n", "\n");
        match several.iter_mut().find(|(known, _)| *known == path) {
            Some((_, values)) => *values = format!("{values}\n{text}"),
            None => several.push((path, text)),
        }
    }
    several
}

/// Whether a field can have several values: it has a single value, which is no secret and not fixed.
pub fn takes_several(field: &Field) -> bool {
    let is_scalar = matches!(
        field.kind,
        FieldKind::Text
            | FieldKind::Integer
            | FieldKind::Number
            | FieldKind::Boolean
            | FieldKind::Choice { .. }
            | FieldKind::Date
            | FieldKind::DateTime
    );
    is_scalar && field.is_parameter() && !field.secret && !field.locked
}

/// Whether commas and spaces separate the values of a field. In a text they are part of it.
pub fn takes_commas(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Integer | FieldKind::Number)
}

/// The single values of what was typed, each once.
pub fn split(field: &Field, text: &str) -> Vec<String> {
    let separates = |character: char| character == '\n' || takes_commas(field) && (character == ',' || character.is_whitespace());
    let mut values: Vec<String> = Vec::new();
    for value in text.split(separates).map(str::trim).filter(|value| !value.is_empty()) {
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
    values
}

/// The runs of a text with several values; none where there is nothing to combine, for one value of each field too.
///
/// # Errors
/// The problems of the values at their fields; one without a place for too many runs. A text that cannot be read is told of
/// by [`review`], so here it has no runs.
pub fn plan(snapshot: &Snapshot, fields: &[Field], text: &str, several: &Several) -> Result<Sweep, Vec<Problem>> {
    let mut axes: Vec<(&Field, Vec<String>)> = Vec::new();
    let mut problems = Vec::new();
    for (path, typed) in several {
        match fields.iter().find(|field| field.path == *path).filter(|field| takes_several(field)) {
            Some(field) => axes.push((field, split(field, typed))),
            None => problems.push(Problem::error(path.clone(), "This cannot have several values.")),
        }
    }
    axes.retain(|(_, values)| !values.is_empty());
    let count = axes.iter().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len())).unwrap_or(usize::MAX);
    if count > MOST_RUNS {
        let message = format!("These values make {count} runs; one launch starts at most {MOST_RUNS}.");
        problems.push(Problem::error(ValuePath::root(), message).with_fix("Give some fields fewer values."));
    }
    if axes.is_empty() || request::read_text(text).is_err() {
        return if problems.is_empty() { Ok(Sweep::default()) } else { Err(problems) };
    }
    let before = review(snapshot, text).problems;
    for (field, values) in &axes {
        problems.extend(values.iter().filter_map(|value| refused(snapshot, field, text, value, &before)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut runs = vec![SweepRun { values: Vec::new(), text: text.to_owned() }];
    for (field, values) in &axes {
        runs = runs.iter().flat_map(|run| values.iter().map(|value| with(run, field, value))).collect();
    }
    for (position, run) in runs.iter_mut().enumerate() {
        run.text = with_own_name(snapshot, fields, &run.text, position + 1);
    }
    let read = |(field, values): (&Field, Vec<String>)| {
        (field.path.clone(), values.iter().filter_map(|value| form_to_value(field, value).ok()).collect())
    };
    Ok(Sweep { axes: axes.into_iter().map(read).collect(), runs })
}

/// What is wrong with one of the values, with the value in it.
fn refused(snapshot: &Snapshot, field: &Field, text: &str, value: &str, before: &[Problem]) -> Option<Problem> {
    let (text, problems) = applied(text, field, value);
    let is_new = |problem: &Problem| problem.is_error() && !before.iter().any(|known| known.message == problem.message);
    let found = problems.into_iter().next().or_else(|| review(snapshot, &text).problems.into_iter().find(is_new))?;
    Some(Problem { path: field.path.clone(), message: format!("`{value}`: {}", found.message), ..found })
}

fn applied(text: &str, field: &Field, value: &str) -> (String, Vec<Problem>) {
    let entry = Entry { text: value.to_owned(), is_null: false };
    apply_to_text(text, std::slice::from_ref(field), &[(field.path.clone(), entry)])
}

fn with(run: &SweepRun, field: &Field, value: &str) -> SweepRun {
    let mut values = run.values.clone();
    values.push((field.path.clone(), value.to_owned()));
    SweepRun { values, text: applied(&run.text, field, value).0 }
}

/// The text with a number in the name of the run, where all runs would have the same name.
fn with_own_name(snapshot: &Snapshot, fields: &[Field], text: &str, number: usize) -> String {
    let name_in = |text: &str| Some(request::read_text(text).ok()?.configuration.get("run_name")?.as_str()?.to_owned());
    let name = name_in(text).unwrap_or_else(|| snapshot.run_name_template.clone());
    let field = fields.iter().find(|field| field.path == ValuePath::of(["run_name"]));
    match field.filter(|_| !name.contains(TIME)) {
        Some(field) => applied(text, field, &format!("{name}-{number}")).0,
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;
    use crate::run_configuration::{example::training_snapshot, form::fields, problem::has_errors};

    const RATE: &str = "steps.model_trainer.parameters.learning_rate";
    const KIND: &str = "steps.model_trainer.parameters.model_type";
    const PATH: &str = "steps.data_loader.parameters.data_path";

    fn planned(text: &str, several: &[(&str, &str)]) -> Result<Sweep, Vec<Problem>> {
        let snapshot = training_snapshot();
        let several = several.iter().map(|(path, text)| (ValuePath::from(*path), (*text).to_owned())).collect();
        plan(&snapshot, &fields(&snapshot), text, &several)
    }

    /// The runs as they would be launched: each a configuration without errors.
    fn configurations(sweep: &Sweep) -> Vec<Value> {
        let read = |run: &SweepRun| {
            let review = review(&training_snapshot(), &run.text);
            assert!(!has_errors(&review.problems), "{:?}", review.problems);
            Value::Object(review.configuration.expect("a configuration"))
        };
        sweep.runs.iter().map(read).collect()
    }

    #[test]
    fn a_form_says_which_fields_have_several_values() {
        let pairs = [("several.steps.a.parameters.x", "1,\r\n2"), ("several.y", " "), ("p.z", "1"), ("several.k", "a"), ("several.k", "b")];
        let expected = [("steps.a.parameters.x", "1,\n2"), ("k", "a\nb")];
        assert_eq!(posted(pairs.into_iter()), expected.map(|(path, text)| (ValuePath::from(path), text.to_owned())));
        assert_eq!(posted([(input_name(&ValuePath::of(["a.b"])).as_str(), "1")].into_iter())[0].0, ValuePath::of(["a.b"]));
    }

    #[test]
    fn a_text_with_a_comma_stays_a_text_and_numbers_are_told_apart() {
        let fields = fields(&training_snapshot());
        let field = |path: &str| fields.iter().find(|field| field.path.to_string() == path).expect("a field");
        assert_eq!(split(field(PATH), "a, b\n c \n\na, b"), ["a, b", "c"]);
        assert_eq!(split(field(RATE), "0.1, 0.01 1e-3\n0.1,"), ["0.1", "0.01", "1e-3"]);
        let taking: Vec<&str> = fields.iter().filter(|field| takes_several(field)).map(|field| field.name.as_str()).collect();
        assert_eq!(taking, ["data_path", "rows", "learning_rate", "model_type", "name", "momentum", "seed"]);
    }

    #[test]
    fn each_combination_is_one_run_over_the_same_text() {
        let text = "# mine\nsteps:\n  data_loader:\n    parameters: {rows: 7}\n";
        let sweep = planned(text, &[(RATE, "0.5, 0.01"), (KIND, "tree\nforest\nlinear")]).expect("a plan");
        assert_eq!(sweep.axes[0].1, [json!(0.5), json!(0.01)]);
        let found: HashSet<String> = configurations(&sweep)
            .iter()
            .map(|configuration| {
                assert_eq!(configuration["steps"]["data_loader"]["parameters"]["rows"], 7);
                configuration["steps"]["model_trainer"]["parameters"].to_string()
            })
            .collect();
        assert_eq!((sweep.runs.len(), found.len()), (6, 6), "{found:?}");
        assert!(sweep.runs.iter().all(|run| run.text.starts_with("# mine\n")));
    }

    #[test]
    fn runs_do_not_share_a_name() {
        let sweep = planned("run_name: mine\n", &[(RATE, "0.5 0.2")]).expect("a plan");
        let names: Vec<Value> = configurations(&sweep).into_iter().map(|configuration| configuration["run_name"].clone()).collect();
        assert_eq!(names, ["mine-1", "mine-2"]);
        assert!(planned("", &[(RATE, "0.5 0.2")]).expect("a plan").runs.iter().all(|run| !run.text.contains("run_name")));
    }

    #[test]
    fn every_value_that_does_not_fit_is_named_at_its_field() {
        let problems = planned("", &[(RATE, "0.1, fast, -1"), (KIND, "bush\ntree")]).expect_err("problems");
        let told: Vec<(String, &str)> =
            problems.iter().map(|problem| (problem.path.to_string(), problem.message.split(':').next().unwrap_or_default())).collect();
        assert_eq!(told, [(RATE.to_owned(), "`fast`"), (RATE.to_owned(), "`-1`"), (KIND.to_owned(), "`bush`")]);
    }

    #[test]
    fn only_so_many_runs_start_at_once() {
        let numbers = |count: usize| (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(planned("", &[(RATE, &numbers(MOST_RUNS))]).expect("a plan").runs.len(), MOST_RUNS);
        let problems = planned("", &[(RATE, &numbers(MOST_RUNS + 1))]).expect_err("too many");
        assert!(problems[0].message.contains("21 runs") && problems[0].path.is_root(), "{}", problems[0]);
    }

    #[test]
    fn without_several_values_there_is_nothing_to_plan() {
        for (text, several) in [("", &[][..]), ("", &[(RATE, " , ")]), ("steps: [", &[(RATE, "0.1 0.2")])] {
            assert_eq!(planned(text, several), Ok(Sweep::default()), "{text}");
        }
    }
}
