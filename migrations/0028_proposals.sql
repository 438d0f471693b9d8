-- Proposals: runs that somebody filled in for somebody else to launch. They go with the account and with the snapshot.
create table proposals (
    id text primary key,
    created text not null,
    updated text not null,
    -- Who proposes.
    user_id text not null references users (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade,
    snapshot_id text not null references pipeline_snapshots (id) on delete cascade,
    -- For whom; none: anybody who may launch it.
    recipient_id text references users (id) on delete cascade,
    -- `open`, `launched`, `declined` or `withdrawn`.
    state text not null,
    note text,
    -- YAML as it was written, without values of secret fields.
    configuration text not null,
    -- Who launched or declined it, when, and why it was declined.
    decided_by_id text references users (id) on delete set null,
    decided text,
    reason text,
    -- The run, or the first of several.
    run_id text references pipeline_runs (id) on delete set null
);
create index proposals_user on proposals (user_id, updated, id);
create index proposals_project on proposals (project_id, state, created, id);
create index proposals_snapshot on proposals (snapshot_id, state, created, id);
create index proposals_recipient on proposals (recipient_id);
create index proposals_decided_by on proposals (decided_by_id);
create index proposals_run on proposals (run_id);
