-- After the migrations, at each start on SQLite.

-- Indexes for prefixes of names, whatever the case of letters.
create index if not exists pipeline_runs_name_prefix on pipeline_runs (project_id, lower(name));
create index if not exists step_runs_name_prefix on step_runs (project_id, lower(name));
create index if not exists pipeline_snapshots_name_prefix on pipeline_snapshots (project_id, lower(name));
create index if not exists artifacts_name_prefix on artifacts (project_id, lower(name));

-- Kept totals, see `db::row_counts`. Cascades run the triggers too.
create table if not exists row_counts (
    counted text not null,
    project_id text not null,
    total bigint not null,
    primary key (counted, project_id)
);
create trigger if not exists artifact_versions_inserted after insert on artifact_versions begin
    insert into row_counts (counted, project_id, total) values ('artifact_versions', new.project_id, 1)
    on conflict (counted, project_id) do update set total = total + 1;
end;
create trigger if not exists artifact_versions_deleted after delete on artifact_versions begin
    update row_counts set total = total - 1 where counted = 'artifact_versions' and project_id = old.project_id;
end;
create trigger if not exists pipeline_snapshots_inserted after insert on pipeline_snapshots begin
    insert into row_counts (counted, project_id, total) values ('pipeline_snapshots', new.project_id, 1)
    on conflict (counted, project_id) do update set total = total + 1;
end;
create trigger if not exists pipeline_snapshots_deleted after delete on pipeline_snapshots begin
    update row_counts set total = total - 1 where counted = 'pipeline_snapshots' and project_id = old.project_id;
end;
create trigger if not exists step_runs_inserted after insert on step_runs begin
    insert into row_counts (counted, project_id, total) values ('step_runs', new.project_id, 1)
    on conflict (counted, project_id) do update set total = total + 1;
end;
create trigger if not exists step_runs_deleted after delete on step_runs begin
    update row_counts set total = total - 1 where counted = 'step_runs' and project_id = old.project_id;
end;
create trigger if not exists pipeline_snapshots_inserted_named after insert on pipeline_snapshots when new.name is not null begin
    insert into row_counts (counted, project_id, total) values ('named pipeline_snapshots', new.project_id, 1)
    on conflict (counted, project_id) do update set total = total + 1;
end;
create trigger if not exists pipeline_snapshots_deleted_named after delete on pipeline_snapshots when old.name is not null begin
    update row_counts set total = total - 1 where counted = 'named pipeline_snapshots' and project_id = old.project_id;
end;
create trigger if not exists pipeline_snapshots_renamed after update of name on pipeline_snapshots
when (old.name is null) <> (new.name is null) begin
    insert into row_counts (counted, project_id, total) values ('named pipeline_snapshots', new.project_id, 0)
    on conflict (counted, project_id) do nothing;
    update row_counts set total = total + (new.name is not null) - (old.name is not null)
    where counted = 'named pipeline_snapshots' and project_id = new.project_id;
end;
-- Rows that were there before the triggers are counted once.
insert into row_counts (counted, project_id, total)
select kinds.counted, p.id, case kinds.counted
    when 'artifact_versions' then (select count(*) from artifact_versions r where r.project_id = p.id)
    when 'pipeline_snapshots' then (select count(*) from pipeline_snapshots r where r.project_id = p.id)
    when 'step_runs' then (select count(*) from step_runs r where r.project_id = p.id)
    else (select count(*) from pipeline_snapshots r where r.project_id = p.id and r.name is not null)
end
from projects p cross join (
    select 'artifact_versions' as counted union all select 'pipeline_snapshots' union all select 'step_runs'
    union all select 'named pipeline_snapshots'
) kinds
where not exists (select 1 from row_counts);
