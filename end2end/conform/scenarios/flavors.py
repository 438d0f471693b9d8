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
    api.put(f"/flavors/{made}", {"config_schema": {"properties": {}, "type": "object"}})
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
    api.put(f"/flavors/{flavor}", {"display_name": "x"})
    api.delete(f"/flavors/{flavor}")
    for kind in ("orchestrator", "artifact_store", "deployer", "image_builder"):
        api.get("/flavors", type=kind, size=100, sort_by="name")


def lists(api: Api) -> None:
    sweep(api, "/flavors", {"name": "kubernetes", "display_name": "Local", "integration": "aws"}, ["user"], type="orchestrator")
