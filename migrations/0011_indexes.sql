-- Indexes for the filters of the lists that grow without end: runs, steps, snapshots, artifact versions. Columns that refer
-- to something lead their index, which deleting that needs as well; with the project in it, lists are counted without
-- reading the rows. Indexes for prefixes of names differ between the databases: `sqlite.sql` and `postgres.sql`.
create index pipeline_runs_ended on pipeline_runs (project_id, end_time, id);
create index pipeline_runs_index on pipeline_runs (project_id, run_index);
create index pipeline_runs_orchestrator_run on pipeline_runs (orchestrator_run_id, project_id);
create index pipeline_runs_parent on pipeline_runs (parent_run_id, project_id, created, id);
create index pipeline_runs_schedule on pipeline_runs (schedule_id, project_id, created, id);

create index step_runs_updated on step_runs (project_id, updated, id);
create index step_runs_started on step_runs (project_id, start_time, id);
create index step_runs_ended on step_runs (project_id, end_time, id);
create index step_runs_step_name on step_runs (project_id, name, created, id);
create index step_runs_user on step_runs (user_id, project_id, created, id);

create index pipeline_snapshots_pipeline on pipeline_snapshots (pipeline_id, project_id, created, id);
create index pipeline_snapshots_user on pipeline_snapshots (user_id, project_id, created, id);
create index pipeline_snapshots_code_reference on pipeline_snapshots (code_reference_id);

create index artifact_versions_updated on artifact_versions (project_id, updated, id);
create index artifact_versions_type on artifact_versions (project_id, type, created, id);
create index artifact_versions_user on artifact_versions (user_id, project_id, created, id);
