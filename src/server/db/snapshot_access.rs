//! Who may run snapshots. What the rules mean is in `service::snapshot_access`.

use super::{Connection, DbError};
use crate::{
    args,
    model::{pipeline_snapshots::MayRun, roles::Role},
    server::id::Id,
    stored_as_text,
};

stored_as_text!(MayRun);

/// Who may run a snapshot by its own rule; none where it has none.
pub async fn of(connection: &mut Connection, snapshot: Id) -> Result<Option<MayRun>, DbError> {
    let sql = "select may_run from snapshot_access where snapshot_id = $1";
    Ok(connection.fetch_optional::<(MayRun,)>(sql, args![snapshot]).await?.map(|(may_run,)| may_run))
}

/// The accounts that a snapshot names.
pub async fn named(connection: &mut Connection, snapshot: Id) -> Result<Vec<Id>, DbError> {
    let sql = "select r.user_id from snapshot_runners r join users u on u.id = r.user_id where r.snapshot_id = $1 order by u.name";
    Ok(connection.fetch_all::<(Id,)>(sql, args![snapshot]).await?.into_iter().map(|(id,)| id).collect())
}

/// Sets who may run a snapshot.
pub async fn set(connection: &mut Connection, snapshot: Id, may_run: MayRun, named: &[Id]) -> Result<(), DbError> {
    connection.execute("delete from snapshot_runners where snapshot_id = $1", args![snapshot]).await?;
    let sql = "insert into snapshot_access (snapshot_id, may_run) values ($1, $2) \
               on conflict (snapshot_id) do update set may_run = excluded.may_run";
    connection.execute(sql, args![snapshot, may_run.as_str()]).await?;
    let rows = named.iter().map(|user| args![snapshot, user]).collect();
    connection.insert_links("snapshot_runners", &["snapshot_id", "user_id"], rows).await?;
    Ok(())
}

/// The snapshots made from one that have no rule of their own.
pub async fn heirs(connection: &mut Connection, snapshot: Id) -> Result<Vec<Id>, DbError> {
    let sql = "select d.id from pipeline_snapshots d where d.source_snapshot_id = $1 \
               and not exists (select 1 from snapshot_access o where o.snapshot_id = d.id)";
    Ok(connection.fetch_all::<(Id,)>(sql, args![snapshot]).await?.into_iter().map(|(id,)| id).collect())
}

/// The condition that a snapshot of a query may not be run by an account with this role: `snapshots` is the table's name
/// there, `user` the placeholder of the account's id. None for whoever may run all.
pub fn closed_to(role: Role, snapshots: &str, user: &str) -> Option<String> {
    let editors = match role {
        Role::Admin => return None,
        Role::Editor => "",
        Role::Viewer | Role::Operator => "a.may_run = 'editors' or ",
    };
    Some(format!(
        "exists (select 1 from snapshot_access a where a.snapshot_id = \
         case when exists (select 1 from snapshot_access o where o.snapshot_id = {snapshots}.id) \
         then {snapshots}.id else {snapshots}.source_snapshot_id end \
         and ({editors}(a.may_run = 'named' and not exists \
         (select 1 from snapshot_runners r where r.snapshot_id = a.snapshot_id and r.user_id = {user}))))"
    ))
}
