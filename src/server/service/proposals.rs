//! Proposals: making, seeing, launching, declining and withdrawing them.
//!
//! One that is for somebody is seen by who made it, by who it is for, and by admins; one for anybody by all. Nothing of it
//! counts before somebody launches it, with their own rights and name.

use axum::http::StatusCode;

use crate::{
    model::roles::Action,
    server::{
        db::{
            Connection,
            pipeline_snapshots::PipelineSnapshotRow,
            proposals::{self, ProposalRow, ProposalState},
            stored::Changes,
            users::UserRow,
        },
        error::{AppError, OnConflict as _, Result},
        id::Id,
        service::{names, users},
        time::Timestamp,
    },
};

/// Most open proposals of one account.
const MAX_OPEN: i64 = 50;

/// What is proposed.
#[derive(Clone, Debug)]
pub struct NewProposal {
    /// Made of the form that proposes, so that sending it twice proposes once.
    pub id: Id,
    /// None: anybody who may launch it.
    pub recipient: Option<Id>,
    pub note: String,
    /// YAML, without values of secret fields.
    pub configuration: String,
}

/// Whether an account sees a proposal.
fn sees(user: &UserRow, proposal: &ProposalRow) -> bool {
    user.is_admin() || proposal.user_id == user.id || proposal.recipient_id.is_none_or(|recipient| recipient == user.id)
}

/// Whether somebody can be asked to launch something.
fn may_be_asked(person: &UserRow) -> bool {
    person.active && !person.is_service_account && person.role.may(Action::Launch)
}

/// Whether an account may launch or decline a proposal.
pub fn may_decide(user: &UserRow, proposal: &ProposalRow) -> bool {
    let is_for = proposal.recipient_id.is_none_or(|recipient| recipient == user.id);
    proposal.state == ProposalState::Open && (is_for || user.is_admin())
}

/// The proposal with this id, if the account sees it.
pub async fn get(connection: &mut Connection, user: &UserRow, id: Id) -> Result<ProposalRow> {
    let proposal = connection.get::<ProposalRow>(id).await?.filter(|proposal| sees(user, proposal));
    proposal.ok_or_else(|| AppError::NotFound("There is no such proposal. Its snapshot may have been deleted.".to_owned()))
}

/// Proposes a run of a snapshot.
///
/// # Errors
/// 400 where the account has too many open proposals, where the recipient is nobody who may launch it, or for a note that is too long.
pub async fn propose(connection: &mut Connection, user: &UserRow, snapshot: &PipelineSnapshotRow, new: NewProposal) -> Result<ProposalRow> {
    if let Some(proposal) = connection.get::<ProposalRow>(new.id).await?.filter(|proposal| proposal.user_id == user.id) {
        return Ok(proposal);
    }
    names::length(&new.note, names::MAX_TEXT_LENGTH, "note")?;
    if let Some(recipient) = new.recipient {
        let person = connection.get::<UserRow>(recipient).await?.filter(may_be_asked);
        let person = person.ok_or_else(|| AppError::Invalid("That person cannot launch it any more. Choose another one.".to_owned()))?;
        if person.id == user.id {
            return Err(AppError::Invalid("This would be a proposal to yourself. Choose somebody else, or anybody.".to_owned()));
        }
    }
    if proposals::count_open_of(connection, user.id).await? >= MAX_OPEN {
        return Err(AppError::Invalid(format!("You have {MAX_OPEN} open proposals already. Withdraw some first.")));
    }
    let now = Timestamp::now();
    let proposal = ProposalRow {
        id: new.id,
        created: now,
        updated: now,
        user_id: user.id,
        project_id: snapshot.project_id,
        snapshot_id: snapshot.id,
        recipient_id: new.recipient,
        state: ProposalState::Open,
        note: Some(new.note).filter(|note| !note.is_empty()),
        configuration: new.configuration,
        decided_by_id: None,
        decided: None,
        reason: None,
        run_id: None,
    };
    connection.insert(&proposal).await.on_conflict(|| AppError::Exists("This was proposed already.".to_owned()))?;
    Ok(proposal)
}

/// The open proposal that somebody decides about, locked.
///
/// # Errors
/// 404 for one that the account does not see, 403 for one that is for somebody else, 409 for one that is decided.
async fn open(connection: &mut Connection, user: &UserRow, id: Id) -> Result<ProposalRow> {
    get(connection, user, id).await?;
    let proposal = connection.get_locked::<ProposalRow>(id).await?.ok_or_else(|| AppError::missing("proposal", id))?;
    if proposal.state != ProposalState::Open {
        let message =
            format!("This proposal was {} meanwhile. Your values are kept: Run launches them as a run of your own.", proposal.state);
        return Err(AppError::Plain(StatusCode::CONFLICT, message));
    }
    Ok(proposal)
}

fn decided(user: Id, state: ProposalState) -> Changes {
    Changes::new().set("state", state).set("decided_by_id", user).set("decided", Timestamp::now())
}

/// Declines a proposal, with the reason for who made it.
///
/// # Errors
/// 403 for one that is for somebody else; 409 for one that was decided or withdrawn before; 400 for a reason that is too long.
pub async fn decline(connection: &mut Connection, user: &UserRow, id: Id, reason: &str) -> Result<()> {
    names::length(reason, names::MAX_TEXT_LENGTH, "reason")?;
    let proposal = open(connection, user, id).await?;
    refuse_others(user, &proposal)?;
    let changes = decided(user.id, ProposalState::Declined).set("reason", Some(reason.to_owned()).filter(|reason| !reason.is_empty()));
    connection.update::<ProposalRow>(id, changes).await?;
    Ok(())
}

/// Notes in the transaction of a launch that it is what was proposed. Errors are those of [`decline`].
pub async fn launched(connection: &mut Connection, user: Id, id: Id, run: Id) -> Result<()> {
    let user = users::get(connection, user).await?;
    let proposal = open(connection, &user, id).await?;
    refuse_others(&user, &proposal)?;
    connection.update::<ProposalRow>(id, decided(user.id, ProposalState::Launched).set("run_id", run)).await?;
    Ok(())
}

fn refuse_others(user: &UserRow, proposal: &ProposalRow) -> Result<()> {
    match may_decide(user, proposal) {
        true => Ok(()),
        false => Err(AppError::Forbidden("This proposal is for somebody else to decide.".to_owned())),
    }
}

/// Takes a proposal back; only who made it may.
///
/// # Errors
/// 403 for another's; 409 for one that was decided before.
pub async fn withdraw(connection: &mut Connection, user: &UserRow, id: Id) -> Result<()> {
    let proposal = open(connection, user, id).await?;
    if proposal.user_id != user.id {
        return Err(AppError::Forbidden("Only who made a proposal withdraws it. You may decline it.".to_owned()));
    }
    connection.update::<ProposalRow>(id, Changes::new().set("state", ProposalState::Withdrawn)).await?;
    Ok(())
}
