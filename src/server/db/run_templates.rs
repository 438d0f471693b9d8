//! Run templates: the forerunners of named snapshots, each pointing at the snapshot it runs.

use std::collections::{BTreeSet, HashMap};

use super::{
    Connection, DbError,
    list::{Field, Kind, ListError, ListRequest, ListSpec, Page, Scope, page},
    pipeline_runs::PipelineRunRow,
    stored::Stored as _,
};
use crate::{
    args,
    server::{id::Id, time::Timestamp},
    stored,
};

stored! {
    /// A run template.
    pub struct RunTemplateRow in "run_templates" {
        id: Id,
        created: Timestamp,
        updated: Timestamp,
        user_id: Option<Id>,
        project_id: Id,
        name: String,
        description: Option<String>,
        hidden: bool,
        source_snapshot_id: Option<Id>,
    }
}

/// A filter on the template's snapshot.
const fn of_snapshot(kind: &'static Kind) -> Kind {
    Kind::Through { template: "rt.source_snapshot_id in (select s.id from pipeline_snapshots s where {})", kind }
}

/// What the list can be filtered and sorted by.
pub const LIST: ListSpec = ListSpec {
    from: "run_templates rt",
    id: "rt.id",
    fields: &[
        Field::new("id", Kind::Uuid("rt.id")),
        Field::new("created", Kind::Time("rt.created")),
        Field::new("updated", Kind::Time("rt.updated")),
        Field::new("name", Kind::Text("rt.name")),
        Field::new("hidden", Kind::Flag { yes: Some("rt.hidden = true"), no: Some("rt.hidden = false") }),
        Field::new("pipeline_id", of_snapshot(&Kind::Uuid("s.pipeline_id"))),
        Field::new("build_id", of_snapshot(&Kind::Uuid("s.build_id"))),
        Field::new("stack_id", of_snapshot(&Kind::Uuid("s.stack_id"))),
        Field::new(
            "code_repository_id",
            Kind::Through {
                template: "rt.source_snapshot_id in (select s.id from pipeline_snapshots s join code_references cr \
                           on cr.id = s.code_reference_id where {})",
                kind: &Kind::Uuid("cr.code_repository_id"),
            },
        ),
        Field::new("pipeline", of_snapshot(&Kind::NameOrId { key: "s.pipeline_id", table: "pipelines", names: &["name"] })),
        Field::new("stack", of_snapshot(&Kind::NameOrId { key: "s.stack_id", table: "stacks", names: &["name"] })),
        Field::new("user", Kind::NameOrId { key: "rt.user_id", table: "users", names: &["name", "full_name"] }),
        Field::new("tags", Kind::Tags { resource_type: "run_template", id: "rt.id" }),
    ],
    sorts: &[],
};

/// One page of a project's run templates.
pub async fn list(connection: &mut Connection, project: Id, request: &ListRequest) -> Result<Page<RunTemplateRow>, ListError> {
    let scope = Scope::new("rt.project_id = $?", args![project]);
    page(connection, &LIST, &RunTemplateRow::columns("rt"), request, &[scope]).await
}

/// The newest run of each of these templates; one that never ran is missing from the answer.
pub async fn latest_runs(
    connection: &mut Connection,
    templates: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, PipelineRunRow>, DbError> {
    let mut found = HashMap::new();
    for template in templates.into_iter().collect::<BTreeSet<Id>>() {
        let condition = "template_id = $1 order by created desc, id desc limit 1";
        if let Some(run) = connection.find::<PipelineRunRow>(condition, args![template]).await?
            && let Some(template) = run.template_id
        {
            found.insert(template, run);
        }
    }
    Ok(found)
}

/// Forgets a template on the snapshots and runs made from it, before it is deleted: they have no foreign key.
pub async fn clear(connection: &mut Connection, template: Id) -> Result<(), DbError> {
    for table in ["pipeline_snapshots", "pipeline_runs"] {
        connection.execute(&format!("update {table} set template_id = null where template_id = $1"), args![template]).await?;
    }
    Ok(())
}
