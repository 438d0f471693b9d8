//! `/dev/components`, in debug builds only: every component, in the states it can be in, for whoever changes one.
//!
//! Nothing here is real data. The theme and the density are those of the account menu. The page is as the server renders it: no
//! browser takes it over, so that what it shows is in no module that readers load.

use leptos::{html, prelude::*};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

use crate::{
    components::{
        button::{ButtonKind, LinkButton, SubmitButton},
        change::ChangeRow,
        clock::{Ago, DurationText},
        code_block::CodeBlock,
        dialog::{Dialog, open_on_click},
        empty_state::EmptyState,
        error_panel::{ErrorPanel, Notice, Tone},
        field::{TextArea, TextField},
        filter_form::{FilterForm, FilterSelect},
        icon::Icon,
        inline_text::InlineText,
        live::LiveIndicator,
        page_header::{Crumb, PageHeader},
        pagination::Pagination,
        server_html::ServerHtml,
        status_badge::StatusBadge,
        table::{Column, ColumnSort, Table},
        yaml_editor::{Mark, YamlEditor},
    },
    model::{
        error::{PageError, PageErrorKind},
        launches::ShownChange,
        list::{ListQuery, PagePosition, Reference},
        status::ExecutionStatus,
        time::{Duration, Moment},
    },
};

const HERE: &str = "/dev/components";

/// The document.
pub fn document() -> impl IntoView {
    super::shell::document(|| view! { <Page /> }.into_any(), false)
}

#[component]
fn Page() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Components" />
        <Router>
            <main class="main" id="main">
                <h1>"Components"</h1>
                <Examples />
            </main>
        </Router>
    }
}

#[component]
fn Examples() -> impl IntoView {
    view! {
        <div class="stack">
            {example("page_header", header())} {example("button", buttons())} {example("icon", icons())}
            {example("status_badge", statuses())} {example("error_panel", notices())} {example("empty_state", empty())}
            {example("field", fields())} {example("filter_form", filters())} {example("table", table())}
            {example("pagination", pages())} {example("change", change())} {example("clock", times())}
            {example("code_block", view! { <CodeBlock code="zenml pipeline snapshot run nightly --config=run.yaml" label="Command" /> }.into_any())}
            {example("dialog", dialog())} {example("inline_text", inline_text())} {example("live", view! { <LiveIndicator /> }.into_any())}
            {example("server_html", view! { <ServerHtml html="<p>HTML that the <strong>server</strong> made</p>".to_owned() /> }.into_any())}
            {example("yaml_editor", editor())}
        </div>
    }
}

/// One component, under the name of its file.
fn example(name: &'static str, view: AnyView) -> AnyView {
    view! {
        <section class="card stack" aria-labelledby=format!("of-{name}") data-component=name>
            <h2 class="mono" id=format!("of-{name}")>
                {name}
            </h2>
            {view}
        </section>
    }
    .into_any()
}

fn header() -> AnyView {
    let crumbs = vec![Crumb::new("Snapshots", HERE), Crumb::new("nightly", HERE)];
    let facts = view! {
        <span>"Pipeline training"</span>
        <span>"Runs on the stack default"</span>
    };
    view! {
        <PageHeader title="A title of a page, which may be long and then wraps" crumbs=crumbs facts=Some(facts.into_any())>
            <LinkButton href=HERE>"Edit"</LinkButton>
            <LinkButton href=HERE kind=ButtonKind::Primary>
                "Run"
            </LinkButton>
        </PageHeader>
    }
    .into_any()
}

fn buttons() -> AnyView {
    let kinds =
        [(ButtonKind::Plain, "Plain"), (ButtonKind::Primary, "Primary"), (ButtonKind::Danger, "Danger"), (ButtonKind::Quiet, "Quiet")];
    let row = move |reason: Option<&'static str>| {
        let button = move |(kind, label): (ButtonKind, &'static str)| {
            view! {
                <SubmitButton kind=kind disabled_reason=reason.map(str::to_owned)>
                    {label}
                </SubmitButton>
            }
            .into_any()
        };
        view! { <div class="row">{kinds.map(button).collect_view()}</div> }.into_any()
    };
    view! {
        {row(None)}
        {row(Some("You may not do this."))}
        <div class="row">
            <button type="button" class="button">
                <Icon name="copy" />
                "With an icon"
            </button>
            <button type="button" class="button button--small">
                "Small"
            </button>
            <button type="button" class="button button--icon" aria-label="More">
                <Icon name="more" />
            </button>
            <button type="button" class="button" aria-disabled="true">
                "Refused"
            </button>
            <LinkButton href=HERE>"A link"</LinkButton>
        </div>
    }
    .into_any()
}

fn icons() -> AnyView {
    const SPRITE: &str = include_str!("../../components/icons.svg");
    let names = SPRITE.split("id=\"i-").skip(1).filter_map(|rest| rest.split('"').next());
    let icon = |name: &'static str| {
        view! {
            <span class="row">
                <Icon name=name />
                {name}
            </span>
        }
        .into_any()
    };
    view! { <div class="row">{names.map(icon).collect_view()}</div> }.into_any()
}

fn statuses() -> AnyView {
    let plain = ExecutionStatus::ALL.map(|status| view! { <StatusBadge status=status /> }.into_any()).collect_view();
    let chips = ExecutionStatus::ALL.map(|status| view! { <StatusBadge status=status chip=true /> }.into_any()).collect_view();
    view! {
        <div class="row">{plain}</div>
        <div class="row">{chips}</div>
    }
    .into_any()
}

fn notices() -> AnyView {
    let notice = |(tone, title): (Tone, &'static str)| {
        view! {
            <Notice tone=tone title=title>
                <p>
                    <InlineText text="What it is about, with a value: `trainer.lr`." />
                </p>
            </Notice>
        }
        .into_any()
    };
    let tones = [(Tone::Error, "An error"), (Tone::Warning, "A warning"), (Tone::Note, "A note"), (Tone::Good, "Done")];
    let kinds = [
        PageErrorKind::NotFound,
        PageErrorKind::Forbidden,
        PageErrorKind::SignedOut,
        PageErrorKind::Invalid,
        PageErrorKind::Server,
        PageErrorKind::Offline,
    ];
    let panel = |kind: PageErrorKind| view! { <ErrorPanel error=PageError::new(kind, "The message, with a way out.") /> }.into_any();
    view! {
        {tones.map(notice).collect_view()}
        {kinds.map(panel).collect_view()}
    }
    .into_any()
}

fn empty() -> AnyView {
    view! {
        <EmptyState title="No snapshots yet" text="A snapshot is made from a run, or by a pipeline's author.">
            <LinkButton href=HERE>"New Snapshot"</LinkButton>
        </EmptyState>
    }
    .into_any()
}

fn fields() -> AnyView {
    let error = Some("The name is taken. Choose another one.".to_owned());
    view! {
        <TextField name="plain" label="Name" value="nightly" />
        <TextField name="required" label="Required" required=true help="At most 255 characters" />
        <TextField name="wrong" label="Wrong" value="nightly" required=true help="At most 255 characters" error=error.clone() />
        <TextField name="hidden" label="Password" kind="password" value="not shown" />
        <TextArea name="lines" label="Description" value="Two\nlines" help="Markdown" />
        <TextArea name="wrong-lines" label="Description" error=error />
    }
    .into_any()
}

fn filters() -> AnyView {
    let choices = ["training", "inference"].map(|name| Reference { id: name.to_owned(), name: name.to_owned() }).to_vec();
    view! {
        <FilterForm path=HERE query=ListQuery::default() label="Filter by name">
            <FilterSelect name="pipeline" all="All pipelines" label="Pipeline" choices=choices chosen="training".to_owned() />
        </FilterForm>
    }
    .into_any()
}

fn table() -> AnyView {
    let sorted = |label: &'static str, current: Option<&'static str>| Column {
        sort: Some(ColumnSort { href: HERE.to_owned(), current }),
        ..Column::plain(label)
    };
    let columns = vec![
        sorted("Name", Some("ascending")),
        sorted("Started", None),
        Column::plain("Status"),
        Column { number: true, ..Column::plain("Steps") },
    ];
    let row = |(name, status, steps): (&'static str, ExecutionStatus, &'static str)| {
        view! {
            <tr>
                <td>
                    <a href=HERE>{name}</a>
                </td>
                <td>{move || view! { <Ago moment=moment() /> }}</td>
                <td>
                    <StatusBadge status=status />
                </td>
                <td class="table__number">{steps}</td>
            </tr>
        }
        .into_any()
    };
    let rows = [("nightly-1", ExecutionStatus::Completed, "12"), ("nightly-2", ExecutionStatus::Running, "3")].map(row).collect_view();
    view! { <Table caption="Runs" columns=columns>{rows}</Table> }.into_any()
}

fn pages() -> AnyView {
    let href = |page: u64, size: u64| format!("{HERE}?page={page}&size={size}");
    let position = |page, total| PagePosition { page, size: 25, total_pages: u64::div_ceil(total, 25), total };
    [position(1, 0), position(1, 7), position(2, 12_400)]
        .map(|position| view! { <Pagination position=position href=href /> }.into_any())
        .collect_view()
        .into_any()
}

fn change() -> AnyView {
    let change = ShownChange {
        path: "steps.trainer.parameters.lr".to_owned(),
        old: "0.1".to_owned(),
        new: "0.01".to_owned(),
        origin: "preset small".to_owned(),
    };
    let undo = view! {
        <button type="button" class="button button--quiet button--icon button--small" aria-label="Take back">
            <Icon name="cached" />
        </button>
    };
    view! {
        <ul class="change-list" role="list">
            <ChangeRow change=change>{undo}</ChangeRow>
        </ul>
    }
    .into_any()
}

fn moment() -> Moment {
    Moment {
        millis: 1_764_000_000_000.0,
        iso: "2025-11-24T16:00:00Z".to_owned(),
        absolute: "24 Nov 2025, 16:00:00 UTC".to_owned(),
        ago: "1 y ago".to_owned(),
    }
}

fn times() -> AnyView {
    let durations = [
        Duration::default(),
        Duration { running_since: None, seconds: Some(9.2) },
        Duration { running_since: None, seconds: Some(3_849.0) },
        Duration { running_since: Some(moment().millis), seconds: Some(31_536_000.0) },
    ];
    view! {
        <div class="row">
            <Ago moment=moment() />
            {durations.map(|duration| view! { <DurationText duration=duration /> }.into_any()).collect_view()}
        </div>
    }
    .into_any()
}

fn dialog() -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    view! {
        <div class="row">
            <a class="button" href=HERE on:click=open_on_click(node)>
                "Open"
            </a>
        </div>
        <Dialog node=node id="example-dialog" title="Delete this run?">
            <p>"Its steps and logs go with it."</p>
            <div class="dialog__actions">
                <SubmitButton kind=ButtonKind::Danger>"Delete"</SubmitButton>
            </div>
        </Dialog>
    }
    .into_any()
}

fn inline_text() -> AnyView {
    view! {
        <p>
            <InlineText text="Did you mean `trainer.learning_rate`?" />
        </p>
    }
    .into_any()
}

fn editor() -> AnyView {
    let text = RwSignal::new("steps:\n  trainer:\n    parameters:\n      lr: fast\n".to_owned());
    let mark = Mark { is_error: true, line: 4, column: 11, message: "Must be a number.".to_owned() };
    view! {
        <YamlEditor
            name="yaml"
            label="Run configuration in YAML"
            text=text
            changed=Callback::new(move |typed| text.set(typed))
            ask=Callback::new(|_| String::new())
            marks=Signal::stored(vec![mark])
            line=Signal::stored(None)
        />
    }
    .into_any()
}
