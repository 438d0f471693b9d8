-- After the migrations, at each start on SQLite: indexes for prefixes of names, whatever the case of letters.
create index if not exists pipeline_runs_name_prefix on pipeline_runs (project_id, lower(name));
create index if not exists step_runs_name_prefix on step_runs (project_id, lower(name));
create index if not exists pipeline_snapshots_name_prefix on pipeline_snapshots (project_id, lower(name));
create index if not exists artifacts_name_prefix on artifacts (project_id, lower(name));
