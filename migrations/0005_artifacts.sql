-- Artifacts, what steps read and wrote, metadata, tags, links to models.
create table artifacts (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    has_custom_name boolean not null,
    -- Last number given to a version.
    version_count bigint not null,
    -- `created` of the newest version, or of the artifact while it has none, so that lists sort without a scan.
    latest_version_created text not null
);
create unique index artifacts_name on artifacts (project_id, name);
create index artifacts_created on artifacts (project_id, created, id);
create index artifacts_latest_version on artifacts (project_id, latest_version_created, id);

create table artifact_versions (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    artifact_id text not null references artifacts (id) on delete cascade,
    artifact_store_id text references stack_components (id) on delete set null,
    version text not null,
    version_number bigint,
    type text not null,
    uri text not null,
    materializer text not null,
    data_type text not null,
    save_type text not null,
    content_hash text,
    item_count bigint
);
create unique index artifact_versions_version on artifact_versions (artifact_id, version);
create index artifact_versions_newest on artifact_versions (artifact_id, created, id);
create index artifact_versions_artifact on artifact_versions (project_id, artifact_id, created, id);
create index artifact_versions_created on artifact_versions (project_id, created, id);
create index artifact_versions_store on artifact_versions (artifact_store_id, project_id, created, id);

create table artifact_visualizations (
    id text primary key,
    created text not null,
    updated text not null,
    artifact_version_id text not null references artifact_versions (id) on delete cascade,
    position bigint not null,
    type text not null,
    uri text not null
);
create index artifact_visualizations_version on artifact_visualizations (artifact_version_id);

create table step_run_inputs (
    step_run_id text not null references step_runs (id) on delete cascade,
    name text not null,
    position bigint not null,
    artifact_version_id text not null references artifact_versions (id) on delete cascade,
    type text not null,
    chunk_index bigint,
    chunk_size bigint,
    primary key (step_run_id, name, position, artifact_version_id)
);
create index step_run_inputs_version on step_run_inputs (artifact_version_id);

create table step_run_outputs (
    step_run_id text not null references step_runs (id) on delete cascade,
    name text not null,
    position bigint not null,
    artifact_version_id text not null references artifact_versions (id) on delete cascade,
    primary key (step_run_id, artifact_version_id, name)
);
create index step_run_outputs_version on step_run_outputs (artifact_version_id);

create table pipeline_run_outputs (
    pipeline_run_id text not null references pipeline_runs (id) on delete cascade,
    position bigint not null,
    name text not null,
    artifact_version_id text not null references artifact_versions (id),
    primary key (pipeline_run_id, name)
);
create index pipeline_run_outputs_version on pipeline_run_outputs (artifact_version_id);

-- One row per key and resource: reading one resource is one index range.
create table run_metadata (
    id text primary key,
    created text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    resource_type text not null,
    resource_id text not null,
    stack_component_id text references stack_components (id) on delete set null,
    publisher_step_id text references step_runs (id) on delete set null,
    -- Place of the key among those that were logged together.
    position bigint not null,
    key text not null,
    value text not null,
    type text not null
);
create index run_metadata_resource on run_metadata (resource_type, resource_id, created);
create index run_metadata_key on run_metadata (resource_type, key, resource_id);

create table tags (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    name text not null unique,
    color text not null,
    exclusive boolean not null
);

create table tag_resources (
    id text primary key,
    created text not null,
    updated text not null,
    tag_id text not null references tags (id) on delete cascade,
    resource_type text not null,
    resource_id text not null
);
create unique index tag_resources_link on tag_resources (resource_type, resource_id, tag_id);
create index tag_resources_tag on tag_resources (tag_id, resource_type);

create table model_version_artifacts (
    id text primary key,
    created text not null,
    updated text not null,
    model_version_id text not null references model_versions (id) on delete cascade,
    artifact_version_id text not null references artifact_versions (id) on delete cascade
);
create unique index model_version_artifacts_link on model_version_artifacts (model_version_id, artifact_version_id);
create index model_version_artifacts_artifact on model_version_artifacts (artifact_version_id);

create table model_version_pipeline_runs (
    id text primary key,
    created text not null,
    updated text not null,
    model_version_id text not null references model_versions (id) on delete cascade,
    pipeline_run_id text not null references pipeline_runs (id) on delete cascade
);
create unique index model_version_pipeline_runs_link on model_version_pipeline_runs (model_version_id, pipeline_run_id);
create index model_version_pipeline_runs_run on model_version_pipeline_runs (pipeline_run_id);
