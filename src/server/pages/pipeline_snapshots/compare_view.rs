//! The comparison of two snapshots as HTML.

use leptos::prelude::*;

use super::compare::{Comparison, Difference, Side};
use crate::{
    components::{
        empty_state::EmptyState,
        error_panel::{Notice, Tone},
        table::{Column, Table},
    },
    model::list::{Reference, encode},
};

/// The choice of two, what they are, and what differs.
pub fn content(a: Option<&Side>, b: Option<&Side>, found: Option<Comparison>, choices: Vec<Reference>, base: &str) -> AnyView {
    let picker = picker(a, b, choices, base);
    let (Some(a), Some(b), Some(found)) = (a, b, found) else {
        return view! {
            {picker}
            <EmptyState title="Choose two snapshots" text="What is configured, parameters, steps, code, packages and stack are compared, defaults included." />
        }
        .into_any();
    };
    let count = found.count();
    let result = if count == 0 {
        view! { <Notice tone=Tone::Good title="They run the same: no parameter, setting, step, package or component differs." /> }
            .into_any()
    } else {
        differences(found)
    };
    view! { {picker} {summary(a, b, base)} {result} }.into_any()
}

fn picker(a: Option<&Side>, b: Option<&Side>, choices: Vec<Reference>, base: &str) -> AnyView {
    let id = |side: Option<&Side>| side.map(|side| side.shown.id.clone());
    choice_of_two(&format!("{base}/snapshots/compare"), "snapshot", [id(a), id(b)], choices)
}

/// The form that chooses two of what is compared at `path`, by their ids.
pub fn choice_of_two(path: &str, what: &str, chosen: [Option<String>; 2], choices: Vec<Reference>) -> AnyView {
    let select = |name: &'static str, label: &'static str, chosen: &Option<String>| {
        let options = choices.iter().map(|choice| {
            let selected = chosen.as_ref() == Some(&choice.id);
            view! {
                <option value=choice.id.clone() selected=selected>
                    {choice.name.clone()}
                </option>
            }
        });
        view! {
            <label class="compare__choice">
                <span class="field__label">{label}</span>
                <select class="input" name=name>
                    {chosen.is_none().then(|| view! { <option value="">{format!("Choose a {what}")}</option> })}
                    {options.collect_view()}
                </select>
            </label>
        }
    };
    let [a, b] = &chosen;
    let swap = a.as_ref().zip(b.as_ref()).map(|(a, b)| {
        let href = format!("{path}?a={}&b={}", encode(b), encode(a));
        view! {
            <a class="button" href=href>
                "Swap"
            </a>
        }
    });
    view! {
        <form class="compare" method="get" action=path.to_owned()>
            {select("a", "A, before", a)} {select("b", "B, after", b)}
            <span class="row">
                {swap}
                <button class="button button--primary" type="submit">
                    "Compare"
                </button>
            </span>
        </form>
    }
    .into_any()
}

/// A fact about one side, in words.
type Fact = fn(&Side) -> String;

/// What the two are, side by side; what is not the same says so.
fn summary(a: &Side, b: &Side, base: &str) -> AnyView {
    let none = || "–".to_owned();
    let build = |side: &Side| side.row.build_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    let known: [(&str, Fact); 6] = [
        ("Pipeline", |side| side.shown.pipeline.name.clone()),
        ("Stack", |side| side.shown.stack.as_ref().map_or_else(|| "deleted".to_owned(), |stack| stack.name.clone())),
        ("Created", |side| side.shown.created.absolute.clone()),
        ("By", |side| side.shown.user.clone().unwrap_or_default()),
        ("Steps", |side| if side.row.is_dynamic { "dynamic".to_owned() } else { side.row.step_count.to_string() }),
        ("ZenML", |side| side.row.client_version.clone().unwrap_or_default()),
    ];
    let mut rows: Vec<(&str, String, String)> = known.into_iter().map(|(label, fact)| (label, fact(a), fact(b))).collect();
    rows.push(("Python", a.python.clone().unwrap_or_else(none), b.python.clone().unwrap_or_else(none)));
    rows.push(("Code", a.code(), b.code()));
    rows.push(("Build", build(a), build(b)));
    let link = |side: &Side| view! { <a href=format!("{base}/snapshots/{}", side.shown.id)>{side.shown.title()}</a> }.into_any();
    facts("Snapshot", [link(a), link(b)], rows)
}

/// What the two are, side by side, below links to them; what is not the same says so.
pub fn facts(what: &'static str, links: [AnyView; 2], rows: Vec<(&'static str, String, String)>) -> AnyView {
    let row = |(label, old, new): (&'static str, String, String)| {
        let differs = old != new;
        view! {
            <tr class:compare__row--differs=differs>
                <th scope="row">{label}</th>
                <td class="table__value">{old}</td>
                <td class="table__value">{new} {differs.then(|| view! { <span class="visually-hidden">" (differs)"</span> })}</td>
            </tr>
        }
    };
    let [a, b] = links;
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <section class="section" aria-labelledby="what">
            <h2 id="what">"What they are"</h2>
            <div class="compare__table"><Table caption="What they are" columns=vec![Column::plain(""), Column::plain("A, before"), Column::plain("B, after")]>
                <tr>
                    <th scope="row">{what}</th>
                    <td>{a}</td>
                    <td>{b}</td>
                </tr>
                {rows}
            </Table></div>
        </section>
    }
    .into_any()
}

/// What differs of what two run.
pub fn differences(found: Comparison) -> AnyView {
    view! {
        {steps(&found)}
        {table("parameters", "Parameters", "Parameter", found.parameters)}
        {table("configuration", "Configuration", "Setting", found.configuration)}
        {table("components", "Stack components", "Kind", found.components)}
        {table("packages", "Python packages", "Package", found.packages)}
    }
    .into_any()
}

fn steps(found: &Comparison) -> Option<AnyView> {
    let lists = [("Added", "+", &found.steps_added), ("Removed", "−", &found.steps_removed), ("Code changed", "~", &found.code_changed)];
    let list = |(label, sign, names): (&'static str, &'static str, &Vec<String>)| {
        (!names.is_empty()).then(|| {
            let names = names.iter().map(|name| view! { <li class="mono">{name.clone()}</li> }).collect_view();
            view! {
                <div class="compare__steps">
                    <h3>{format!("{sign} {label}")}</h3>
                    <ul role="list">{names}</ul>
                </div>
            }
        })
    };
    lists.iter().any(|(_, _, names)| !names.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="step-changes">
                <h2 id="step-changes">"Steps"</h2>
                <div class="card compare__card">{lists.into_iter().map(list).collect_view()}</div>
            </section>
        }
        .into_any()
    })
}

/// A section of values that differ; nothing where none does.
pub fn table(id: &'static str, title: &'static str, what: &'static str, rows: Vec<Difference>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let value = |value: Option<String>, side: &'static str| match value {
        Some(text) => view! { <span class=format!("compare__value compare__value--{side}")>{text}</span> }.into_any(),
        None => view! { <span class="faint">"not there"</span> }.into_any(),
    };
    let row = |row: Difference| {
        view! {
            <tr>
                <th scope="row" class="mono table__name">{row.path}</th>
                <td class="table__value mono">{value(row.old, "old")}</td>
                <td class="table__value mono">{value(row.new, "new")}</td>
            </tr>
        }
    };
    let count = rows.len();
    let columns = vec![Column::plain(what), Column::plain("A, before"), Column::plain("B, after")];
    let rows = rows.into_iter().map(row).collect_view();
    let section = view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title} " " <span class="tabs__count">{count}</span></h2>
            <div class="compare__table"><Table caption=title columns=columns>
                {rows}
            </Table></div>
        </section>
    };
    Some(section.into_any())
}
