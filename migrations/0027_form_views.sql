-- Form views: which fields of a snapshot's form people see who may not edit it, and what they may set. One for a snapshot.
create table form_views (
    -- The id of the snapshot.
    id text primary key references pipeline_snapshots (id) on delete cascade,
    created text not null,
    updated text not null,
    -- Who changed it last.
    changed_by text references users (id) on delete set null,
    -- JSON: run_configuration::form_view::FormView.
    document text not null
);
create index form_views_changed_by on form_views (changed_by);
