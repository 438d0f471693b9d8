-- Deployments of snapshots, and services: what serves predictions over HTTP. Both run elsewhere and are only recorded here.
create table deployments (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    snapshot_id text references pipeline_snapshots (id) on delete set null,
    deployer_id text references stack_components (id) on delete set null,
    status text not null,
    url text,
    auth_key text,
    -- JSON object.
    deployment_metadata text not null
);
create unique index deployments_name on deployments (project_id, name);
create index deployments_created on deployments (project_id, created, id);
create index deployments_snapshot on deployments (snapshot_id);
create index deployments_deployer on deployments (deployer_id);

-- Runs that a deployment made for a request.
create index pipeline_runs_deployment on pipeline_runs (triggered_by_deployment_id, project_id);

create table services (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    -- JSON: {"type": …, "flavor": …, "name": …, "description": …, "logo_url": …}; the first two are columns too.
    service_type text not null,
    type text not null,
    flavor text not null,
    service_source text,
    admin_state text,
    state text,
    labels text,
    -- JSON object as the client wrote it, and the SHA-256 of its compact text: no two services have one configuration.
    config text not null,
    config_hash text not null unique,
    status text,
    endpoint text,
    prediction_url text,
    health_check_url text,
    pipeline_name text,
    pipeline_step_name text,
    model_version_id text references model_versions (id) on delete set null,
    pipeline_run_id text references pipeline_runs (id) on delete set null
);
create index services_created on services (project_id, created, id);
create index services_model_version on services (model_version_id);
create index services_run on services (pipeline_run_id);
