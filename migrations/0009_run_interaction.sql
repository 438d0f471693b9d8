-- What hangs on runs and snapshots besides steps: hooks that were called, questions a run waits for, pictures picked for
-- a page, and the forerunners of named snapshots.
create table hook_invocations (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    pipeline_run_id text not null references pipeline_runs (id) on delete cascade,
    step_run_id text references step_runs (id) on delete cascade,
    hook_type text not null,
    name text,
    status text not null,
    start_time text not null,
    end_time text,
    source text,
    exception_info text
);
create index hook_invocations_created on hook_invocations (project_id, created, id);
create index hook_invocations_run on hook_invocations (pipeline_run_id);
create index hook_invocations_step on hook_invocations (step_run_id);
create index logs_hook_invocation on logs (hook_invocation_id);

create table hook_invocation_outputs (
    hook_invocation_id text not null references hook_invocations (id) on delete cascade,
    position bigint not null,
    name text not null,
    artifact_version_id text not null references artifact_versions (id) on delete cascade,
    primary key (hook_invocation_id, name, artifact_version_id)
);
create index hook_invocation_outputs_version on hook_invocation_outputs (artifact_version_id);

create table run_wait_conditions (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    run_id text not null references pipeline_runs (id) on delete cascade,
    name text not null,
    type text not null,
    -- pending, resolved
    status text not null,
    question text,
    -- JSON Schema of the answer; without one there is nothing to answer but "go on".
    data_schema text,
    -- continue, abort
    resolution text,
    -- JSON.
    result text,
    resolved_at text,
    resolved_by_user_id text references users (id) on delete set null,
    -- The process that waits, and until when it is sure to look again.
    last_polled_at text,
    poller_instance_id text,
    poller_lease_expires_at text,
    check (status <> 'resolved' or resolution is not null)
);
create unique index run_wait_conditions_name on run_wait_conditions (run_id, name);
-- A run waits for one thing at a time.
create unique index run_wait_conditions_pending on run_wait_conditions (run_id) where status = 'pending';
create index run_wait_conditions_created on run_wait_conditions (project_id, created, id);

-- `resource_id` has no foreign key: its table depends on `resource_type`.
create table curated_visualizations (
    id text primary key,
    created text not null,
    updated text not null,
    project_id text not null references projects (id) on delete cascade,
    artifact_visualization_id text not null references artifact_visualizations (id) on delete cascade,
    display_name text,
    display_order bigint,
    layout_size text not null,
    resource_type text not null,
    resource_id text not null
);
create unique index curated_visualizations_link on curated_visualizations (resource_type, resource_id, artifact_visualization_id);
create index curated_visualizations_artifact on curated_visualizations (artifact_visualization_id);

create table run_templates (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    description text,
    hidden boolean not null,
    source_snapshot_id text references pipeline_snapshots (id) on delete set null
);
create unique index run_templates_name on run_templates (project_id, name);
create index run_templates_created on run_templates (project_id, created, id);
create index run_templates_snapshot on run_templates (source_snapshot_id);
-- The newest run of a template.
create index pipeline_runs_template on pipeline_runs (template_id, created, id);
create index pipeline_snapshots_template on pipeline_snapshots (template_id);
