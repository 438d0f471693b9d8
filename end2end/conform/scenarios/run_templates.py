"""Run templates and pipeline deployments: what older clients call snapshots."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "templates")
    pipeline, stack = build.pipeline(api, project), build.default_stack(api).id
    images = api.post("/pipeline_builds", {"project": project, "is_local": False, "contains_code": True, "stack": stack, "pipeline": pipeline, "zenml_version": "0.98.0"}).id
    snapshot = build.snapshot(api, project, pipeline, build=images)
    full = {"project": project, "name": "template", "description": "t", "source_snapshot_id": snapshot, "hidden": False, "tags": ["t1", "t2"]}
    api.attempt("/run_templates", full)
    for wrong in ({"source_snapshot_id": ABSENT_ID}, {"name": ""}, {"name": None}, {"project": ABSENT_ID}):
        api.attempt("/run_templates", full | {"name": "w"} | wrong)
    api.post("/run_templates", {})
    api.attempt("/run_templates", full | {"name": "without-build", "source_snapshot_id": build.snapshot(api, project, pipeline)})
    api.get(f"/run_templates/{ABSENT_ID}")
    api.delete(f"/run_templates/{ABSENT_ID}")
    api.put(f"/run_templates/{ABSENT_ID}", {"name": "x"})


def lists(api: Api) -> None:
    """Of a project without templates: the peer makes none of local stacks."""
    project = build.project(api, "template-lists")
    sweep(api, "/run_templates", {"user": "admin", "pipeline": "training", "stack": "default"}, ["user", "tags"], project=project)
