-- The steps of the onboarding that were ever reached, as a JSON list: what is deleted later does not take them away.
alter table server_settings add column onboarding_state text not null default '[]';
