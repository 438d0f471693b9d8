"""Stack components."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    full = {
        "name": "store", "type": "artifact_store", "flavor": "local", "configuration": {"path": "/tmp/store"}, "labels": {"a": "b"},
        "environment": {"A": "1"}, "connector_resource_id": None, "connector": None,
    }
    made = api.post("/components", full).id
    api.post("/components", full)
    api.post("/components", full | {"type": "orchestrator", "configuration": {}})
    for hydrate in (True, False):
        api.get(f"/components/{made}", hydrate=hydrate)
    api.put(f"/components/{made}", {"name": "renamed"})
    api.put(f"/components/{made}", {"configuration": {"path": "/tmp/other"}})
    api.put(f"/components/{made}", {"configuration": {}})
    api.put(f"/components/{made}", {"labels": {"c": "d"}, "environment": {"B": "2"}})
    api.put(f"/components/{made}", {})
    api.put(f"/components/{made}", {"name": "default"})
    api.put(f"/components/{made}", {"connector": ABSENT_ID})
    api.put(f"/components/{made}", {"connector_resource_id": "x"})
    api.delete(f"/components/{made}")
    api.delete(f"/components/{made}")
    api.get(f"/components/{made}")
    api.put(f"/components/{made}", {"name": "x"})


def kept(api: Api) -> None:
    """Default components, and components that a stack has."""
    components = build.default_stack(api)["metadata"]["components"]
    for kind in ("orchestrator", "artifact_store"):
        component = components[kind][0]["id"]
        api.get(f"/components/{component}")
        api.put(f"/components/{component}", {"name": "mine"})
        api.put(f"/components/{component}", {"configuration": {}})
        api.delete(f"/components/{component}")
    own = api.post("/components", {"name": "in-use", "type": "orchestrator", "flavor": "local", "configuration": {}}).id
    stack = api.post("/stacks", {"name": "user-of-it", "components": {"orchestrator": [own], "artifact_store": [components["artifact_store"][0]["id"]]}}).id
    api.delete(f"/components/{own}")
    api.delete(f"/stacks/{stack}")
    api.delete(f"/components/{own}")


def errors(api: Api) -> None:
    good = {"name": "c", "type": "orchestrator", "flavor": "local", "configuration": {}}
    for name in ("", " ", "a\nb", "x" * 256, None):
        api.attempt("/components", good | {"name": name})
    for wrong in ({"type": "planet"}, {"flavor": "nothing"}, {"flavor": ""}, {"configuration": None}, {"configuration": []}, {"connector": ABSENT_ID}):
        api.post("/components", good | wrong)
    api.post("/components", {})
    api.get(f"/components/{ABSENT_ID}")
    api.get("/component-types")


def lists(api: Api) -> None:
    other = build.user(api, "composer")
    for name, kind, flavor in (("list-a", "orchestrator", "local"), ("list-b", "orchestrator", "local_docker"), ("LIST-C", "image_builder", "local")):
        other.post("/components", {"name": name, "type": kind, "flavor": flavor, "configuration": {}, "labels": {"n": name}})
    stack = build.default_stack(api).id
    sweep(api, "/components", {"user": "composer", "stack_id": stack, "scope_type": "orchestrator", "flavor": "local"}, ["user"])
    sweep(api, "/components", {"flavor": "local"}, type="orchestrator")
