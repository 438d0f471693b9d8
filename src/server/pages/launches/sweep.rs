//! Several values for fields of Run Details: their controls, the runs that they make, and the code that does the same.

use std::collections::HashMap;

use leptos::prelude::*;

use super::draft::Draft;
use crate::{
    checker,
    components::{field::textarea_content, icon::Icon, inline_text::InlineText},
    model::{
        launches::{FormField, SweepView},
        list::encode,
        pipeline_snapshots::CodeExample,
    },
    run_configuration::{
        code::{self, Launch, Target},
        form::{self, Field, FieldKind, option_to_form},
        problem::Problem,
        review::review,
        snapshot::Snapshot,
        sweep::{Sweep, input_name, plan, split, takes_commas, takes_several},
        value_path::ValuePath,
    },
    server::pages::html::html,
};

/// Puts the control for several values beside each field that takes them, with what was typed and what is wrong with it.
pub fn fill(shown: &mut [FormField], fields: &[Field], snapshot: &Snapshot, draft: &Draft) {
    let problems = plan(snapshot, fields, &draft.text, &draft.several).err().unwrap_or_default();
    let several: HashMap<&ValuePath, &str> = draft.several.iter().map(|(path, text)| (path, text.as_str())).collect();
    for (shown, field) in shown.iter_mut().zip(fields).filter(|(_, field)| takes_several(field)) {
        let problems: Vec<String> =
            problems.iter().filter(|problem| problem.path == field.path).map(|problem| problem.message.clone()).collect();
        shown.several = Some(html(|| control(field, several.get(&field.path).copied().unwrap_or_default(), problems)));
    }
}

fn control(field: &Field, typed: &str, problems: Vec<String>) -> AnyView {
    let name = input_name(&field.path);
    let (error, is_wrong, is_open) = (format!("{name}-error"), !problems.is_empty(), !typed.trim().is_empty());
    let options = match &field.kind {
        FieldKind::Boolean => vec![("true".to_owned(), "True".to_owned()), ("false".to_owned(), "False".to_owned())],
        FieldKind::Choice { options } => options
            .iter()
            .map(|value| (option_to_form(options, value), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect(),
        _ => Vec::new(),
    };
    let values = if options.is_empty() {
        let how = if takes_commas(field) { "One run for each, separated by commas" } else { "One run for each, one a line" };
        view! {
            <label class="field__help" for=name.clone()>
                {how}
            </label>
            <textarea
                class="input input--mono"
                id=name.clone()
                name=name
                rows="2"
                spellcheck="false"
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then(|| error.clone())
                inner_html=textarea_content(typed)
            />
        }
        .into_any()
    } else {
        let chosen = split(field, typed);
        let choice = |(value, label): (String, String)| {
            let is_chosen = chosen.contains(&value);
            view! {
                <label class="choice">
                    <input type="checkbox" name=name.clone() value=value checked=is_chosen />
                    <span>{label}</span>
                </label>
            }
        };
        view! {
            <div class="parameter__choices" role="group" aria-label=format!("Several values for {}", field.name)>
                {options.into_iter().map(choice).collect_view()}
            </div>
        }
        .into_any()
    };
    view! {
        <details class="several" open=is_open>
            <summary aria-label=format!("Several values for {}", field.name)>"Several values"</summary>
            {values}
            {is_wrong.then(|| view! { <p class="field__error" id=error><Icon name="failed" /><span>{problems.join(" ")}</span></p> })}
        </details>
    }
    .into_any()
}

/// The runs that a draft makes by several values, or what is wrong with these.
pub fn look(target: &Target, snapshot: &Snapshot, draft: &Draft) -> SweepView {
    if draft.several.is_empty() {
        return SweepView::default();
    }
    let fields = form::fields(snapshot);
    match plan(snapshot, &fields, &draft.text, &draft.several) {
        Ok(sweep) if sweep.runs.len() < 2 => SweepView::default(),
        Ok(sweep) => {
            let (runs, code) = (sweep.runs.len(), examples(target, snapshot, &draft.text, &sweep));
            SweepView { runs, html: html(|| runs_view(&sweep, &fields)), code }
        }
        Err(problems) => SweepView { html: html(|| problems_view(problems)), ..SweepView::default() },
    }
}

/// The runs, each with its values.
pub fn runs_view(sweep: &Sweep, fields: &[Field]) -> AnyView {
    let name = |path: &ValuePath| {
        let field = fields.iter().find(|field| field.path == *path)?;
        let is_shared = sweep.axes.iter().any(|(other, _)| other != path && other.segments().last() == path.segments().last());
        Some(if is_shared { path.to_string() } else { field.full_name() })
    };
    let head = |(path, _): &(ValuePath, _)| view! { <th scope="col">{name(path)}</th> };
    let row = |(position, values): (usize, &Vec<(ValuePath, String)>)| {
        let cells = values.iter().map(|(_, value)| view! { <td class="mono">{value.clone()}</td> }).collect_view();
        view! {
            <tr>
                <th scope="row">{position + 1}</th>
                {cells}
            </tr>
        }
    };
    let rows = sweep.runs.iter().map(|run| &run.values).enumerate().map(row).collect_view();
    view! {
        <div class="several__runs" tabindex="0" role="group" aria-label="Runs">
            <table>
                <caption>{format!("{} runs, with a tag that they share", sweep.runs.len())}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Run"</th>
                        {sweep.axes.iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn problems_view(problems: Vec<Problem>) -> AnyView {
    let item = |problem: Problem| {
        let href = format!("#{}", encode(&input_name(&problem.path)));
        let text = [Some(problem.message), problem.fix].into_iter().flatten().collect::<Vec<_>>().join(" ");
        view! {
            <li class="problems__item problems__item--error">
                <Icon name="failed" />
                <div>
                    {(!problem.path.is_root())
                        .then(|| {
                            view! {
                                <a class="mono problems__place" href=href rel="external">
                                    {problem.path.to_string()}
                                </a>
                            }
                        })}
                    <p>
                        <InlineText text=text />
                    </p>
                </div>
            </li>
        }
    };
    view! {
        <div class="section">
            <h3>"Several values"</h3>
            <ul class="problems" role="list">
                {problems.into_iter().map(item).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

/// The loop in Python; the other ways start one run each, so they show the first.
fn examples(target: &Target, snapshot: &Snapshot, text: &str, sweep: &Sweep) -> Vec<CodeExample> {
    let found = review(snapshot, text);
    let launch = Launch { configuration: &found.configuration.unwrap_or_default(), replace_paths: &found.replace_paths };
    let code = code::python_sweep(target, launch, &sweep.axes);
    let first = sweep.runs.first().map(|run| checker::code(target, snapshot, &run.text)).unwrap_or_default();
    let others = first.into_iter().filter(|example| example.label != "Python");
    let others = others.map(|example| CodeExample { label: format!("{}, the first run", example.label), ..example });
    let count = sweep.runs.len();
    std::iter::once(CodeExample { label: format!("Python, all {count} runs"), code }).chain(others).collect()
}
