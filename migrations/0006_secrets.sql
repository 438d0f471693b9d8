-- Secrets, what uses them, and service connectors.
create table secrets (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text not null references users (id),
    name text not null,
    private boolean not null,
    -- Kept by the server for something else, such as a service connector: users do not see it.
    internal boolean not null
);
create unique index secrets_public_name on secrets (name) where not private and not internal;
create unique index secrets_private_name on secrets (user_id, name) where private;
create index secrets_name on secrets (name);
create index secrets_created on secrets (created, id);
create index secrets_user on secrets (user_id);

-- Apart from their secrets, so that no list reads them. Encrypted with the server's key, and bound to the secret's id.
create table secret_values (
    secret_id text primary key references secrets (id) on delete cascade,
    sealed text not null
);

create table stack_secrets (
    stack_id text not null references stacks (id) on delete cascade,
    secret_id text not null references secrets (id) on delete cascade,
    primary key (stack_id, secret_id)
);
create index stack_secrets_secret on stack_secrets (secret_id);

create table stack_component_secrets (
    component_id text not null references stack_components (id) on delete cascade,
    secret_id text not null references secrets (id) on delete cascade,
    primary key (component_id, secret_id)
);
create index stack_component_secrets_secret on stack_component_secrets (secret_id);

create table service_connectors (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    name text not null unique,
    description text not null,
    type text not null,
    auth_method text not null,
    resource_types text not null,
    resource_id text,
    supports_instances boolean not null,
    configuration text not null,
    secret_id text references secrets (id) on delete set null,
    expires_at text,
    expires_skew_tolerance bigint,
    expiration_seconds bigint,
    labels text not null
);
create index service_connectors_created on service_connectors (created, id);
create index service_connectors_user on service_connectors (user_id);
create index stack_components_connector on stack_components (connector_id);
