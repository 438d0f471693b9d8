//! Proposals: runs that somebody filled in for somebody else to launch.

use std::{fmt, str::FromStr};

use super::{Connection, DbError, Value};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// Nobody decided yet.
    Open,
    Launched,
    Declined,
    /// Taken back by who proposed it.
    Withdrawn,
}

impl ProposalState {
    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Launched => "launched",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for ProposalState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ProposalState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Open, Self::Launched, Self::Declined, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a state of a proposal"))
    }
}

crate::stored_as_text!(ProposalState);

impl From<ProposalState> for Value {
    fn from(state: ProposalState) -> Self {
        state.as_str().into()
    }
}

impl From<&ProposalState> for Value {
    fn from(state: &ProposalState) -> Self {
        (*state).into()
    }
}

stored! {
    /// A proposal.
    pub struct ProposalRow in "proposals" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        /// Who proposes.
        user_id: Id,
        project_id: Id,
        snapshot_id: Id,
        /// None: anybody who may launch it.
        recipient_id: Option<Id>,
        state: ProposalState,
        note: Option<String>,
        /// YAML as it was written.
        configuration: String,
        /// Who launched or declined it.
        decided_by_id: Option<Id>,
        decided: Option<Timestamp>,
        /// Why it was declined.
        reason: Option<String>,
        run_id: Option<Id>,
    }
}

/// The open proposals of a project that others made for an account, or for anybody; the newest first, at most `limit`.
pub async fn open_for(connection: &mut Connection, (project, user): (Id, Id), limit: i64) -> Result<Vec<ProposalRow>, DbError> {
    let condition = "project_id = $1 and state = $2 and user_id <> $3 and (recipient_id is null or recipient_id = $3) \
                     order by created desc, id limit $4";
    connection.find_all(condition, args![project, ProposalState::Open, user, limit]).await
}

/// How many open proposals there are for an account.
pub async fn count_open_for(connection: &mut Connection, (project, user): (Id, Id)) -> Result<i64, DbError> {
    let sql = "select count(*) from proposals \
               where project_id = $1 and state = $2 and user_id <> $3 and (recipient_id is null or recipient_id = $3)";
    connection.count(sql, args![project, ProposalState::Open, user]).await
}

/// What an account proposed in a project: what is open or was changed since, the newest first, at most `limit`.
pub async fn made_by(
    connection: &mut Connection,
    (project, user): (Id, Id),
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ProposalRow>, DbError> {
    let condition = "user_id = $1 and project_id = $2 and (state = $3 or updated >= $4) order by updated desc, id limit $5";
    connection.find_all(condition, args![user, project, ProposalState::Open, since, limit]).await
}

/// The open proposals of a snapshot that an account sees, the newest first, at most `limit`.
pub async fn open_of_snapshot(connection: &mut Connection, (snapshot, user): (Id, Id), limit: i64) -> Result<Vec<ProposalRow>, DbError> {
    let condition = "snapshot_id = $1 and state = $2 and (recipient_id is null or recipient_id = $3 or user_id = $3) \
                     order by created desc, id limit $4";
    connection.find_all(condition, args![snapshot, ProposalState::Open, user, limit]).await
}

/// How many open proposals an account has made.
pub async fn count_open_of(connection: &mut Connection, user: Id) -> Result<i64, DbError> {
    connection.count("select count(*) from proposals where user_id = $1 and state = $2", args![user, ProposalState::Open]).await
}
