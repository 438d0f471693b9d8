-- Presets: named run configurations that fill in the form of a pipeline's snapshots.
create table presets (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text not null references users (id),
    project_id text not null references projects (id) on delete cascade,
    pipeline_id text not null references pipelines (id) on delete cascade,
    name text not null,
    description text,
    -- Only its owner sees it.
    private boolean not null,
    -- YAML as it was written, comments and all.
    configuration text not null
);
create unique index presets_shared_name on presets (pipeline_id, name) where not private;
create unique index presets_private_name on presets (pipeline_id, user_id, name) where private;
create index presets_project on presets (project_id, created, id);
create index presets_user on presets (user_id);
