-- Protected: a launch from the browser repeats what it is about and asks before it starts.
alter table pipeline_snapshots add column protected boolean not null default false;
alter table stacks add column protected boolean not null default false;
