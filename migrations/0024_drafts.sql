-- Drafts: what was typed in the form of a launch and is not launched yet. Only its user sees one, and it goes with the account.
create table drafts (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text not null references users (id) on delete cascade,
    project_id text not null references projects (id) on delete cascade,
    pipeline_id text not null references pipelines (id) on delete cascade,
    -- None: that snapshot was deleted since. The values may fit another one of the pipeline.
    snapshot_id text references pipeline_snapshots (id) on delete set null,
    -- When it was typed, which is before it came here.
    typed text not null,
    -- Counts the changes, and names the page that made the last one: so that two pages do not write over each other.
    revision bigint not null,
    writer text not null,
    -- YAML as it was written, comments and all.
    configuration text not null,
    -- JSON: the layers it started from.
    layers text not null,
    -- JSON: what stands in fields and cannot be taken over into the YAML.
    entries text not null
);
create index drafts_user on drafts (user_id, snapshot_id, typed);
create index drafts_project on drafts (project_id);
create index drafts_pipeline on drafts (pipeline_id, user_id);
create index drafts_snapshot on drafts (snapshot_id);
create index drafts_typed on drafts (typed);
