"""Service connectors of the types that need no packages of a cloud."""

from api import Api
from sweep import ABSENT_ID, sweep

DOCKER = {"connector_type": "docker", "auth_method": "password", "configuration": {"username": "u", "password": "p"}}


def life(api: Api) -> None:
    made = api.post("/service_connectors", DOCKER | {"name": "hub"}).id
    api.post("/service_connectors", DOCKER | {"name": "hub"})
    for query in ({}, {"hydrate": False}, {"expand_secrets": False}, {"hydrate": False, "expand_secrets": False}):
        api.get(f"/service_connectors/{made}", **query)
    full = {
        "name": "full", "description": "d", "resource_types": ["docker-registry"], "resource_id": "docker.io/x",
        "expires_at": "2030-01-01T00:00:00", "expires_skew_tolerance": 5, "labels": {"a": "b"},
    }
    other = api.post("/service_connectors", DOCKER | full).id
    for body in (
        {"name": "renamed"}, {"description": "new", "labels": {}, "resource_id": "docker.io/y"}, {"name": "hub"},
        {"configuration": {"username": "v", "password": "q", "registry": "r"}}, {"configuration": {"username": "v"}}, {"auth_method": "x"},
        {"labels": {"c": "d"}, "resource_types": ["docker-registry"]}, {},
    ):
        api.put(f"/service_connectors/{other}", body)
    api.delete(f"/service_connectors/{other}")
    api.delete(f"/service_connectors/{other}")
    api.put(f"/service_connectors/{other}", {"name": "x"})
    api.get("/service_connector_types/absent")


def errors(api: Api) -> None:
    for wrong in (
        {"name": "x" * 256}, {"name": None}, {"auth_method": "x"}, {"resource_types": ["x"]}, {"configuration": {"username": "u"}},
        {"configuration": {"username": "u", "password": 1}}, {"labels": {"a": 1}}, {"resource_id": "x" * 256},
    ):
        api.attempt("/service_connectors", DOCKER | {"name": "wrong"} | wrong)
    api.post("/service_connectors", {})
    api.get(f"/service_connectors/{ABSENT_ID}")


def in_use(api: Api) -> None:
    connector = api.post("/service_connectors", DOCKER | {"name": "used"}).id
    registry = {
        "name": "connected", "type": "container_registry", "flavor": "default", "configuration": {"uri": "docker.io/me"},
        "connector": connector, "connector_resource_id": "docker.io/me",
    }
    component = api.post("/components", registry).id
    api.post("/components", registry | {"name": "nowhere", "connector": ABSENT_ID})
    api.get("/components", connector_id=connector, hydrate=True)
    for body in ({"auth_method": "x"}, {"connector_type": "oauth2"}, {"resource_types": ["x"]}, {"resource_id": "x"}, {"description": "d"}):
        api.put(f"/service_connectors/{connector}", body)
    api.delete(f"/service_connectors/{connector}")
    api.put(f"/components/{component}", {"connector": connector, "connector_resource_id": "q"})
    api.put(f"/components/{component}", {"connector_resource_id": "q"})
    api.delete(f"/service_connectors/{connector}")


def with_a_stack(api: Api) -> None:
    new = {"type": "docker", "auth_method": "password", "configuration": {"username": "u", "password": "p"}}
    registry = {"flavor": "default", "configuration": {"uri": "docker.io/me"}, "service_connector_index": 0}
    parts = {"orchestrator": [{"flavor": "local"}], "artifact_store": [{"flavor": "local"}]}
    stack = {"name": "whole", "labels": {"team": "a", "size": 2}, "service_connectors": [new], "components": parts | {"container_registry": [registry]}}
    made = api.post("/stacks", stack).id
    api.post("/stacks", stack)
    api.get(f"/stacks/{made}")
    api.get("/components", name="whole", type="container_registry", hydrate=True)
    api.get("/service_connectors", name="whole")
    for wrong in ({"service_connector_index": 3}, {"flavor": "absent"}):
        api.post("/stacks", stack | {"name": "wrong", "components": parts | {"container_registry": [registry | wrong]}})
    api.post("/stacks", stack | {"name": "wrong", "service_connectors": [ABSENT_ID]})
    api.get("/components", name="wrong")


def lists(api: Api) -> None:
    for name in ("list-a", "list-b", "LIST-C"):
        api.post("/service_connectors", DOCKER | {"name": name, "labels": {"of": name}})
    sweep(api, "/service_connectors", {"name": "list-a", "connector_type": "docker", "user": "admin"}, ["user"])
    for query in ({"labels_str": "of=list-a"}, {"labels_str": '{"of": null}'}, {"resource_type": "docker-registry"}, {"resource_type": "x"}):
        api.get("/service_connectors", **query)
