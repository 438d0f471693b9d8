//! Who may run a snapshot, besides having a role that launches: everybody, editors, or those who are named.
//!
//! The rule of a snapshot is its own; else that of the snapshot it was made from, so that running a run again is no way around
//! it. It holds for every way to launch, and for triggers, which launch as their owner.

use crate::{
    model::{
        pipeline_snapshots::MayRun,
        readiness::{Check, CheckName},
        roles::{Action, Role},
    },
    server::{
        auth::roles::whom_to_ask,
        db::{Connection, pipeline_snapshots::PipelineSnapshotRow, snapshot_access, users::UserRow},
        error::{AppError, Result},
        id::Id,
        launch::readiness::{fail, pass},
        service::{service_accounts, users},
    },
};

/// Who may run a snapshot.
#[derive(Clone, Debug)]
pub struct Access {
    pub may_run: MayRun,
    /// Those who are named, where some are.
    pub named: Vec<UserRow>,
    /// Whether the rule is that of the snapshot it was made from.
    pub inherited: bool,
}

impl Access {
    fn lets(&self, user: &UserRow) -> bool {
        match self.may_run {
            MayRun::Operators => true,
            MayRun::Editors => user.role >= Role::Editor,
            MayRun::Named => user.role == Role::Admin || self.named.iter().any(|named| named.id == user.id),
        }
    }

    /// The rule in a sentence.
    pub fn in_words(&self) -> String {
        match self.may_run {
            MayRun::Operators => "Everybody with the role operator or more may run it.".to_owned(),
            MayRun::Editors => "Editors and admins may run it.".to_owned(),
            MayRun::Named if self.named.is_empty() => "Admins may run it, and nobody else.".to_owned(),
            MayRun::Named => {
                let names: Vec<&str> = self.named.iter().map(|user| user.name.as_str()).collect();
                format!("Admins and these accounts may run it: {}.", names.join(", "))
            }
        }
    }
}

/// Who may run a snapshot.
pub async fn of(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<Access> {
    for id in [Some(snapshot.id), snapshot.source_snapshot_id].into_iter().flatten() {
        let Some(may_run) = snapshot_access::of(connection, id).await? else { continue };
        let ids = snapshot_access::named(connection, id).await?;
        let mut users = connection.get_many::<UserRow>(ids.iter().copied()).await?;
        let named = ids.iter().filter_map(|id| users.remove(id)).collect();
        return Ok(Access { may_run, named, inherited: id != snapshot.id });
    }
    Ok(Access { may_run: MayRun::Operators, named: Vec::new(), inherited: false })
}

/// The item of the checklist: whether an account may run the snapshot, and whom to ask if not.
pub async fn check(connection: &mut Connection, user: Id, snapshot: &PipelineSnapshotRow) -> Result<Check> {
    let user = users::get(connection, user).await?;
    if let Some(reason) = user.role.refusal(Action::Launch) {
        return Ok(fail(CheckName::Permission, reason, whom_to_ask(connection).await?));
    }
    let access = of(connection, snapshot).await?;
    if access.lets(&user) {
        return Ok(pass(CheckName::Permission, format!("You may run it. {}", access.in_words())));
    }
    let maker = match snapshot.user_id {
        Some(id) => connection.get::<UserRow>(id).await?.filter(|maker| maker.active && maker.role >= Role::Editor && maker.id != user.id),
        None => None,
    };
    let ask = match maker {
        Some(maker) => format!("Ask {}, who made it, or another editor: the tab Access of the snapshot says who may.", maker.name),
        None => format!("Ask an editor: the tab Access of the snapshot says who may. {}", whom_to_ask(connection).await?),
    };
    Ok(fail(CheckName::Permission, format!("You may not run it. {}", access.in_words()), ask))
}

/// Refuses to launch a snapshot for an account that it is closed to.
///
/// Whether its role launches at all is another question, which the routes ask: the process of a run launches whatever the
/// role of its owner.
pub async fn require(connection: &mut Connection, user: Id, snapshot: &PipelineSnapshotRow) -> Result<()> {
    let account = users::get(connection, user).await?;
    if of(connection, snapshot).await?.lets(&account) {
        return Ok(());
    }
    let check = check(connection, user, snapshot).await?;
    Err(AppError::Forbidden(format!("{} {}", check.message, check.fix.unwrap_or_default())))
}

/// Sets who may run a snapshot; accounts are given by name or id, and count only where the rule is to name some.
///
/// # Errors
/// 404 for an account that is not there.
pub async fn set(connection: &mut Connection, snapshot: &PipelineSnapshotRow, may_run: MayRun, names: &[String]) -> Result<Access> {
    let mut named = Vec::new();
    if may_run == MayRun::Named {
        for name in names {
            let found = match users::find(connection, name).await {
                Err(AppError::NotFound(_)) => service_accounts::find(connection, name).await,
                found => found,
            };
            named.push(found?.id);
        }
        named.sort();
        named.dedup();
    }
    snapshot_access::set(connection, snapshot.id, may_run, &named).await?;
    of(connection, snapshot).await
}

/// A snapshot's own rule.
#[derive(Debug)]
pub struct Rule(MayRun, Vec<Id>);

/// A snapshot's own rule, if it has one.
pub async fn own_rule(connection: &mut Connection, snapshot: Id) -> Result<Option<Rule>> {
    let Some(may_run) = snapshot_access::of(connection, snapshot).await? else { return Ok(None) };
    Ok(Some(Rule(may_run, snapshot_access::named(connection, snapshot).await?)))
}

/// Gives a rule to the snapshot that takes the place of the one that had it, unless that has its own.
pub async fn pass_on(connection: &mut Connection, rule: Option<Rule>, to: Id) -> Result<()> {
    if let Some(Rule(may_run, named)) = rule
        && snapshot_access::of(connection, to).await?.is_none()
    {
        snapshot_access::set(connection, to, may_run, &named).await?;
    }
    Ok(())
}

/// Gives the rule of a snapshot that is to be deleted to those made from it, which would be open to all without it.
pub async fn hand_down(connection: &mut Connection, snapshot: Id) -> Result<()> {
    let Some(Rule(may_run, named)) = own_rule(connection, snapshot).await? else { return Ok(()) };
    for heir in snapshot_access::heirs(connection, snapshot).await? {
        snapshot_access::set(connection, heir, may_run, &named).await?;
    }
    Ok(())
}
