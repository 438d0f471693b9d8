"""Webhooks: events that other systems send."""

import hashlib
import hmac

import build
from api import Api
from sweep import ABSENT_ID, sweep

SECRET = "s" * 32


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


def deliveries(api: Api) -> None:
    """Signed and unsigned deliveries; nothing starts of them."""
    project = build.project(api, "webhook-deliveries")
    made = api.post("/webhooks", {"project": project, "name": "push", "webhook_type": "custom", "active": True, "secret": SECRET}).id
    stranger = api.with_token(None)
    body = b'{"ref": "main"}'
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    for path in (f"/webhooks/custom/{made}/events", f"/webhooks/github/{made}/events", f"/webhooks/planet/{made}/events", f"/webhooks/custom/{ABSENT_ID}/events"):
        stranger.send("POST", path, data=body)
        stranger.send("POST", path, data=body, headers={"X-Signature-256": f"sha256={signature}", "Content-Type": "application/json"})
    api.put(f"/webhooks/{made}", {"active": False})
    stranger.send("POST", f"/webhooks/custom/{made}/events", data=body)


def lists(api: Api) -> None:
    project = build.project(api, "webhook-lists")
    for name, active in (("list-a", True), ("list-b", False), ("LIST-C", True)):
        api.post("/webhooks", {"project": project, "name": name, "webhook_type": "custom", "active": active, "secret": "s" * 32})
    sweep(api, "/webhooks", {"user": "admin"}, ["user"], project=project)
