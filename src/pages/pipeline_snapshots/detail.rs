//! One snapshot: what it is and does, whether it can be run and why not, how it is used, how to run it.
//!
//! What its tabs only show is made by the server.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::form::{FormOf, SnapshotForm};
use crate::{
    components::{
        code_block::CodeBlock,
        dialog::{Dialog, DialogRef, open_on_click},
        icon::Icon,
        inline_text::InlineText,
        live::use_events,
        page_header::{Crumb, PageHeader},
        server_html::ServerHtml,
    },
    model::{
        form::FormState,
        list::encode,
        page_request::PageRequest,
        pipeline_snapshots::{CodeExample, FORM_TAB, SNAPSHOT_TABS, SnapshotDetail},
        readiness::{Check, CheckState, Readiness},
        roles::Action,
    },
    pages::{
        data::{PageResource, parameter, project, show},
        reader::{Denied, allowed, may},
    },
};

/// `/projects/:project/snapshots/:snapshot`
#[component]
pub fn SnapshotPage() -> impl IntoView {
    let (project, id, query) = (project(), parameter("snapshot"), use_query_map());
    let value = move |name: &'static str| Memo::new(move |_| query.with(|query| query.get(name)).unwrap_or_default());
    let (tab, search) = (value("tab"), value("q"));
    let snapshot: PageResource<SnapshotDetail> = PageResource::new(move || PageRequest::Snapshot {
        project: project.get(),
        snapshot: id.get(),
        tab: tab.get(),
        search: search.get(),
    });
    use_events(move |kind, event| kind == "run" || event == id.get_untracked(), move || snapshot.refetch());
    let edit = DialogRef::new();
    let path = move || format!("/projects/{}/snapshots/{}", encode(&project.get()), encode(&id.get()));
    // The tabs and the dialog stand beside what is drawn anew with every change.
    let dialog = may(Action::Edit).then(|| {
        let texts = PageResource::new(move || PageRequest::SnapshotTexts { project: project.get(), snapshot: id.get() });
        show(texts, move |texts: crate::model::pipeline_snapshots::SnapshotTexts| {
            let of = FormOf { project: project.get_untracked(), pipeline: texts.pipeline.clone(), snapshot: id.get_untracked() };
            let action = format!("{}/edit", path());
            view! {
                <Dialog node=edit id="edit-snapshot" title="Name, description and tags">
                    <SnapshotForm action=action of=of texts=texts form=FormState::default() submit="Save" />
                </Dialog>
            }
            .into_any()
        })
    });
    view! {
        {show(snapshot, move |detail| head(&detail, &project.get_untracked(), edit))}
        <SnapshotTabs path=Signal::derive(path) tab=tab />
        {show(snapshot, content)}
        {dialog}
    }
    .into_any()
}

/// The tabs of a snapshot, of which one is shown.
#[component]
pub fn SnapshotTabs(
    /// Path of the snapshot.
    #[prop(into)]
    path: Signal<String>,
    #[prop(into)] tab: Signal<String>,
) -> impl IntoView {
    let is_current = move |key: &str| {
        let wanted = tab.get();
        let known = SNAPSHOT_TABS.iter().find(|(known, _)| *known == wanted).unwrap_or(&SNAPSHOT_TABS[0]).0;
        (known == key).then_some("page")
    };
    let link = move |(key, label): (&'static str, &'static str)| {
        let href = move || match key {
            FORM_TAB => format!("{}/form", path.get()),
            key if key == SNAPSHOT_TABS[0].0 => path.get(),
            key => format!("{}?tab={key}", path.get()),
        };
        view! {
            <a class="tabs__tab" href=href aria-current=move || is_current(key) data-noscroll="true">
                {label}
            </a>
        }
        .into_any()
    };
    view! {
        <nav class="tabs" aria-label="Snapshot">
            {SNAPSHOT_TABS.into_iter().map(link).collect_view()}
        </nav>
    }
}

/// Heading, facts and actions.
fn head(detail: &SnapshotDetail, project: &str, edit: DialogRef) -> AnyView {
    let base = format!("/projects/{}", encode(project));
    let path = format!("{base}/snapshots/{}", detail.id);
    let crumbs = vec![
        Crumb::new("Snapshots", format!("{base}/snapshots")),
        Crumb::new(detail.pipeline.name.clone(), format!("{base}/pipelines/{}/snapshots", detail.pipeline.id)),
    ];
    let facts = view! { <div class="page-header__facts" inner_html=detail.facts.clone()></div> }.into_any();
    let (named, has_code) = (!detail.texts.name.is_empty(), detail.has_code);
    let run = || {
        view! {
            <a class="button button--primary" href=format!("{path}/run")>
                <Icon name="runs" />
                "Run Snapshot"
            </a>
        }
        .into_any()
    };
    let run = detail.runnable.then(|| match detail.denied.clone() {
        None => run(),
        Some(reason) => view! { <Denied class="button button--primary" icon="runs" label="Run Snapshot" reason=reason /> }.into_any(),
    });
    let item = |href: String, icon: &'static str, label: &'static str, rel: Option<&'static str>| {
        view! {
            <a class="menu__item" href=href rel=rel download=rel.map(|_| "")>
                <Icon name=icon />
                {label}
            </a>
        }
        .into_any()
    };
    let remove = || {
        view! {
            <a class="menu__item menu__item--danger" href=format!("{base}/snapshots/remove?id={}", detail.id)>
                <Icon name="close" />
                "Remove from list…"
            </a>
        }
        .into_any()
    };
    let remove = named.then(|| allowed(Action::Edit, "menu__item", "close", "Remove from list…", remove));
    let edit_label = if named { "Rename, edit description and tags" } else { "Give it a name" };
    let edit_path = format!("{path}/edit");
    let edit = move || {
        view! {
            <a class="menu__item" href=edit_path on:click=open_on_click(edit)>
                <Icon name="edit" />
                {edit_label}
            </a>
        }
        .into_any()
    };
    let compare = item(format!("{base}/snapshots/compare?b={}", detail.id), "compare", "Compare with…", None);
    let code = has_code.then(|| item(format!("{path}/code"), "download", "Download Code", Some("external")));
    view! {
        <Title text=detail.title.clone() />
        <PageHeader title=detail.title.clone() crumbs=crumbs facts=Some(facts)>
            {run}
            <details class="menu">
                <summary class="button button--icon" aria-label="More actions">
                    <Icon name="more" />
                </summary>
                <div class="menu__panel">
                    {allowed(Action::Edit, "menu__item", "edit", edit_label, edit)}
                    {compare} {code} {remove}
                </div>
            </details>
        </PageHeader>
    }
    .into_any()
}

/// What the tab shows.
fn content(detail: SnapshotDetail) -> AnyView {
    let examples = (!detail.examples.is_empty()).then(|| view! { <Examples examples=detail.examples /> }.into_any());
    let html = (!detail.html.is_empty()).then(|| view! { <ServerHtml html=detail.html class="stack stack--wide" /> }.into_any());
    match detail.readiness {
        Some(readiness) => view! {
            <div class="columns">
                {html}
                <aside class="stack stack--wide">
                    <ReadinessList readiness=readiness />
                </aside>
            </div>
        }
        .into_any(),
        None => view! { <div class="stack stack--wide">{html} {examples}</div> }.into_any(),
    }
}

/// The checklist: what was looked at, what was found, what to do.
#[component]
pub fn ReadinessList(readiness: Readiness) -> impl IntoView {
    let title = if readiness.runnable() { "Ready to run" } else { "Cannot be run here" };
    view! {
        <section class="card" aria-labelledby="readiness">
            <h2 id="readiness">{title}</h2>
            <ul class="checklist" role="list">
                {readiness.checks.into_iter().map(check).collect_view()}
            </ul>
        </section>
    }
}

fn check(check: Check) -> AnyView {
    let (class, icon, word) = match check.state {
        CheckState::Pass => ("checklist__item checklist__item--pass", "completed", "Passes:"),
        CheckState::Fail => ("checklist__item checklist__item--fail", "failed", "Fails:"),
        CheckState::Unknown => ("checklist__item", "info", "Not known:"),
    };
    let mut name = check.name.as_str().to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    view! {
        <li class=class>
            <Icon name=icon />
            <div>
                <span class="visually-hidden">{word}</span>
                <strong>{name}</strong>
                <p>
                    <InlineText text=check.message />
                </p>
                {check.fix.map(|fix| view! { <p class="checklist__fix"><InlineText text=fix /></p> }.into_any())}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Examples(examples: Vec<CodeExample>) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="examples">
            <h2 id="examples">"Run it from code"</h2>
            {examples
                .into_iter()
                .map(|example| {
                    view! {
                        <div class="section">
                            <h3>{example.label.clone()}</h3>
                            <CodeBlock code=example.code label=example.label />
                        </div>
                    }.into_any()
                })
                .collect_view()}
        </section>
    }
}
