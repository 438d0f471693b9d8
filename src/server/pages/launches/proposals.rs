//! Proposals on Run Details: proposing what is filled in, and the proposal that the form was opened with.
//!
//! What these show is made into HTML here; its controls are part of the form around it.

use axum::http::StatusCode;
use leptos::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{asked::Asked, draft::Draft, drafts, posted::Posted};
use crate::{
    components::{clock::Ago, field::textarea_content},
    model::{launches::Note, list::encode},
    run_configuration::{form, snapshot::Snapshot},
    server::{
        auth::Account,
        db::{
            Connection,
            pipeline_runs::PipelineRunRow,
            pipeline_snapshots::PipelineSnapshotRow,
            proposals::{ProposalRow, ProposalState},
            users::{self, UserRow},
        },
        error::{AppError, Result},
        id::Id,
        pages::{html::html, present::moment},
        service::{
            self,
            drafts::Content,
            launch_layers,
            proposals::{NewProposal, may_decide},
        },
        state::AppState,
    },
};

/// Most people that are offered.
const MOST_PEOPLE: usize = 500;

/// The part of the form that proposes; open where the URL says `propose=1`.
pub async fn form(connection: &mut Connection, user: &UserRow, values: &[(String, String)]) -> Result<String> {
    let mut people = users::launchers(connection, false, MOST_PEOPLE).await?;
    people.retain(|person| person.id != user.id);
    let is_open = values.iter().any(|(name, value)| name == "propose" && value != "0");
    Ok(html(|| form_view(people, is_open)))
}

fn form_view(people: Vec<UserRow>, is_open: bool) -> AnyView {
    let person = |person: UserRow| view! { <option value=person.id.to_string()>{person.name}</option> };
    view! {
        <details class="card card--folded" id="propose" open=is_open>
            <summary class="card__summary">"Propose this run"</summary>
            <div class="stack">
                <p class="soft">"Somebody else sees your values and launches them, or tells why not. Nothing runs before."</p>
                <div class="field">
                    <label class="field__label" for="propose_for">
                        "For"
                    </label>
                    <select class="input" id="propose_for" name="propose_for">
                        <option value="">"Anybody who may launch it"</option>
                        {people.into_iter().map(person).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label class="field__label" for="propose_note">
                        "Note"
                        <span class="field__required">"optional"</span>
                    </label>
                    <textarea class="input" id="propose_note" name="propose_note" rows="2" inner_html=textarea_content("") />
                </div>
                <button class="button" type="submit" name="action" value="propose">
                    "Propose"
                </button>
            </div>
        </details>
    }
    .into_any()
}

/// Proposes what is filled in and gives the proposal's id; else says in the draft why not, and gives the status of the
/// answer. Values of secret fields are left out.
pub async fn propose(
    state: &AppState,
    account: &Account,
    (row, snapshot): (&PipelineSnapshotRow, &Snapshot),
    posted: &Posted,
    draft: &mut Draft,
) -> Result<Result<Id, StatusCode>> {
    let refusal = if !draft.several.is_empty() {
        Some("A proposal is one run. Take the several values out first.")
    } else if Asked::of((row, snapshot), posted.value("key"), draft).is_err() {
        Some("There are problems to be solved first.")
    } else {
        None
    };
    if let Some(text) = refusal {
        draft.note = Some(Note { is_error: true, title: "Not proposed".to_owned(), text: text.to_owned() });
        return Ok(Err(StatusCode::UNPROCESSABLE_ENTITY));
    }
    let proposed = async {
        let content = Content { text: draft.text.clone(), ..Content::default() }.without_secrets(&form::all_fields(snapshot))?;
        let recipient = posted.value("propose_for");
        let recipient = (!recipient.is_empty()).then(|| recipient.parse().map_err(|_| AppError::missing("user", recipient))).transpose()?;
        let note = posted.text("propose_note").trim().to_owned();
        let digest = Sha256::digest(format!("{} {} {recipient:?} {note} {}", row.id, posted.value("key"), content.text));
        let id: Id = hex::encode(digest)[..32].parse().map_err(anyhow::Error::from)?;
        let new = NewProposal { id, recipient, note, configuration: content.text };
        let mut connection = state.db.begin().await?;
        let proposal = service::proposals::propose(&mut connection, &account.user, row, new).await?;
        if let Some(draft) = drafts::id(posted) {
            service::drafts::discard(&mut connection, account.user.id, draft).await?;
        }
        connection.commit().await?;
        state.events.send("snapshot", row.id);
        Ok::<_, AppError>(proposal.id)
    };
    match proposed.await {
        Ok(id) => Ok(Ok(id)),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => Ok(Err(draft.act(Err(error)))),
    }
}

/// Declines or withdraws a proposal.
pub async fn decide(state: &AppState, account: &Account, action: &str, id: &str, posted: &Posted) -> Result<()> {
    let id: Id = id.parse().map_err(|_| AppError::missing("proposal", id))?;
    let mut connection = state.db.begin().await?;
    let snapshot = service::proposals::get(&mut connection, &account.user, id).await?.snapshot_id;
    match action {
        "decline" => service::proposals::decline(&mut connection, &account.user, id, posted.text("decline_reason").trim()).await?,
        _ => service::proposals::withdraw(&mut connection, &account.user, id).await?,
    }
    connection.commit().await?;
    state.events.send("snapshot", snapshot);
    Ok(())
}

/// Fills a draft in with a proposal; while it is open a launch is that of the proposal.
pub async fn lay(
    connection: &mut Connection,
    user: Id,
    (row, snapshot): (&PipelineSnapshotRow, &Snapshot),
    id: &str,
    draft: &mut Draft,
) -> Result<()> {
    let missing = || AppError::NotFound("There is no such proposal for this snapshot. It may have been deleted.".to_owned());
    let user = connection.get::<UserRow>(user).await?.ok_or_else(missing)?;
    let proposal = service::proposals::get(connection, &user, id.parse().map_err(|_| missing())?).await?;
    if proposal.snapshot_id != row.id {
        return Err(missing());
    }
    let fitted = launch_layers::proposal(connection, snapshot, &proposal).await?;
    if fitted.left_out.is_empty() {
        // As it was written, comments and all.
        draft.text = proposal.configuration;
        draft.layers.push(fitted.layer);
    } else {
        draft.lay(fitted);
    }
    draft.proposal = Some(proposal.id);
    Ok(())
}

/// Takes a proposal that is not open any more off a draft, so that it can be launched as a run of its own.
pub async fn let_go(state: &AppState, user: Id, proposal: Id, draft: &mut Draft) -> Result<()> {
    let mut connection = state.db.read().await?;
    let found = match connection.get::<UserRow>(user).await? {
        Some(user) => connection.get::<ProposalRow>(proposal).await?.filter(|proposal| may_decide(&user, proposal)),
        None => None,
    };
    draft.proposal = found.map(|proposal| proposal.id);
    Ok(())
}

/// The part of Run Details that says whose proposal is shown, and what can be done with it.
pub async fn card(connection: &mut Connection, user: &UserRow, project: &str, draft: &Draft) -> Result<Option<String>> {
    let Some(id) = draft.proposal else { return Ok(None) };
    let Ok(proposal) = service::proposals::get(connection, user, id).await else { return Ok(None) };
    let people = connection
        .get_many::<UserRow>([Some(proposal.user_id), proposal.recipient_id, proposal.decided_by_id].into_iter().flatten())
        .await?;
    let run = match proposal.run_id {
        Some(run) => connection.get::<PipelineRunRow>(run).await?,
        None => None,
    };
    let name = |id: Option<Id>| id.and_then(|id| people.get(&id)).map_or_else(|| "somebody".to_owned(), |user| user.name.clone());
    let (proposer, decider) = (name(Some(proposal.user_id)), name(proposal.decided_by_id));
    let whom = proposal.recipient_id.map_or_else(|| "anybody who may launch it".to_owned(), |id| name(Some(id)));
    let outcome = match proposal.state {
        ProposalState::Open => "Open: nobody has decided yet.".to_owned(),
        ProposalState::Launched => format!("Launched by {decider}."),
        ProposalState::Declined => format!("Declined by {decider}."),
        ProposalState::Withdrawn => format!("Withdrawn by {proposer}."),
    };
    let run = run.map(|run| (format!("/projects/{}/runs/{}", encode(project), run.id), format!("Run #{}", run.run_index)));
    let (is_own, may_launch) = (proposal.user_id == user.id, may_decide(user, &proposal));
    let (may_decline, may_withdraw) = (may_launch && !is_own, is_own && proposal.state == ProposalState::Open);
    Ok(Some(html(move || {
        let id = proposal.id;
        view! {
            <section class="card proposal" aria-labelledby="proposal">
                <h2 id="proposal">{format!("Proposed by {proposer}")}</h2>
                {may_launch.then(|| view! { <input type="hidden" name="proposal" value=id.to_string() /> })}
                <p class="soft">"For " {whom} ", " <Ago moment=moment(proposal.created) /></p>
                {proposal.note.map(|note| view! { <p class="proposal__note">{note}</p> })}
                <p>{outcome} {run.map(|(href, label)| view! { " " <a href=href rel="external">{label}</a> })}</p>
                {proposal.reason.map(|reason| view! { <p class="proposal__note">{reason}</p> })}
                {may_decline.then(|| decline_view(id))}
                {may_withdraw
                    .then(|| {
                        view! {
                            <button class="button" type="submit" name="action" value=format!("withdraw:{id}")>
                                "Withdraw"
                            </button>
                        }
                    })}
            </section>
        }
        .into_any()
    })))
}

fn decline_view(id: Id) -> AnyView {
    view! {
        <p class="soft">"Run launches it with your name beside theirs, with what you change."</p>
        <details>
            <summary>"Decline it"</summary>
            <div class="stack">
                <div class="field">
                    <label class="field__label" for="decline_reason">
                        "Why"
                        <span class="field__required">"optional"</span>
                    </label>
                    <textarea class="input" id="decline_reason" name="decline_reason" rows="2" inner_html=textarea_content("") />
                </div>
                <button class="button button--danger" type="submit" name="action" value=format!("decline:{id}")>
                    "Decline"
                </button>
            </div>
        </details>
    }
    .into_any()
}
