-- Stacks, their components, and the flavors that say what a component is.
create table flavors (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    name text not null,
    type text not null,
    display_name text,
    integration text,
    source text not null,
    config_schema text not null,
    settings_schema text,
    is_local boolean not null,
    is_remote boolean not null,
    has_synchronous_field boolean not null,
    connector_type text,
    connector_resource_type text,
    connector_resource_id_attr text,
    logo_url text,
    docs_url text,
    sdk_docs_url text,
    is_custom boolean not null
);
create unique index flavors_name on flavors (name, type);

create table stack_components (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    name text not null,
    type text not null,
    flavor text not null,
    configuration text not null,
    environment text not null,
    labels text,
    connector_id text,
    connector_resource_id text
);
create unique index stack_components_name on stack_components (name, type);
create index stack_components_flavor on stack_components (type, flavor);

create table stacks (
    id text primary key,
    created text not null,
    updated text not null,
    user_id text references users (id) on delete set null,
    name text not null unique,
    description text not null,
    stack_spec_path text,
    environment text not null,
    labels text not null
);

create table stack_compositions (
    stack_id text not null references stacks (id) on delete cascade,
    component_id text not null references stack_components (id) on delete cascade,
    type text not null,
    is_default boolean not null,
    position bigint not null,
    primary key (stack_id, component_id)
);
create index stack_compositions_component on stack_compositions (component_id);
