//! The named snapshots of the same pipeline, newest first, each with a way to see what changed.

use leptos::prelude::*;

use super::{list_view, rows};
use crate::{
    components::{
        clock::Ago,
        table::{Column, Table},
    },
    model::{list::grouped, pipeline_snapshots::SnapshotRow},
    pages::pipeline_snapshots::list::CanRun,
    server::{
        db::{
            Connection,
            list::ListRequest,
            pipeline_snapshots::{self, PipelineSnapshotRow},
        },
        error::Result,
        pages::html::html,
    },
};

/// Snapshots shown.
const SHOWN: u64 = 50;

/// The history that a snapshot belongs to.
pub async fn section(connection: &mut Connection, snapshot: &PipelineSnapshotRow, base: &str) -> Result<String> {
    let request = ListRequest { page: 1, size: SHOWN, sort_by: "desc:created".to_owned(), ..ListRequest::default() };
    let request = request.with("named_only", "true").with("pipeline", snapshot.pipeline_id.to_string());
    let page = pipeline_snapshots::list(connection, snapshot.project_id, &request).await?;
    let (total, own) = (page.total, snapshot.id.to_string());
    let rows = rows(connection, &page.items).await?;
    Ok(html(|| shown(rows, total, &own, base)))
}

fn shown(rows: Vec<SnapshotRow>, total: u64, own: &str, base: &str) -> AnyView {
    // There is something to compare, and something to have changed.
    let has_others = rows.len() > 1;
    let mut columns = vec![Column::plain("Snapshot")];
    if has_others {
        columns.insert(0, Column::plain("Compare"));
    }
    columns.extend([
        Column::plain("Created"),
        Column::plain("By"),
        Column::plain("Can run"),
        Column { number: true, ..Column::plain("Runs 30 d") },
    ]);
    if has_others {
        columns.push(Column::plain("Changes"));
    }
    let older: Vec<Option<SnapshotRow>> = rows.iter().skip(1).cloned().map(Some).chain([None]).collect();
    // What is compared at first: this snapshot with the one before it.
    let position = rows.iter().position(|row| row.id == own);
    let before = position.and_then(|position| rows.get(position + 1)).or(rows.iter().find(|row| row.id != own)).map(|row| row.id.clone());
    let row = |(snapshot, older): (SnapshotRow, Option<SnapshotRow>)| {
        let radio = |name: &'static str, label: &'static str, checked: bool| {
            view! {
                <label class="choice choice--small">
                    <input type="radio" name=name value=snapshot.id.clone() checked=checked aria-label=format!("{} as {label}", snapshot.title()) />
                    <span aria-hidden="true">{label}</span>
                </label>
            }
        };
        let is_own = snapshot.id == own;
        let radios = view! { {radio("a", "A", before.as_deref() == Some(&snapshot.id))} {radio("b", "B", is_own)} };
        let description = snapshot.description.as_deref().map(list_view::plain);
        let changes = older
            .map(|older| {
                let href = format!("{base}/snapshots/compare?a={}&b={}", older.id, snapshot.id);
                let label = format!("What changed from {} to {}", older.title(), snapshot.title());
                view! {
                    <a href=href aria-label=label>
                        "Diff to previous"
                    </a>
                }
                .into_any()
            })
            .unwrap_or_else(|| view! { <span class="faint">"–"</span> }.into_any());
        view! {
            <tr>
                {has_others.then(|| view! { <td class="history__choices">{radios}</td> })}
                <th scope="row" class="table__name">
                    <a href=format!("{base}/snapshots/{}", snapshot.id)>{snapshot.title()}</a>
                    {is_own.then(|| view! { " " <span class="tag">"this one"</span> })}
                    {description.map(|text| view! { <span class="table__sub table__sub--line">{text}</span> })}
                </th>
                <td>
                    <Ago moment=snapshot.created.clone() />
                </td>
                <td class="table__text">{snapshot.user.clone()}</td>
                <td>
                    <CanRun runnable=snapshot.runnable />
                </td>
                <td class="table__number">{grouped(snapshot.recent_runs)}</td>
                {has_others.then(|| view! { <td>{changes}</td> })}
            </tr>
        }
    };
    let more = (total > rows.len() as u64).then(|| format!("The newest {} of {}.", rows.len(), grouped(total)));
    if rows.is_empty() {
        return view! { <p class="soft">"No snapshot of this pipeline has a name."</p> }.into_any();
    }
    let rows = rows.into_iter().zip(older).map(row).collect_view();
    if !has_others {
        return view! {
            <section class="section">
                <h2>"Named snapshots of the pipeline"</h2>
                <Table caption="Named snapshots of the pipeline" columns=columns>
                    {rows}
                </Table>
                <p class="soft">
                    "There is one so far. With the second one, this says what changed from each to the next, and any two can be compared."
                </p>
            </section>
        }
        .into_any();
    }
    view! {
        <form class="section" method="get" action=format!("{base}/snapshots/compare")>
            <div class="section__head">
                <h2>"Named snapshots of the pipeline"</h2>
                <button class="button button--small" type="submit">
                    "Compare A with B"
                </button>
            </div>
            <Table caption="Named snapshots of the pipeline" columns=columns>
                {rows}
            </Table>
            {more.map(|text| view! { <p class="soft">{text}</p> })}
        </form>
    }
    .into_any()
}
