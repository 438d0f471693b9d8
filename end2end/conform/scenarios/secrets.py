"""Secrets, and the stacks and components that use them."""

from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    made = api.post("/secrets", {"name": "own", "values": {"a": "1", "b": "2", "unset": None}}).id
    api.post("/secrets", {"name": "own"})
    private = api.post("/secrets", {"name": "own", "private": True}).id
    api.post("/secrets", {"name": "own", "private": True})
    for hydrate in (True, False):
        api.get(f"/secrets/{made}", hydrate=hydrate)
    for body in ({"values": {"c": "3"}}, {"values": {}}, {"values": {"a": "1", "b": None}}, {}, {"name": "renamed"}):
        api.put(f"/secrets/{made}", body)
    for body in ({"values": {"c": "3"}}, {"values": {"a": None}}, {"name": "again"}, {"private": True}, {"private": False}):
        api.put(f"/secrets/{made}?patch_values=true", body)
    api.put(f"/secrets/{private}", {"name": "again", "private": False})
    api.delete(f"/secrets/{private}")
    api.delete(f"/secrets/{made}")
    api.delete(f"/secrets/{made}")
    api.get(f"/secrets/{made}")
    api.put(f"/secrets/{made}", {"name": "x"})
    api.put("/secrets_operations/backup", {})


def errors(api: Api) -> None:
    for body in ({}, {"name": "x" * 256}, {"name": "s", "values": {"a": 1}}, {"name": "s", "values": None}, {"name": "s", "private": None}):
        api.attempt("/secrets", body)
    api.post("/secrets", {"name": "large", "values": {"a": "x" * 70_000}})
    api.get(f"/secrets/{ABSENT_ID}")


def in_use(api: Api) -> None:
    secret = api.post("/secrets", {"name": "used", "values": {"A": "1"}}).id
    component = {"name": "with-secret", "type": "orchestrator", "flavor": "local", "configuration": {}, "environment": {"B": "2"}}
    orchestrator = api.post("/components", component | {"secrets": ["used"]}).id
    api.post("/components", component | {"name": "other", "secrets": ["absent"]})
    api.get(f"/components/{orchestrator}")
    api.put(f"/components/{orchestrator}", {"remove_secrets": ["used"]})
    store = api.post("/components", {"name": "secret-store", "type": "artifact_store", "flavor": "local", "configuration": {}}).id
    stack = {"name": "with-secret", "components": {"orchestrator": [orchestrator], "artifact_store": [store]}, "secrets": [secret, "used"]}
    stack_id = api.post("/stacks", stack).id
    api.put(f"/stacks/{stack_id}", {"add_secrets": ["absent"]})
    api.put(f"/stacks/{stack_id}", {"add_secrets": [secret], "remove_secrets": ["used"]})
    api.put(f"/stacks/{stack_id}", {"add_secrets": ["used"]})
    api.delete(f"/secrets/{secret}")
    api.get(f"/stacks/{stack_id}")


def lists(api: Api) -> None:
    for name in ("list-a", "list-b", "LIST-C"):
        api.post("/secrets", {"name": name, "private": name == "list-b", "values": {"a": "1"}})
    sweep(api, "/secrets", {"name": "list-a", "user": "admin"}, ["user"])
