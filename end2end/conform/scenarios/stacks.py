"""Stacks."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def _components(api: Api) -> dict[str, list[str]]:
    components = build.default_stack(api)["metadata"]["components"]
    return {kind: [components[kind][0]["id"]] for kind in ("orchestrator", "artifact_store")}


def life(api: Api) -> None:
    components = _components(api)
    full = {
        "name": "own", "description": "a stack", "stack_spec_path": "own.yaml", "components": components, "environment": {"A": "1"},
        "labels": {"team": "blue"},
    }
    made = api.post("/stacks", full).id
    api.post("/stacks", full)
    for hydrate in (True, False):
        api.get(f"/stacks/{made}", hydrate=hydrate)
    api.put(f"/stacks/{made}", {"name": "renamed", "description": "other"})
    api.put(f"/stacks/{made}", {"labels": {"team": "red"}, "environment": {"B": "2"}})
    api.put(f"/stacks/{made}", {"stack_spec_path": "x.yaml"})
    api.put(f"/stacks/{made}", {})
    api.put(f"/stacks/{made}", {"name": "default"})
    api.put(f"/stacks/{made}", {"components": {"orchestrator": components["orchestrator"]}})
    api.put(f"/stacks/{made}", {"components": components | {"orchestrator": [ABSENT_ID]}})
    api.put(f"/stacks/{made}", {"components": components})
    api.delete(f"/stacks/{made}")
    api.delete(f"/stacks/{made}")
    api.get(f"/stacks/{made}")
    api.put(f"/stacks/{made}", {"name": "x"})


def default_stack_stays(api: Api) -> None:
    default = build.default_stack(api)
    api.put(f"/stacks/{default.id}", {"name": "mine"})
    api.put(f"/stacks/{default.id}", {"description": "x"})
    api.delete(f"/stacks/{default.id}")
    api.get(f"/stacks/{default.id}")


def errors(api: Api) -> None:
    components = _components(api)
    for name in ("", " ", "a\tb", "x" * 256, None):
        api.attempt("/stacks", {"name": name, "components": components})
    api.post("/stacks", {})
    api.post("/stacks", {"name": "s1", "components": {}})
    api.post("/stacks", {"name": "s2", "components": {"orchestrator": components["orchestrator"]}})
    api.post("/stacks", {"name": "s3", "components": components | {"orchestrator": [ABSENT_ID]}})
    api.post("/stacks", {"name": "s4", "components": components | {"planet": [ABSENT_ID]}})
    api.attempt("/stacks", {"name": "s5", "components": {"orchestrator": components["artifact_store"], "artifact_store": components["orchestrator"]}})
    api.get(f"/stacks/{ABSENT_ID}")
    api.get("/stacks/default")


def with_new_components(api: Api) -> None:
    """A stack whose components are made with it."""
    info = {"flavor": "local", "configuration": {}}
    api.post("/stacks", {"name": "fresh", "components": {"orchestrator": [info], "artifact_store": [info]}})
    api.get("/components", name="contains:fresh", hydrate=True)
    api.post("/stacks", {"name": "badly", "components": {"orchestrator": [info | {"flavor": "nothing"}], "artifact_store": [info]}})


def lists(api: Api) -> None:
    other = build.user(api, "stacker")
    components = _components(api)
    for name in ("list-a", "list-b", "LIST-C"):
        other.post("/stacks", {"name": name, "components": components, "description": f"of {name}"})
    sweep(api, "/stacks", {"user": "stacker", "component": ["default", components["orchestrator"][0]], "component_id": components["orchestrator"]}, ["user"])
