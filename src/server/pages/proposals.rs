//! Proposals where people find them: on Home and on the page of their snapshot. Each opens Run Details, where it is launched,
//! declined or withdrawn.

use std::collections::HashMap;

use leptos::prelude::*;
use serde_json::Value;

use crate::{
    components::clock::Ago,
    model::{list::encode, roles::Action},
    run_configuration::{layers::leaves, request},
    server::{
        db::{
            Connection,
            pipeline_snapshots::PipelineSnapshotRow,
            proposals::{self, ProposalRow, ProposalState},
            users::UserRow,
        },
        error::Result,
        id::Id,
        pages::{html::html, pipeline_snapshots::days_ago, present::moment},
    },
};

/// Proposals shown at once.
const SHOWN: i64 = 10;
/// Days for which what was decided is told to who proposed it.
const TOLD_DAYS: i64 = 14;

/// What the lists say of people and snapshots.
struct Names {
    people: HashMap<Id, UserRow>,
    snapshots: HashMap<Id, PipelineSnapshotRow>,
}

impl Names {
    async fn of(connection: &mut Connection, proposals: &[ProposalRow]) -> Result<Self> {
        let (mut people, mut snapshots) = (Vec::new(), Vec::new());
        for proposal in proposals {
            people.extend([Some(proposal.user_id), proposal.recipient_id, proposal.decided_by_id].into_iter().flatten());
            snapshots.push(proposal.snapshot_id);
        }
        Ok(Self { people: connection.get_many(people).await?, snapshots: connection.get_many(snapshots).await? })
    }

    fn person(&self, id: Option<Id>) -> String {
        id.and_then(|id| self.people.get(&id)).map_or_else(|| "somebody".to_owned(), |user| user.name.clone())
    }

    fn snapshot(&self, id: Id) -> String {
        self.snapshots.get(&id).and_then(|row| row.name.clone()).unwrap_or_else(|| "Unnamed snapshot".to_owned())
    }
}

/// What others propose to an account, and what it proposed itself and is open or was decided lately; empty where there is
/// nothing.
pub async fn of_account(connection: &mut Connection, project: Id, user: &UserRow) -> Result<String> {
    let of = (project, user.id);
    let may_launch = user.role.may(Action::Launch);
    let waiting = if may_launch { proposals::open_for(connection, of, SHOWN).await? } else { Vec::new() };
    let own = proposals::made_by(connection, of, days_ago(TOLD_DAYS), SHOWN).await?;
    if waiting.is_empty() && own.is_empty() {
        return Ok(String::new());
    }
    let count = proposals::count_open_for(connection, of).await?;
    let all: Vec<ProposalRow> = waiting.iter().chain(&own).cloned().collect();
    let names = Names::of(connection, &all).await?;
    let base = "/projects/default";
    Ok(html(|| {
        let more = (count > waiting.len() as i64).then(|| view! { <p class="soft">{format!("The newest {SHOWN} of {count}.")}</p> });
        let waiting = (!waiting.is_empty()).then(|| section("proposed", format!("Proposed runs ({count})"), &waiting, &names, base, user));
        let own = (!own.is_empty()).then(|| section("own-proposals", "Your proposals".to_owned(), &own, &names, base, user));
        view! { {waiting} {more} {own} }.into_any()
    }))
}

/// The open proposals of a snapshot that an account sees; empty where there are none.
pub async fn of_snapshot(connection: &mut Connection, project: &str, user: &UserRow, row: &PipelineSnapshotRow) -> Result<String> {
    let found = proposals::open_of_snapshot(connection, (row.id, user.id), SHOWN).await?;
    if found.is_empty() {
        return Ok(String::new());
    }
    let names = Names::of(connection, &found).await?;
    let (base, title) = (format!("/projects/{}", encode(project)), format!("Proposed runs ({})", found.len()));
    Ok(html(|| section("proposed", title, &found, &names, &base, user)))
}

fn section(id: &'static str, title: String, proposals: &[ProposalRow], names: &Names, base: &str, user: &UserRow) -> AnyView {
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <ul class="proposals" role="list">
                {proposals.iter().map(|proposal| item(proposal, names, base, user)).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

fn item(proposal: &ProposalRow, names: &Names, base: &str, user: &UserRow) -> AnyView {
    let href = format!("{base}/snapshots/{}/run?proposal={}", proposal.snapshot_id, proposal.id);
    let whom = || proposal.recipient_id.map_or_else(|| "anybody".to_owned(), |id| names.person(Some(id)));
    let who = match proposal.user_id == user.id {
        true => format!("for {}", whom()),
        false => format!("by {}", names.person(Some(proposal.user_id))),
    };
    let state = match proposal.state {
        ProposalState::Open => None,
        ProposalState::Withdrawn => Some("withdrawn".to_owned()),
        decided => Some(format!("{decided} by {}", names.person(proposal.decided_by_id))),
    };
    let run = proposal.run_id.map(|run| format!("{base}/runs/{run}"));
    let configuration = request::read_text(&proposal.configuration).map(|request| request.configuration).unwrap_or_default();
    let values = match leaves(&configuration).len() {
        0 => "as saved".to_owned(),
        1 => "1 value".to_owned(),
        count => format!("{count} values"),
    };
    let label = format!("Open the proposal for {}", names.snapshot(proposal.snapshot_id));
    view! {
        <li class="proposals__proposal">
            <div class="proposals__text">
                <a href=href.clone()>{names.snapshot(proposal.snapshot_id)}</a>
                <span class="soft">{who} ", " {values} ", " <Ago moment=moment(proposal.created) /></span>
                {state.map(|state| view! { <span class="tag">{state}</span> })}
                {run.map(|run| view! { <a href=run>"Its run"</a> })}
                {proposal.note.clone().map(|note| view! { <p class="proposal__note">{note}</p> })}
                {proposal.reason.clone().map(|reason| view! { <p class="proposal__note">{format!("Why not: {reason}")}</p> })}
            </div>
            <a class="button button--small" href=href aria-label=label>
                "Open"
            </a>
        </li>
    }
    .into_any()
}

/// Who proposed what a launch started, by the origin that is stored with it.
pub async fn proposer(connection: &mut Connection, origin: &str) -> Result<Option<String>> {
    let origin: Value = serde_json::from_str(origin)?;
    let Some(id) = origin["proposal"].as_str().and_then(|id| id.parse::<Id>().ok()) else { return Ok(None) };
    let Some(proposal) = connection.get::<ProposalRow>(id).await? else { return Ok(None) };
    Ok(connection.get::<UserRow>(proposal.user_id).await?.map(|user| user.name))
}
