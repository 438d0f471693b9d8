"""Deployed pipelines."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def _deployer(api: Api) -> str:
    return build.default_stack(api)["metadata"]["components"]["deployer"][0]["id"]


def life(api: Api) -> None:
    project = build.project(api, "deployments")
    snapshot = build.snapshot(api, project, build.pipeline(api, project), name="served")
    full = {"project": project, "name": "endpoint", "snapshot_id": snapshot, "deployer_id": _deployer(api), "auth_key": "k", "tags": ["d1", "d2"]}
    made = api.post("/deployments", full).id
    api.post("/deployments", full)
    for hydrate in (True, False):
        api.get(f"/deployments/{made}", hydrate=hydrate)
    api.put(f"/deployments/{made}", {"name": "renamed", "add_tags": ["d3"], "remove_tags": ["d1"]})
    api.put(f"/deployments/{made}", {"status": "running", "url": "http://example.org", "deployment_metadata": {"pid": 1}})
    api.put(f"/deployments/{made}", {"auth_key": "other"})
    api.put(f"/deployments/{made}", {"snapshot_id": ABSENT_ID})
    api.put(f"/deployments/{made}", {"status": "planet"})
    api.put(f"/deployments/{made}", {})
    api.get(f"/pipeline_snapshots/{snapshot}")
    for wrong in ({"snapshot_id": ABSENT_ID}, {"deployer_id": ABSENT_ID}, {"name": ""}, {"project": ABSENT_ID}, {"name": None}):
        api.attempt("/deployments", full | {"name": "w"} | wrong)
    api.post("/deployments", {})
    api.delete(f"/deployments/{made}")
    api.delete(f"/deployments/{made}")
    api.get(f"/deployments/{made}")
    api.put(f"/deployments/{ABSENT_ID}", {"name": "x"})


def lists(api: Api) -> None:
    project = build.project(api, "deployment-lists")
    pipeline = build.pipeline(api, project)
    for number, name in enumerate(("list-a", "list-b", "LIST-C")):
        snapshot = build.snapshot(api, project, pipeline, name=f"s-{number}")
        made = api.post("/deployments", {"project": project, "name": name, "snapshot_id": snapshot, "deployer_id": _deployer(api), "tags": ["one"] if number else None}).id
    api.put(f"/deployments/{made}", {"status": "running", "url": "http://example.org/x"})
    examples = {"user": "admin", "tags": "one", "pipeline": ["training", pipeline], "snapshot_id": snapshot, "deployer_id": _deployer(api)}
    sweep(api, "/deployments", examples, ["user", "tags", "snapshot", "pipeline"], project=project)
    api.get("/pipeline_snapshots", project=project, deployed=True)
