"""Pipeline deployments: what older clients call snapshots."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "old-deployments")
    pipeline = build.pipeline(api, project)
    made = api.post("/pipeline_deployments", build.snapshot_request(api, project, pipeline)).id
    for hydrate in (True, False):
        api.get(f"/pipeline_deployments/{made}", hydrate=hydrate)
    api.get(f"/pipeline_snapshots/{made}", hydrate=False)
    api.post("/pipeline_deployments", {})
    api.post("/pipeline_deployments", build.snapshot_request(api, project, ABSENT_ID))
    api.delete(f"/pipeline_deployments/{made}")
    api.delete(f"/pipeline_deployments/{made}")
    api.get(f"/pipeline_deployments/{made}")


def lists(api: Api) -> None:
    project = build.project(api, "old-deployment-lists")
    pipeline = build.pipeline(api, project)
    for name in ("list-a", "list-b", None):
        build.snapshot(api, project, pipeline, name=name)
    sweep(api, "/pipeline_deployments", {"user": "admin", "pipeline": "training", "stack": "default"}, project=project)
