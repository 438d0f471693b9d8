-- Schedules, triggers, webhooks.

-- Schedules that orchestrators fire; this server only knows of them. `pipeline_snapshots.schedule_id` and
-- `pipeline_runs.schedule_id` point here and are emptied before one is deleted.
create table schedules (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    pipeline_id text references pipelines (id) on delete cascade,
    orchestrator_id text references stack_components (id) on delete set null,
    name text not null,
    active boolean not null,
    cron_expression text,
    start_time text,
    end_time text,
    interval_second double precision,
    catchup boolean not null,
    run_once_start_time text,
    is_archived boolean not null
);
create unique index schedules_name on schedules (project_id, name);
create index schedules_created on schedules (project_id, created, id);
create index schedules_pipeline on schedules (pipeline_id);
create index schedules_orchestrator on schedules (orchestrator_id);

create table webhooks (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    webhook_type text not null,
    active boolean not null,
    -- The signing secret, an internal one.
    secret_id text not null references secrets (id),
    received_count bigint not null,
    accepted_count bigint not null,
    auth_failed_count bigint not null,
    invalid_payload_count bigint not null,
    last_received_at text,
    last_accepted_at text,
    last_error_at text,
    last_error_summary text
);
create unique index webhooks_name on webhooks (project_id, name);
create index webhooks_created on webhooks (project_id, created, id);
create index webhooks_secret on webhooks (secret_id);

-- Bodies of deliveries that started runs, so that their steps can read them.
create table webhook_events (
    webhook_id text not null references webhooks (id) on delete cascade,
    delivery_id text not null,
    created text not null,
    body text not null,
    primary key (webhook_id, delivery_id)
);
create index webhook_events_created on webhook_events (created);

create table triggers (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    project_id text not null references projects (id) on delete cascade,
    webhook_id text references webhooks (id) on delete set null,
    name text not null,
    active boolean not null,
    is_archived boolean not null,
    type text not null,
    flavor text not null,
    concurrency text not null,
    -- JSON: what only triggers of this type have.
    configuration text not null,
    -- Of a schedule: when it is due next; empty when it never is again.
    next_occurrence text,
    -- Of a platform event: what it happens to, `pipeline`, `pipeline_run` or `pipeline_snapshot`.
    source_type text,
    source_id text
);
create unique index triggers_name on triggers (project_id, name);
create index triggers_created on triggers (project_id, created, id);
create index triggers_due on triggers (next_occurrence) where type = 'schedule';
create index triggers_source on triggers (source_id) where source_id is not null;
create index triggers_webhook on triggers (webhook_id) where webhook_id is not null;

-- What a trigger launches: snapshots derived from named ones when they were attached.
create table trigger_snapshots (
    trigger_id text not null references triggers (id) on delete cascade,
    snapshot_id text not null references pipeline_snapshots (id) on delete cascade,
    created text not null,
    -- JSON: how the last firing went.
    dispatch_state text,
    primary key (trigger_id, snapshot_id)
);
create index trigger_snapshots_snapshot on trigger_snapshots (snapshot_id);

-- Which trigger made which run.
create table trigger_executions (
    trigger_id text not null references triggers (id) on delete cascade,
    pipeline_run_id text not null references pipeline_runs (id) on delete cascade,
    created text not null,
    -- JSON: the event behind it.
    info text,
    primary key (trigger_id, pipeline_run_id)
);
create index trigger_executions_run on trigger_executions (pipeline_run_id);

-- Firings that still have to become runs, written in the transaction of what caused them.
create table trigger_dispatches (
    id text primary key,
    created text not null,
    trigger_id text not null,
    snapshot_id text not null,
    info text,
    foreign key (trigger_id, snapshot_id) references trigger_snapshots (trigger_id, snapshot_id) on delete cascade
);
create index trigger_dispatches_created on trigger_dispatches (created, id);
create index trigger_dispatches_link on trigger_dispatches (trigger_id, snapshot_id);
