//! Form views of snapshots: who makes them, whom they bind, and that every launch keeps to them.
//!
//! A view binds whoever may not edit snapshots. It is judged what a launch changes against the snapshot of the view, not how
//! it was asked for: so it holds for links, presets, replays, triggers and run templates without knowing of them. The process
//! of a run is not bound: who may launch a snapshot lets its code do its work.
//!
//! A snapshot that a launch made has the view of the named one it came from. A snapshot that takes the name of another gets
//! a copy of that one's view, unless it has one: whoever makes a new version of `nightly` does not open its form by that.

use serde_json::{Map, Value};

use super::pipeline_snapshots as snapshots;
use crate::{
    model::roles::Action,
    run_configuration::{
        form_view::{Form, FormView, Rule, breaches, check, in_force},
        problem::{Problem, has_errors},
        snapshot::Snapshot,
        value_path::ValuePath,
    },
    server::{
        db::{Connection, form_views::FormViewRow, pipeline_snapshots::PipelineSnapshotRow, stored::Changes, users::UserRow},
        error::{AppError, Result},
        id::Id,
        time::Timestamp,
    },
};

/// Most bytes of a view.
const MAX_BYTES: usize = 256 * 1024;

/// Whether an account may change form views, and set more than they offer: whoever may edit snapshots.
pub fn may_edit(user: &UserRow) -> bool {
    user.role.may(Action::Edit)
}

/// The view of a snapshot itself.
pub async fn find(connection: &mut Connection, snapshot: Id) -> Result<Option<(FormViewRow, FormView)>> {
    let Some(row) = connection.get::<FormViewRow>(snapshot).await? else { return Ok(None) };
    let view = serde_json::from_str(&row.document)?;
    Ok(Some((row, view)))
}

/// The view that is in force for launches of a snapshot, with the snapshot that it belongs to.
pub async fn in_force_for(connection: &mut Connection, snapshot: &PipelineSnapshotRow) -> Result<Option<(PipelineSnapshotRow, FormView)>> {
    if let Some((_, view)) = find(connection, snapshot.id).await? {
        return Ok(Some((snapshot.clone(), view)));
    }
    let Some(source) = snapshot.source_snapshot_id.filter(|_| snapshot.name.is_none()) else { return Ok(None) };
    let Some((_, view)) = find(connection, source).await? else { return Ok(None) };
    let source: Option<PipelineSnapshotRow> = connection.get(source).await?;
    Ok(source.map(|source| (source, view)))
}

/// The form that an account gets of a snapshot; none where there is no view.
pub async fn form(connection: &mut Connection, user: &UserRow, snapshot: &PipelineSnapshotRow) -> Result<Option<Form>> {
    let found = in_force_for(connection, snapshot).await?;
    Ok(found.map(|(owner, view)| Form { view, only: !may_edit(user), is_own: owner.id == snapshot.id }))
}

/// What a launch by somebody who may not edit the snapshot has to keep to.
pub struct Gate {
    form: Form,
    /// The snapshot that the view belongs to.
    of: Snapshot,
}

impl Gate {
    /// The gate before a launch; none where everything may be set.
    pub async fn of(connection: &mut Connection, user: Id, snapshot: &PipelineSnapshotRow) -> Result<Option<Self>> {
        let Some((owner, view)) = in_force_for(connection, snapshot).await? else { return Ok(None) };
        let user: Option<UserRow> = connection.get(user).await?;
        if user.is_some_and(|user| may_edit(&user)) {
            return Ok(None);
        }
        let of = snapshots::for_run_configuration(connection, &owner).await?;
        Ok(Some(Self { form: Form { view, only: true, is_own: owner.id == snapshot.id }, of }))
    }

    /// Adds what the form starts its fields with.
    pub fn fill(&self, configuration: &mut Map<String, Value>, replace_paths: &mut Vec<ValuePath>) {
        self.form.fill(&self.of, configuration, replace_paths);
    }

    /// Looks at what is to run.
    ///
    /// # Errors
    /// 403 where it differs in what the form does not offer, 422 where only values are outside of its limits; with every path.
    pub fn check(&self, launched: &Snapshot) -> Result<()> {
        let changes = in_force(&self.of, launched).map_err(AppError::InvalidConfiguration)?;
        let found = breaches(&self.form.view, &self.of, &changes, launched);
        let is_closed = found.iter().any(|breach| breach.rule == Rule::Closed);
        let problems: Vec<Problem> = found.into_iter().map(|breach| breach.problem).collect();
        match (problems.is_empty(), is_closed) {
            (true, _) => Ok(()),
            (false, true) => Err(AppError::ClosedByForm(problems)),
            (false, false) => Err(AppError::OutsideOfForm(problems)),
        }
    }
}

/// Gives a snapshot a form view, in place of the one it had; with what is to be told about it.
///
/// # Errors
/// 400 with every mistake and its place in the view; 413 for one that is too large.
pub async fn put(
    connection: &mut Connection,
    user: Id,
    snapshot: &PipelineSnapshotRow,
    view: &FormView,
) -> Result<(FormViewRow, Vec<Problem>)> {
    let document = serde_json::to_string(view)?;
    if document.len() > MAX_BYTES {
        return Err(AppError::TooLarge(format!("A form view may have {} KiB.", MAX_BYTES / 1024)));
    }
    let problems = check(&snapshots::for_run_configuration(connection, snapshot).await?, view);
    if has_errors(&problems) {
        return Err(AppError::InvalidConfiguration(problems));
    }
    store(connection, Some(user), snapshot.id, document).await?;
    let row: Option<FormViewRow> = connection.get(snapshot.id).await?;
    Ok((row.ok_or_else(|| missing(snapshot.id))?, problems))
}

async fn store(connection: &mut Connection, user: Option<Id>, snapshot: Id, document: String) -> Result<()> {
    if connection.get_locked::<FormViewRow>(snapshot).await?.is_some() {
        connection.update::<FormViewRow>(snapshot, Changes::new().set("changed_by", user).set("document", document)).await?;
        return Ok(());
    }
    let now = Timestamp::now();
    connection.insert(&FormViewRow { id: snapshot, created: now, updated: now, changed_by: user, document }).await?;
    Ok(())
}

/// Takes the view away, which opens the whole form to everybody who may launch the snapshot.
///
/// # Errors
/// 404 where there is none.
pub async fn delete(connection: &mut Connection, snapshot: Id) -> Result<()> {
    if connection.delete::<FormViewRow>(snapshot).await? { Ok(()) } else { Err(missing(snapshot)) }
}

/// That a snapshot has no view.
pub fn missing(snapshot: Id) -> AppError {
    AppError::NotFound(format!("The snapshot {snapshot} has no form view."))
}

/// Hands a view on to the snapshot that takes the name of the one it was made for, or that is made of it.
pub async fn hand_on(connection: &mut Connection, view: Option<FormViewRow>, to: Id) -> Result<()> {
    match view {
        Some(view) if connection.get::<FormViewRow>(to).await?.is_none() => store(connection, view.changed_by, to, view.document).await,
        _ => Ok(()),
    }
}
