//! `/hook_invocations`.

use std::collections::HashMap;

use super::{
    resource::{Context, Create, Delete, Resource},
    routes::Routes,
    wire::{
        self, Entity, RawMap,
        hook_invocations::{HookInvocationRequest, Resources},
        json,
    },
};
use crate::{
    model::roles::Action,
    server::{
        db::{
            artifact_versions::{self, ArtifactVersionRow},
            artifacts::ArtifactRow,
            hook_invocations::{self, HookInvocationRow},
            list::{ListRequest, ListSpec, Page},
            logs,
            users::UserRow,
        },
        error::Result,
        id::Id,
        service,
    },
};

/// The routes of hook invocations.
pub fn router() -> Routes {
    Routes::new()
        .list::<HookInvocations>(Action::Read)
        .create::<HookInvocations>(Action::Record)
        .one::<HookInvocations>(Action::Read)
        .remove::<HookInvocations>(Action::Edit)
}

/// Hook invocations as a resource.
pub struct HookInvocations;

impl Resource for HookInvocations {
    const PATH: &'static str = "/hook_invocations";
    const NAME: &'static str = "hook invocation";
    const LIST: &'static ListSpec = &hook_invocations::LIST;
    const IN_PROJECT: bool = true;
    type Key = Id;
    type Row = HookInvocationRow;

    async fn list(context: &mut Context, request: &ListRequest) -> Result<Page<HookInvocationRow>> {
        let project = context.project(request).await?;
        Ok(hook_invocations::list(&mut context.connection, project, request).await?)
    }

    async fn get(context: &mut Context, id: Id) -> Result<HookInvocationRow> {
        service::hook_invocations::get(&mut context.connection, id).await
    }

    async fn entities(context: &mut Context, rows: &[HookInvocationRow], hydrate: bool) -> Result<Vec<Entity>> {
        let connection = &mut context.connection;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let users = connection.get_many::<UserRow>(rows.iter().filter_map(|row| row.user_id)).await?;
        let logs = logs::of_hook_invocations(connection, ids.clone()).await?;
        let outputs = hook_invocations::outputs(connection, ids).await?;
        let versions: Vec<Id> = outputs.values().flatten().map(|(_, version)| *version).collect();
        let versions = artifact_versions::with_artifacts(connection, versions).await?;
        rows.iter()
            .map(|row| {
                let resources = Resources {
                    user: wire::users::owner(&users, row.user_id)?,
                    outputs: outputs_of(outputs.get(&row.id).map(Vec::as_slice).unwrap_or_default(), &versions)?,
                    log_collection: logs.get(&row.id).into_iter().flatten().map(wire::logs::shallow).collect::<Result<_>>()?,
                };
                wire::hook_invocations::entity(row, &resources, hydrate)
            })
            .collect()
    }
}

/// The artifact versions of each output, by its name.
fn outputs_of(outputs: &[(String, Id)], versions: &HashMap<Id, (ArtifactVersionRow, ArtifactRow)>) -> Result<RawMap> {
    let mut by_name: Vec<(String, Vec<Entity>)> = Vec::new();
    for (name, id) in outputs {
        let Some((version, artifact)) = versions.get(id) else { continue };
        let entity = wire::artifact_versions::shallow(version, artifact)?;
        match by_name.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => list.push(entity),
            None => by_name.push((name.clone(), vec![entity])),
        }
    }
    by_name.into_iter().map(|(name, list)| Ok((name, json(&list)?))).collect::<Result<_>>().map(RawMap)
}

impl Create for HookInvocations {
    type Request = HookInvocationRequest;

    async fn create(context: &mut Context, request: HookInvocationRequest) -> Result<HookInvocationRow> {
        service::hook_invocations::create(&mut context.connection, context.account.user.id, request).await
    }
}

impl Delete for HookInvocations {
    async fn delete(context: &mut Context, id: Id) -> Result<()> {
        service::hook_invocations::delete(&mut context.connection, id).await
    }
}
