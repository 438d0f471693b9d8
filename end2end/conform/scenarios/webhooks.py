"""Webhooks: events that other systems send."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "webhooks")
    full = {"project": project, "name": "push", "webhook_type": "custom", "active": True, "secret": "s" * 32}
    made = api.post("/webhooks", full).id
    api.post("/webhooks", full)
    for hydrate in (True, False):
        api.get(f"/webhooks/{made}", hydrate=hydrate)
    api.put(f"/webhooks/{made}", {"name": "renamed"})
    api.put(f"/webhooks/{made}", {"active": False})
    api.put(f"/webhooks/{made}", {})
    api.put(f"/webhooks/{made}/secret", {"secret": "t" * 32})
    api.get(f"/webhooks/{made}/events/raw", delivery_id="nothing")
    for wrong in ({"name": ""}, {"webhook_type": "planet"}, {"webhook_type": ""}, {"secret": ""}, {"project": ABSENT_ID}):
        api.attempt("/webhooks", full | {"name": "w"} | wrong)
    api.post("/webhooks", {})
    api.delete(f"/webhooks/{made}")
    api.delete(f"/webhooks/{made}")
    api.get(f"/webhooks/{made}")
    api.put(f"/webhooks/{ABSENT_ID}", {"name": "x"})


def lists(api: Api) -> None:
    project = build.project(api, "webhook-lists")
    for name, active in (("list-a", True), ("list-b", False), ("LIST-C", True)):
        api.post("/webhooks", {"project": project, "name": name, "webhook_type": "custom", "active": active, "secret": "s" * 32})
    sweep(api, "/webhooks", {"user": "admin"}, ["user"], project=project)
