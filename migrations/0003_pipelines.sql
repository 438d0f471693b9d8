-- Documents, pipelines, builds, code, snapshots.
create table documents (
    hash text primary key,
    content text not null
);

create table pipelines (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    description text,
    -- Number of runs ever made: the next run's index is one more.
    run_count bigint not null,
    -- The newest run by `created`, kept when runs are made and deleted, so that lists sort without a scan.
    latest_run_id text,
    latest_run_created text not null
);
create unique index pipelines_name on pipelines (project_id, name);
create index pipelines_created on pipelines (project_id, created, id);
create index pipelines_latest_run on pipelines (project_id, latest_run_created, id);

create table code_repositories (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    description text,
    config text not null,
    source text not null,
    logo_url text
);
create unique index code_repositories_name on code_repositories (project_id, name);

create table code_references (
    id text primary key,
    created text not null,
    updated text not null,
    project_id text not null references projects (id) on delete cascade,
    code_repository_id text not null references code_repositories (id) on delete cascade,
    commit_hash text not null,
    subdirectory text not null
);
create unique index code_references_identity on code_references (project_id, code_repository_id, commit_hash, subdirectory);

create table pipeline_builds (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    stack_id text references stacks (id) on delete set null,
    pipeline_id text references pipelines (id) on delete set null,
    images text not null,
    is_local boolean not null,
    contains_code boolean not null,
    zenml_version text,
    python_version text,
    checksum text,
    stack_checksum text,
    duration bigint
);
create index pipeline_builds_created on pipeline_builds (project_id, created, id);
create index pipeline_builds_stack on pipeline_builds (stack_id);
create index pipeline_builds_pipeline on pipeline_builds (pipeline_id);

-- Captured code: one row per archive in the data directory, by the SHA-256 of its content.
create table code_archives (
    hash text primary key,
    created text not null,
    size_bytes bigint not null,
    file_count bigint not null,
    -- JSON: what capture left out, and why ([{"path": …, "reason": …}]).
    left_out text not null
);

-- An ordered list of step configurations, by content: a thousand runs of one snapshot share it.
create table step_sets (
    hash text not null,
    position bigint not null,
    name text not null,
    -- {"spec": …, "config": …, "step_config_overrides": …} with `config` merged when written.
    document text not null references documents (hash),
    primary key (hash, position)
);
create unique index step_sets_name on step_sets (hash, name);

create table pipeline_snapshots (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    pipeline_id text not null references pipelines (id) on delete cascade,
    stack_id text references stacks (id) on delete set null,
    build_id text references pipeline_builds (id) on delete set null,
    schedule_id text,
    code_reference_id text references code_references (id) on delete set null,
    -- The nearest named ancestor of a snapshot made by a launch; no foreign key, as in the reference server.
    source_snapshot_id text,
    template_id text,
    name text,
    description text,
    is_dynamic boolean not null,
    run_name_template text not null,
    client_version text,
    server_version text,
    pipeline_version_hash text,
    source_code text,
    code_path text,
    code_archive_hash text references code_archives (hash),
    -- Why no code was captured, in words for the readiness checklist.
    code_note text,
    -- The code, environment, stack and launcher checks all pass (stored, kept current by events).
    runnable boolean not null,
    step_count bigint not null,
    step_set text,
    pipeline_configuration_document text not null references documents (hash),
    pipeline_spec_document text references documents (hash),
    -- Without `python_packages`, which are a document of their own: they are long and rarely asked for.
    client_environment_document text not null references documents (hash),
    python_packages_document text references documents (hash),
    -- The newest run launched from this snapshot (not the run that made it).
    latest_run_id text,
    latest_run_created text
);
create unique index pipeline_snapshots_name on pipeline_snapshots (pipeline_id, name);
create index pipeline_snapshots_created on pipeline_snapshots (project_id, created, id);
create index pipeline_snapshots_updated on pipeline_snapshots (project_id, updated, id);
create index pipeline_snapshots_named on pipeline_snapshots (project_id, created, id) where name is not null;
create index pipeline_snapshots_named_updated on pipeline_snapshots (project_id, updated, id) where name is not null;
create index pipeline_snapshots_project_name on pipeline_snapshots (project_id, name);
create index pipeline_snapshots_source on pipeline_snapshots (source_snapshot_id, project_id, created, id);
create index pipeline_snapshots_code on pipeline_snapshots (code_archive_hash);
create index pipeline_snapshots_stack on pipeline_snapshots (stack_id, project_id, created, id);
create index pipeline_snapshots_build on pipeline_snapshots (build_id, project_id, created, id);
create index pipeline_snapshots_schedule on pipeline_snapshots (schedule_id, project_id, created, id);
