-- Models, runs, steps, logs, launches.
create table models (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    license text,
    description text,
    audience text,
    use_cases text,
    limitations text,
    trade_offs text,
    ethics text,
    save_models_to_registry boolean not null,
    -- Last number given to a version.
    version_count bigint not null,
    -- `created` of the newest version, or of the model while it has none, so that lists sort without a scan.
    latest_version_created text not null
);
create unique index models_name on models (project_id, name);
create index models_created on models (project_id, created, id);
create index models_latest_version on models (project_id, latest_version_created, id);

create table model_versions (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    model_id text not null references models (id) on delete cascade,
    name text not null,
    number bigint not null,
    stage text,
    description text,
    -- The run that made a version without a name of its own: at most one such version for a run.
    producer_run_id text
);
create unique index model_versions_name on model_versions (model_id, name);
create unique index model_versions_number on model_versions (model_id, number);
create unique index model_versions_producer on model_versions (model_id, producer_run_id);
create index model_versions_created on model_versions (project_id, created, id);
create index model_versions_model on model_versions (project_id, model_id, created, id);

create table pipeline_runs (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    snapshot_id text not null references pipeline_snapshots (id) on delete cascade,
    -- Copied from the snapshot, which never changes them: run lists filter and sort without a join.
    pipeline_id text references pipelines (id) on delete set null,
    stack_id text references stacks (id) on delete set null,
    build_id text references pipeline_builds (id) on delete set null,
    schedule_id text,
    source_snapshot_id text,
    template_id text,
    model_version_id text references model_versions (id) on delete set null,
    original_run_id text references pipeline_runs (id) on delete set null,
    parent_run_id text references pipeline_runs (id) on delete set null,
    root_run_id text references pipeline_runs (id) on delete set null,
    child_key text,
    triggered_by_step_run_id text,
    triggered_by_deployment_id text,
    name text not null,
    run_index bigint not null,
    orchestrator_run_id text,
    status text not null,
    status_reason text,
    in_progress boolean not null,
    start_time text,
    end_time text,
    enable_heartbeat boolean not null,
    orchestrator_environment_document text not null references documents (hash),
    orchestrator_packages_document text references documents (hash),
    exception_info text
);
create unique index pipeline_runs_name on pipeline_runs (project_id, name);
create unique index pipeline_runs_orchestrator on pipeline_runs (snapshot_id, orchestrator_run_id);
create unique index pipeline_runs_child on pipeline_runs (parent_run_id, child_key);
-- Columns that refer to something lead their index; with the project in it, lists are counted without reading the rows.
create index pipeline_runs_created on pipeline_runs (project_id, created, id);
create index pipeline_runs_updated on pipeline_runs (project_id, updated, id);
create index pipeline_runs_started on pipeline_runs (project_id, start_time, id);
create index pipeline_runs_status on pipeline_runs (project_id, status, created, id);
create index pipeline_runs_progress on pipeline_runs (in_progress, project_id, created, id);
create index pipeline_runs_pipeline on pipeline_runs (pipeline_id, project_id, created, id);
create index pipeline_runs_stack on pipeline_runs (stack_id, project_id, created, id);
create index pipeline_runs_source_snapshot on pipeline_runs (source_snapshot_id, project_id, created, id);
create index pipeline_runs_user on pipeline_runs (user_id, project_id, created, id);
create index pipeline_runs_trigger on pipeline_runs (triggered_by_step_run_id, project_id, created, id);
create index pipeline_runs_root on pipeline_runs (root_run_id);
create index pipeline_runs_original on pipeline_runs (original_run_id, project_id, created, id);
create index pipeline_runs_model_version on pipeline_runs (model_version_id, project_id, created, id);
create index pipeline_runs_build on pipeline_runs (build_id, project_id, created, id);

-- Totals for lists, kept in the same transaction as the run: (project, pipeline, status) -> number of runs.
create table pipeline_run_counts (
    project_id text not null references projects (id) on delete cascade,
    pipeline_id text not null,
    status text not null,
    total bigint not null,
    primary key (project_id, pipeline_id, status)
);

create table step_runs (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    pipeline_run_id text not null references pipeline_runs (id) on delete cascade,
    snapshot_id text references pipeline_snapshots (id) on delete cascade,
    original_step_run_id text references step_runs (id) on delete set null,
    model_version_id text references model_versions (id) on delete set null,
    name text not null,
    version bigint not null,
    is_retriable boolean not null,
    status text not null,
    start_time text,
    end_time text,
    latest_heartbeat text,
    heartbeat_threshold bigint,
    cache_key text,
    cache_expires_at text,
    code_hash text,
    docstring text,
    source_code_document text references documents (hash),
    -- {"spec": …, "config": …, …} as in `step_sets`.
    configuration_document text not null references documents (hash),
    exception_info text
);
create unique index step_runs_name on step_runs (pipeline_run_id, name, version);
create index step_runs_created on step_runs (project_id, created, id);
create index step_runs_cache on step_runs (project_id, cache_key, status, created);
create index step_runs_snapshot on step_runs (snapshot_id, project_id, created, id);
create index step_runs_original on step_runs (original_step_run_id, project_id, created, id);
create index step_runs_model_version on step_runs (model_version_id, project_id, created, id);
create index step_runs_status on step_runs (project_id, status, created, id);

create table step_run_parents (
    parent_id text not null references step_runs (id) on delete cascade,
    child_id text not null references step_runs (id) on delete cascade,
    primary key (child_id, parent_id)
);
create index step_run_parents_parent on step_run_parents (parent_id);

create table logs (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    pipeline_run_id text references pipeline_runs (id) on delete cascade,
    step_run_id text references step_runs (id) on delete cascade,
    hook_invocation_id text,
    artifact_store_id text references stack_components (id) on delete cascade,
    log_store_id text references stack_components (id) on delete cascade,
    source text not null,
    uri text
);
create index logs_run on logs (pipeline_run_id);
create index logs_step on logs (step_run_id);

-- One row per launch by this server: the queue, the lease of the process that watches it, and what was asked for.
create table launches (
    run_id text primary key references pipeline_runs (id) on delete cascade,
    created text not null,
    updated text not null,
    -- queued, starting, running, finished
    state text not null,
    launcher text not null,
    attempt bigint not null,
    lease_owner text,
    lease_expires text,
    -- Identity of the runner: process id and its start time (a process id alone is reused).
    process_id bigint,
    process_started text,
    exit_code bigint,
    stop_requested boolean not null,
    -- The run was paused and is to go on: it is queued again once its runner has ended.
    resume_requested boolean not null,
    -- A launch made inside a step does not take its parent's slot.
    takes_slot boolean not null,
    work_directory text not null,
    run_configuration text not null,
    changed_paths text not null,
    origin text not null,
    -- A repeated request to launch gives the launch that is there.
    request_key text,
    error text
);
create unique index launches_request_key on launches (request_key);
create index launches_state on launches (state, created);
