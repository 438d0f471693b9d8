//! The list of snapshots as HTML: a table or cards, what each offers, and what stands there when there are none.

use leptos::prelude::*;

use super::{list::USUAL_SORT, removal};
use crate::{
    components::{
        clock::Ago,
        empty_state::{EmptyState, FilteredOut},
        icon::Icon,
        pagination::Pagination,
        table::{Column, Table},
    },
    model::{
        list::{ListQuery, Listing, encode, grouped},
        pipeline_snapshots::{SnapshotPlace, SnapshotRow},
        roles::Action,
    },
    pages::{
        pipeline_snapshots::list::CanRun,
        reader::{allowed, may},
    },
    server::pages::run_table::latest_run_link,
};

/// Id of the form that buttons in rows send, each to its own address: the list itself may be inside of another form.
const POST_FORM: &str = "post";

/// Where the list stands, and what it shows besides rows.
struct Place {
    /// Path of the project.
    base: String,
    /// Path of the list.
    path: String,
    with_pipeline: bool,
    /// Rows can be chosen, to be taken off the list.
    selectable: bool,
}

/// Rows or cards with the pages; what was just removed stands above them.
pub fn content(list: Listing<SnapshotRow>, query: &ListQuery, project: &str, place: SnapshotPlace) -> AnyView {
    let base = format!("/projects/{}", encode(project));
    let path = match place {
        SnapshotPlace::Project => format!("{base}/snapshots"),
        SnapshotPlace::Pipeline => format!("{base}/pipelines/{}/snapshots", encode(&query.pipeline)),
        SnapshotPlace::Choice => format!("{base}/run"),
    };
    let with_pipeline = place != SnapshotPlace::Pipeline;
    // The pipeline of its own page is in the path.
    let query = &if with_pipeline { query.clone() } else { ListQuery { pipeline: String::new(), ..query.clone() } };
    let selectable = place == SnapshotPlace::Project && !query.unused.is_empty() && query.unnamed.is_empty() && !list.rows.is_empty();
    let place = Place { base, path, with_pipeline, selectable };
    let removed = removal::removed(&query.removed, &place.base);
    let content = if list.rows.is_empty() { none(query, &place) } else { filled(list, query, &place) };
    view! {
        {removed}
        <form id=POST_FORM method="post"></form>
        {content}
    }
    .into_any()
}

fn filled(list: Listing<SnapshotRow>, query: &ListQuery, place: &Place) -> AnyView {
    let position = list.position;
    let rows = if query.shows_cards() { cards(list.rows, place) } else { table(list.rows, query, place) };
    let (page_query, page_path) = (query.clone(), place.path.clone());
    let list = view! {
        {rows}
        <Pagination position=position href=move |page, size| ListQuery { page, size, ..page_query.clone() }.href(&page_path) />
    };
    if !place.selectable {
        return view! { <div>{list}</div> }.into_any();
    }
    view! {
        <form class="stack" method="get" action=format!("{}/snapshots/remove", place.base)>
            <div class="row">
                <p class="soft">"Choose what nobody needs any more. Taking it off the list keeps its runs."</p>
                <button class="button" type="submit">
                    "Remove from list…"
                </button>
            </div>
            <div>{list}</div>
        </form>
    }
    .into_any()
}

fn table(rows: Vec<SnapshotRow>, query: &ListQuery, place: &Place) -> AnyView {
    let column = |label: &'static str, key: &str| Column::sorted(label, query, key, USUAL_SORT, &place.path);
    let number = |label: &'static str| Column { number: true, ..Column::plain(label) };
    let mut columns = vec![column("Snapshot", "name")];
    if place.with_pipeline {
        columns.push(column("Pipeline", "pipeline"));
    }
    columns.extend([
        column("Stack", "stack"),
        Column::plain("Can run"),
        number("Parameters"),
        column("Last run", "latest_run"),
        number("Runs 30 d"),
        column("Created", "created"),
        Column::plain(""),
    ]);
    let rows = rows.into_iter().map(|snapshot| row(snapshot, place)).collect_view();
    view! {
        <Table caption="Snapshots" columns=columns folds=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(snapshot: SnapshotRow, place: &Place) -> AnyView {
    let path = format!("{}/snapshots/{}", place.base, snapshot.id);
    let actions = actions(&snapshot, place);
    let pipeline = snapshot.pipeline.clone();
    let choice = choice(&snapshot, place);
    view! {
        <tr>
            <th scope="row" class="table__name">
                <span class="snapshot-name">
                    {choice}
                    <span>
                        <a href=path>{snapshot.title()}</a>
                        {snapshot.description.map(|text| view! { <span class="table__sub table__sub--line">{plain(&text)}</span> })}
                        {tags(snapshot.tags)}
                    </span>
                </span>
            </th>
            {place
                .with_pipeline
                .then(|| {
                    view! {
                        <td class="table__text table__text--wide">
                            <a href=format!("{}/pipelines/{}", place.base, pipeline.id)>{pipeline.name}</a>
                        </td>
                    }
                })}
            <td class="table__text">{snapshot.stack.map(|stack| view! { <a href=format!("/stacks/{}", stack.id)>{stack.name}</a> })}</td>
            <td>
                <CanRun runnable=snapshot.runnable />
            </td>
            <td class="table__number">{grouped(snapshot.parameter_count)}</td>
            <td>
                {latest_run_link(snapshot.latest_run, &place.base)}
            </td>
            <td class="table__number">{grouped(snapshot.recent_runs)}</td>
            <td>
                <Ago moment=snapshot.created />
                {snapshot.user.map(|user| view! { <span class="table__sub">{format!("by {user}")}</span> })}
            </td>
            <td class="table__actions">{actions}</td>
        </tr>
    }
    .into_any()
}

fn cards(rows: Vec<SnapshotRow>, place: &Place) -> AnyView {
    view! {
        <ul class="snapshot-cards" role="list">
            {rows.into_iter().map(|snapshot| card(snapshot, place)).collect_view()}
        </ul>
    }
    .into_any()
}

fn card(snapshot: SnapshotRow, place: &Place) -> AnyView {
    let path = format!("{}/snapshots/{}", place.base, snapshot.id);
    let actions = actions(&snapshot, place);
    let choice = choice(&snapshot, place);
    let parameters = parameters_in_words(&snapshot);
    view! {
        <li class="snapshot-card">
            <div class="snapshot-card__head">
                <h2 class="snapshot-name">
                    {choice}
                    <a href=path>{snapshot.title()}</a>
                </h2>
            </div>
            <p class="snapshot-card__text">{snapshot.description.map(|text| plain(&text))}</p>
            <p class="snapshot-card__facts">
                {place
                    .with_pipeline
                    .then(|| {
                        let href = format!("{}/pipelines/{}", place.base, snapshot.pipeline.id);
                        view! { <span><a href=href>{snapshot.pipeline.name.clone()}</a></span> }
                    })}
                {snapshot.stack.map(|stack| view! { <span>{format!("on {}", stack.name)}</span> })}
                <span>{parameters}</span>
            </p>
            {tags(snapshot.tags)}
            <div class="snapshot-card__foot">
                {match snapshot.latest_run {
                    Some(run) => latest_run_link(Some(run), &place.base),
                    None => view! { <span class="faint">"Not run yet"</span> }.into_any(),
                }}
                <span class="snapshot-card__actions">
                    {(!snapshot.runnable).then(|| view! { <span class="tag">"Cannot run"</span> })} {actions}
                </span>
            </div>
        </li>
    }
    .into_any()
}

/// How many parameters a run can change.
pub fn parameters_in_words(snapshot: &SnapshotRow) -> String {
    match snapshot.parameter_count {
        0 => "No parameters".to_owned(),
        1 => "1 parameter".to_owned(),
        count => format!("{} parameters", grouped(count)),
    }
}

/// The box that chooses a snapshot.
fn choice(snapshot: &SnapshotRow, place: &Place) -> Option<AnyView> {
    let label = format!("Choose {}", snapshot.title());
    let choice = || view! { <input type="checkbox" name="id" value=snapshot.id.clone() aria-label=label /> }.into_any();
    (place.selectable && snapshot.name.is_some() && may(Action::Edit)).then(choice)
}

fn tags(tags: Vec<String>) -> Option<AnyView> {
    let shown = |tag: String| view! { <span class="tag">{tag}</span> " " };
    (!tags.is_empty()).then(|| view! { <span class="table__sub">{tags.into_iter().map(shown).collect_view()}</span> }.into_any())
}

/// The first line of a description in Markdown, without its marks.
pub fn plain(text: &str) -> String {
    let line = text.lines().map(|line| line.trim_start_matches(['#', '>', '-', '*', ' '])).find(|line| !line.is_empty());
    line.unwrap_or_default().replace(['*', '`'], "")
}

/// Run, and the menu of everything else.
fn actions(snapshot: &SnapshotRow, place: &Place) -> AnyView {
    let path = format!("{}/snapshots/{}", place.base, snapshot.id);
    let title = snapshot.title();
    let run = snapshot.runnable.then(|| {
        allowed(Action::Launch, "button button--small", "", "Run", || {
            view! {
                <a class="button button--small" href=format!("{path}/run") aria-label=format!("Run {title}")>
                    "Run"
                </a>
            }
            .into_any()
        })
    });
    let (id, base) = (snapshot.id.clone(), &place.base);
    let item = |href: String, icon: &'static str, label: &'static str| {
        view! {
            <a class="menu__item" href=href>
                <Icon name=icon />
                {label}
            </a>
        }
        .into_any()
    };
    let named = snapshot.name.is_some();
    let edit_label = if named { "Rename, edit description and tags" } else { "Give it a name" };
    let edit = || item(format!("{path}/edit"), "edit", edit_label);
    let duplicate = || {
        view! {
            <button class="menu__item" type="submit" form=POST_FORM formaction=format!("{path}/preset")>
                <Icon name="copy" />
                "Duplicate as preset"
            </button>
        }
        .into_any()
    };
    let remove = || {
        view! {
            <a class="menu__item menu__item--danger" href=format!("{base}/snapshots/remove?id={id}")>
                <Icon name="close" />
                "Remove from list…"
            </a>
        }
        .into_any()
    };
    // In the top layer, because tables scroll inside a box that would cut it off.
    view! {
        <span class="snapshot-actions">{run}
        <button
            type="button"
            class="button button--icon button--small button--quiet"
            popovertarget=format!("menu-{id}")
            style=format!("anchor-name:--menu-{id}")
            aria-label=format!("More actions for {title}")
        >
            <Icon name="more" />
        </button></span>
        <div popover="auto" id=format!("menu-{id}") class="menu__panel menu__panel--popover" style=format!("position-anchor:--menu-{id}")>
            {item(path.clone(), "snapshots", "Open")}
            {item(format!("{base}/snapshots/compare?a={id}"), "compare", "Compare with…")}
            {allowed(Action::Edit, "menu__item", "edit", edit_label, edit)}
            {allowed(Action::Edit, "menu__item", "copy", "Duplicate as preset", duplicate)}
            {named.then(|| allowed(Action::Edit, "menu__item", "close", "Remove from list…", remove))}
        </div>
    }
    .into_any()
}

fn none(query: &ListQuery, place: &Place) -> AnyView {
    if query.is_filtered() {
        let filters = query.without_each(
            &place.path,
            &[
                ("Any name", |query| &mut query.q),
                ("Can run or not", |query| &mut query.status),
                ("Any pipeline", |query| &mut query.pipeline),
                ("Any stack", |query| &mut query.stack),
                ("Any tag", |query| &mut query.tag),
                ("By anyone", |query| &mut query.user),
                ("Any use", |query| &mut query.unused),
            ],
        );
        let clear = query
            .with(|query| *query = ListQuery { view: query.view.clone(), unnamed: query.unnamed.clone(), ..ListQuery::default() })
            .href(&place.path);
        return view! { <FilteredOut thing="snapshot" filters=filters clear=clear /> }.into_any();
    }
    let new = format!("{}/snapshots/new", place.base);
    view! {
        <EmptyState
            title="No snapshots yet"
            text="A snapshot is a copy of a pipeline that anybody may run again with other parameters. Make one of a run, or from the command line:"
        >
            <pre class="code-line">"zenml pipeline snapshot create MODULE.PIPELINE --name NAME"</pre>
            {allowed(
                Action::Edit,
                "button button--primary",
                "",
                "New Snapshot",
                || {
                    view! {
                        <a class="button button--primary" href=new>
                            "New Snapshot"
                        </a>
                    }.into_any()
                },
            )}
        </EmptyState>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_description_is_told_by_its_first_line() {
        assert_eq!(plain("\n## Nightly **training**\n\nOf `x`."), "Nightly training");
        assert_eq!(plain(""), "");
    }
}
