-- When an account was last at work, to the hour; none: not since this is noted.
alter table users add column last_seen text;
