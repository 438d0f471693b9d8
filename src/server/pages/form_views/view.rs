//! The editor of a form view as HTML, and the preview beside it.

use leptos::prelude::*;

use super::{
    Page,
    typed::{TypedField, name, options},
};
use crate::{
    checker::kind_in_words,
    components::{
        error_panel::{Notice, Tone},
        field::{FieldNotes, described_by, textarea_content},
        icon::Icon,
        inline_text::InlineText,
    },
    model::launches::{Findings, FormField},
    pages::pipeline_snapshots::{detail::SnapshotTabs, run::form_view::FormPreview},
    run_configuration::{
        diff::render,
        form::{Field, FieldKind, option_to_form},
        form_view::{Limit, takes_limit},
    },
};

/// Characters of a value on one line.
const VALUE_LIMIT: usize = 80;

/// What those see who get nothing but the form.
pub struct Preview {
    pub intro: String,
    pub fields: Vec<FormField>,
    pub findings: Findings,
}

/// Everything below the heading.
pub fn page(page: Page) -> AnyView {
    let path = format!("{}/snapshots/{}", page.base, page.row.id);
    let Preview { intro, fields, findings } = page.preview;
    let none = fields.is_empty();
    let note = page.edited.note.clone().map(|note| {
        let tone = if note.is_error { Tone::Error } else { Tone::Good };
        view! {
            <Notice tone=tone title=note.title>
                <p class="failure__message">
                    <InlineText text=note.text />
                </p>
            </Notice>
        }
        .into_any()
    });
    let count = page.all.len();
    let explained = match (page.is_saved, page.may_edit) {
        (true, _) => format!("Whoever may not edit snapshots gets this form of it, and nothing else of its {count} values."),
        (false, true) => format!(
            "This snapshot has no form view: everybody who may run it gets all of its {count} values. Choose those that others need."
        ),
        (false, false) => format!("This snapshot has no form view: everybody who may run it gets all of its {count} values."),
    };
    let preview = view! {
        <section class="card form-view__preview" aria-labelledby="preview">
            <h2 id="preview">"As others see it"</h2>
            {if none {
                view! { <p class="soft">"No fields yet."</p> }.into_any()
            } else {
                view! { <FormPreview intro=intro fields=fields findings=findings /> }.into_any()
            }}
        </section>
    };
    let (may_edit, is_saved) = (page.may_edit, page.is_saved);
    let editor = if may_edit {
        editor(&path, &page.all, &page.edited.typed, &page.edited.refusals, is_saved)
    } else {
        view! { <p class="soft">"Only those who may edit snapshots change a form view."</p> }.into_any()
    };
    view! {
        <SnapshotTabs path=path tab="form".to_owned() />
        {note}
        <p class="prose soft">{explained}</p>
        <div class="form-view">
            <div class="form-view__edit">{editor}</div>
            {preview}
        </div>
    }
    .into_any()
}

/// What is wrong with the control of this name.
fn refusal(refusals: &[(String, String)], name: &str) -> Option<String> {
    refusals.iter().find(|(known, _)| known == name).map(|(_, message)| message.clone())
}

fn editor(path: &str, all: &[Field], typed: &super::Typed, refusals: &[(String, String)], is_saved: bool) -> AnyView {
    let count = typed.fields.len();
    let fields = typed.fields.iter().enumerate().map(|(position, typed)| {
        let field = all.iter().find(|field| field.path == typed.path);
        field_view(position, count, typed, field, refusals)
    });
    let fields = fields.collect_view();
    let intro = text_area("intro", "Above the fields", &typed.intro, "What the form is for, and what to look at. Markdown.", refusals);
    view! {
        <form class="stack form-view__form" method="post" enctype="multipart/form-data" action=format!("{path}/form")>
            // What Enter in a control means.
            <button type="submit" name="action" value="check" hidden>
                "Show"
            </button>
            <input type="hidden" name="count" value=count.to_string() />
            <div class="card">{intro}</div>
            <ol class="form-view__fields" role="list">
                {fields}
            </ol>
            {choice(all, typed)}
            <div class="form-view__actions">
                <button class="button" type="submit" name="action" value="check">
                    "Show the preview"
                </button>
                <button class="button button--primary" type="submit" name="action" value="save">
                    "Save the form view"
                </button>
            </div>
            {file(path, is_saved)}
            {is_saved.then(|| removal(all.len()))}
        </form>
    }
    .into_any()
}

fn field_view(position: usize, count: usize, typed: &TypedField, field: Option<&Field>, refusals: &[(String, String)]) -> AnyView {
    let path = typed.path.to_string();
    let named = field.map_or_else(|| path.clone(), Field::full_name);
    let title = if typed.label.is_empty() { named.clone() } else { typed.label.clone() };
    let id = format!("field-{position}");
    let refused = refusal(refusals, &name(position, "path")).map(|message| {
        view! {
            <p class="field__error" id=format!("{}-error", name(position, "path"))>
                <Icon name="failed" />
                <span>{message}</span>
            </p>
        }
    });
    let kind = field.map(|field| view! { <InlineText text=kind_in_words(field) /> });
    let button = |action: &str, target: usize, label: String, icon: &'static str, disabled: bool| {
        view! {
            <button
                class="button button--small button--icon"
                type="submit"
                name="action"
                value=format!("{action}:{position}")
                formaction=format!("#field-{target}")
                aria-label=label.clone()
                title=label
                disabled=disabled
            >
                <Icon name=icon />
            </button>
        }
        .into_any()
    };
    let up = button("up", position.saturating_sub(1), format!("Move {title} up"), "up", position == 0);
    let down = button("down", position + 1, format!("Move {title} down"), "down", position + 1 == count);
    let remove = button("remove", position.saturating_sub(1), format!("Remove {title} from the form"), "trash", false);
    let label_help = format!("Empty: {named}");
    view! {
        <li class="card form-view__field" id=id aria-label=title>
            <input type="hidden" name=name(position, "path") value=path.clone() />
            <div class="form-view__head">
                <p class="form-view__path">
                    <span class="mono">{path}</span>
                    <span class="soft">{kind}</span>
                </p>
                <span class="form-view__moves">{up} {down} {remove}</span>
            </div>
            {refused}
            <div class="form-view__row">
                {line(&name(position, "label"), "Label", &typed.label, &label_help, None, refusals)} {value_control(position, typed, field, refusals)}
            </div>
            {text_area(&name(position, "help"), "Help", &typed.help, "Markdown.", refusals)}
            <div class="form-view__checks">
                {tick(&name(position, "locked"), "Locked: shown, and not to be changed", typed.locked, refusals)}
                {field
                    .is_some_and(|field| field.kind == FieldKind::Text)
                    .then(|| tick(&name(position, "multiline"), "Several lines", typed.multiline, refusals))}
            </div>
            {limits(position, typed, field, refusals)}
        </li>
    }
    .into_any()
}

/// Limits that a field of its kind can have; those of a field that is not there any more as they are.
fn limits(position: usize, typed: &TypedField, field: Option<&Field>, refusals: &[(String, String)]) -> AnyView {
    let has = |limit: Limit, is_set: bool| is_set || field.is_some_and(|field| takes_limit(field, limit));
    let part = |part: &str| name(position, part);
    let numbers = has(Limit::Range, !typed.minimum.is_empty() || !typed.maximum.is_empty()).then(|| {
        let bound = |words: Option<&String>| words.map(|words| format!("The snapshot: {words}")).unwrap_or_default();
        let (least, most) = (bound(field.and_then(|field| field.minimum.as_ref())), bound(field.and_then(|field| field.maximum.as_ref())));
        view! {
            <div class="form-view__row">
                {line(&part("minimum"), "At least", &typed.minimum, &least, Some("decimal"), refusals)}
                {line(&part("maximum"), "At most", &typed.maximum, &most, Some("decimal"), refusals)}
            </div>
        }
        .into_any()
    });
    let length = has(Limit::Length, !typed.max_length.is_empty())
        .then(|| line(&part("max_length"), "Most characters", &typed.max_length, "", Some("numeric"), refusals));
    let allowed = has(Limit::Allowed, !typed.allowed.is_empty()).then(|| match field.and_then(options) {
        Some(all) => {
            let id = part("allowed");
            let error = refusal(refusals, &id);
            let described = described_by(&id, false, error.is_some());
            let boxes = all.iter().map(|option| {
                let value = option_to_form(&all, option);
                let label = option.as_str().map_or_else(|| option.to_string(), str::to_owned);
                let is_ticked = typed.allowed.contains(&value);
                view! {
                    <label class="choice">
                        <input type="checkbox" name=part("allowed") value=value checked=is_ticked />
                        <span>{label}</span>
                    </label>
                }
            });
            view! {
                <fieldset class="form-view__options" aria-describedby=described>
                    <legend class="field__label">"Offered"</legend>
                    <div class="parameter__choices">{boxes.collect_view()}</div>
                    <FieldNotes name=id help="" error=error />
                </fieldset>
            }
            .into_any()
        }
        None => text_area(&part("allowed"), "Only these values", &typed.allowed.join("\n"), "One a line; empty: no limit.", refusals),
    });
    view! { {numbers} {length} {allowed} }.into_any()
}

/// What the field starts with.
fn value_control(position: usize, typed: &TypedField, field: Option<&Field>, refusals: &[(String, String)]) -> AnyView {
    let id = name(position, "value");
    let own = field.and_then(|field| field.current.as_ref().filter(|_| !field.secret));
    let own = own.map_or_else(|| "the snapshot's value".to_owned(), |value| format!("the snapshot's, {}", render(value, VALUE_LIMIT)));
    let label = if typed.locked { "Fixed at" } else { "Starts with" };
    if let Some((field, all)) =
        field.and_then(|field| Some((field, options(field)?))).filter(|(field, _)| !matches!(field.kind, FieldKind::Choices { .. }))
    {
        let error = refusal(refusals, &id);
        let described = described_by(&id, false, error.is_some());
        let mut values: Vec<(String, String)> = vec![(String::new(), own)];
        values.extend(all.iter().map(|option| {
            let value = if option.is_null() && field.nullable { "null".to_owned() } else { option_to_form(&all, option) };
            (value.clone(), value)
        }));
        let choices = values.into_iter().map(|(value, label)| {
            let is_chosen = value == typed.value;
            view! { <option value=value selected=is_chosen>{label}</option> }
        });
        return view! {
            <div class="field">
                <label class="field__label" for=id.clone()>
                    {label}
                </label>
                <select class="input" id=id.clone() name=id.clone() aria-invalid=error.is_some().then_some("true") aria-describedby=described>
                    {choices.collect_view()}
                </select>
                <FieldNotes name=id help="" error=error />
            </div>
        }
        .into_any();
    }
    let help = format!("Empty: {own}");
    let has_lines = field.is_none_or(|field| {
        !matches!(
            field.kind,
            FieldKind::Text | FieldKind::Integer | FieldKind::Number | FieldKind::Date | FieldKind::DateTime | FieldKind::Numbers { .. }
        )
    });
    if has_lines || typed.multiline {
        text_area(&id, label, &typed.value, &help, refusals)
    } else {
        line(&id, label, &typed.value, &help, None, refusals)
    }
}

fn line(id: &str, label: &'static str, value: &str, help: &str, mode: Option<&'static str>, refusals: &[(String, String)]) -> AnyView {
    let error = refusal(refusals, id);
    let described = described_by(id, !help.is_empty(), error.is_some());
    let id = id.to_owned();
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>
                {label}
            </label>
            <input
                class="input"
                id=id.clone()
                name=id.clone()
                value=value.to_owned()
                inputmode=mode
                autocomplete="off"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            <FieldNotes name=id help=help.to_owned() error=error />
        </div>
    }
    .into_any()
}

fn text_area(id: &str, label: &'static str, value: &str, help: &str, refusals: &[(String, String)]) -> AnyView {
    let error = refusal(refusals, id);
    let described = described_by(id, !help.is_empty(), error.is_some());
    let (id, rows) = (id.to_owned(), value.lines().count().clamp(2, 8).to_string());
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>
                {label}
            </label>
            <textarea
                class="input"
                id=id.clone()
                name=id.clone()
                rows=rows
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
                inner_html=textarea_content(value)
            />
            <FieldNotes name=id help=help.to_owned() error=error />
        </div>
    }
    .into_any()
}

fn tick(id: &str, label: &'static str, is_ticked: bool, refusals: &[(String, String)]) -> AnyView {
    let error = refusal(refusals, id);
    let id = id.to_owned();
    view! {
        <label class="choice">
            <input type="checkbox" id=id.clone() name=id.clone() value="true" checked=is_ticked />
            <span>{label}</span>
        </label>
        <FieldNotes name=id help="" error=error />
    }
    .into_any()
}

/// The values that are not in the form yet.
fn choice(all: &[Field], typed: &super::Typed) -> AnyView {
    let mut groups: Vec<(String, Vec<&Field>)> = Vec::new();
    for field in all.iter().filter(|field| !typed.fields.iter().any(|typed| typed.path == field.path)) {
        let group = field.group();
        match groups.last_mut() {
            Some((name, fields)) if *name == group => fields.push(field),
            _ => groups.push((group, vec![field])),
        }
    }
    if groups.is_empty() {
        return view! { <p class="soft">"Every value of the snapshot is in the form."</p> }.into_any();
    }
    let is_first = typed.fields.is_empty();
    let option = |field: &Field| {
        view! {
            <label class="choice">
                <input type="checkbox" name="add" value=field.path.to_string() />
                <span>
                    <span class="mono">{field.full_name()}</span>
                    {field.description.clone().map(|text| view! { <span class="table__sub">{text}</span> })}
                </span>
            </label>
        }
    };
    let group = |(name, fields): (String, Vec<&Field>)| {
        view! {
            <fieldset class="form-view__group">
                <legend>{name}</legend>
                {fields.into_iter().map(option).collect_view()}
            </fieldset>
        }
        .into_any()
    };
    let section = |group: &(String, Vec<&Field>)| group.1.first().and_then(|field| field.section().heading());
    let sections = groups.chunk_by(|left, right| section(left) == section(right)).map(|groups| {
        let groups_view = || groups.iter().cloned().map(group).collect_view();
        match section(&groups[0]) {
            None => view! { <div class="form-view__groups">{groups_view()}</div> }.into_any(),
            Some(heading) => view! {
                <details class="form-view__more">
                    <summary>{heading}</summary>
                    <div class="form-view__groups">{groups_view()}</div>
                </details>
            }
            .into_any(),
        }
    });
    let sections = sections.collect_view();
    let next = typed.fields.len();
    view! {
        <details class="card card--folded" id="add" open=is_first>
            <summary class="card__summary">"Add fields"</summary>
            {sections}
            <button class="button" type="submit" name="action" value="add" formaction=format!("#field-{next}")>
                <Icon name="plus" />
                "Add the chosen"
            </button>
        </details>
    }
    .into_any()
}

fn file(path: &str, is_saved: bool) -> AnyView {
    let download = is_saved.then(|| {
        view! {
            <a class="button" href=format!("{path}/form/yaml") rel="external" download="">
                <Icon name="download" />
                "Download as YAML"
            </a>
        }
    });
    view! {
        <details class="card card--folded" id="as-file">
            <summary class="card__summary">"As a file"</summary>
            <p class="soft">
                "A form view can live in git: keep the file there, and bring it back here or with "
                <code>"PUT /api/v1/pipeline_snapshots/{id}/form_view"</code> "."
            </p>
            {download}
            <div class="field">
                <label class="field__label" for="file">
                    "Load a file in place of what stands here"
                </label>
                <input type="file" id="file" name="file" accept=".yaml,.yml,.json,application/yaml,application/json" />
            </div>
            <button class="button" type="submit" name="action" value="load">
                <Icon name="upload" />
                "Load"
            </button>
        </details>
    }
    .into_any()
}

fn removal(count: usize) -> AnyView {
    view! {
        <details class="card card--folded" id="remove">
            <summary class="card__summary">"Remove the form view"</summary>
            <p class="soft">
                {format!("Everybody who may run the snapshot then gets all of its {count} values again. Download it first if you may want it back.")}
            </p>
            <button class="button button--danger" type="submit" name="action" value="delete">
                "Remove the form view"
            </button>
        </details>
    }
    .into_any()
}
