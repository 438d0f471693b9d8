-- Who may run a snapshot: `operators` (every operator and above), `editors` (and above) or `named` (the accounts in
-- snapshot_runners, and admins). A snapshot without a row is run by those who may run the one it was made from; else by operators.
create table snapshot_access (
    snapshot_id text primary key references pipeline_snapshots (id) on delete cascade,
    may_run text not null
);

create table snapshot_runners (
    snapshot_id text not null references pipeline_snapshots (id) on delete cascade,
    user_id text not null references users (id) on delete cascade,
    primary key (snapshot_id, user_id)
);
create index snapshot_runners_user on snapshot_runners (user_id);
