-- Accounts, the ways they sign in, and the server's own settings.
create table server_settings (
    id text primary key,
    server_name text not null,
    logo_url text,
    active boolean not null,
    setup_token_hash text,
    display_announcements boolean,
    display_updates boolean,
    enable_analytics boolean not null,
    last_user_activity text not null,
    created text not null,
    updated text not null
);

create table projects (
    id text primary key,
    created text not null,
    updated text not null,
    name text not null unique,
    display_name text not null,
    description text not null,
    project_metadata text
);

-- People and service accounts share a table, as on the wire; a name may be used once by each kind.
create table users (
    id text primary key,
    created text not null,
    updated text not null,
    name text not null,
    is_service_account boolean not null,
    full_name text not null,
    description text not null,
    email text,
    email_opted_in boolean,
    avatar_url text,
    active boolean not null,
    is_admin boolean not null,
    password_hash text,
    password_changed_at text,
    activation_token_hash text,
    external_user_id text,
    user_metadata text not null,
    default_project_id text references projects (id) on delete set null
);
create unique index users_name on users (name, is_service_account);

create table api_keys (
    id text primary key,
    created text not null,
    updated text not null,
    service_account_id text not null references users (id) on delete cascade,
    name text not null,
    description text not null,
    key_hash text not null,
    previous_key_hash text,
    key_generation bigint not null,
    retain_period_minutes bigint not null,
    active boolean not null,
    last_login text,
    last_rotated text
);
create unique index api_keys_name on api_keys (service_account_id, name);

create table devices (
    id text primary key,
    created text not null,
    updated text not null,
    client_id text not null unique,
    user_id text references users (id) on delete set null,
    user_code_hash text not null,
    device_code_hash text not null,
    status text not null,
    failed_auth_attempts bigint not null,
    expires text,
    last_login text,
    trusted_device boolean not null,
    os text,
    ip_address text,
    hostname text,
    python_version text,
    zenml_version text,
    city text,
    region text,
    country text
);
create index devices_user on devices (user_id);

-- Answers kept for a repeated `Idempotency-Key`: the client repeats POSTs after a timeout with the same key.
create table idempotent_requests (
    user_id text not null references users (id) on delete cascade,
    request_key text not null,
    url text not null,
    created text not null,
    body text not null,
    primary key (user_id, request_key, url)
);
create index idempotent_requests_created on idempotent_requests (created);
