"""Flavors of stack components."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    full = {
        "name": "own", "display_name": "Own", "type": "orchestrator", "source": "own.flavor.OwnFlavor", "integration": "custom",
        "config_schema": {"properties": {"size": {"type": "integer"}}, "type": "object"}, "connector_type": "aws",
        "connector_resource_type": "s3-bucket", "connector_resource_id_attr": "path", "logo_url": "https://example.org/l.png",
        "docs_url": "https://example.org/d", "sdk_docs_url": "https://example.org/s", "is_custom": True,
    }
    made = api.post("/flavors", full).id
    api.post("/flavors", full)
    api.post("/flavors", full | {"type": "planet"})
    api.post("/flavors", {})
    for hydrate in (True, False):
        api.get(f"/flavors/{made}", hydrate=hydrate)
    api.put(f"/flavors/{made}", {"display_name": "Mine", "logo_url": "https://example.org/m.png"})
    api.put(f"/flavors/{made}", {"config_schema": {"properties": {"size": {"type": "number"}}, "type": "object"}})
    api.put(f"/flavors/{made}", {"name": "renamed", "source": "other.Flavor"})
    api.put(f"/flavors/{made}", {})
    component = api.post("/components", {"name": "of-own", "type": "orchestrator", "flavor": "renamed", "configuration": {"size": 1}})
    api.delete(f"/flavors/{made}")
    if component.status == 200:
        api.delete(f"/components/{component.id}")
    api.delete(f"/flavors/{made}")
    api.delete(f"/flavors/{made}")
    api.get(f"/flavors/{made}")
    api.get(f"/flavors/{ABSENT_ID}")


def built_in(api: Api) -> None:
    flavor = api.get("/flavors", name="kubernetes", type="orchestrator", hydrate=True)["items"][0]["id"]
    for kind in ("orchestrator", "artifact_store", "deployer", "image_builder"):
        api.get("/flavors", type=kind, size=100, sort_by="name")


def lists(api: Api) -> None:
    for name in ("list-a", "list-b", "LIST-C"):
        api.post("/flavors", {"name": name, "type": "annotator", "source": f"own.{name}", "config_schema": {}, "display_name": name.title(), "integration": "own"})
    sweep(api, "/flavors", {}, ["user"], name="contains:list-")
