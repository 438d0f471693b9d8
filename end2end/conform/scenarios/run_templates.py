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
    made = api.post("/run_templates", full).id
    api.post("/run_templates", full)
    for hydrate in (True, False):
        api.get(f"/run_templates/{made}", hydrate=hydrate)
    api.put(f"/run_templates/{made}", {"name": "renamed", "description": "u", "hidden": True, "add_tags": ["t3"], "remove_tags": ["t1"]})
    api.put(f"/run_templates/{made}", {})
    for wrong in ({"source_snapshot_id": ABSENT_ID}, {"name": ""}, {"name": None}, {"project": ABSENT_ID}):
        api.attempt("/run_templates", full | {"name": "w"} | wrong)
    api.post("/run_templates", {})
    api.attempt("/run_templates", full | {"name": "without-build", "source_snapshot_id": build.snapshot(api, project, pipeline)})
    api.delete(f"/run_templates/{made}")
    api.delete(f"/run_templates/{made}")
    api.get(f"/run_templates/{made}")
    api.put(f"/run_templates/{ABSENT_ID}", {"name": "x"})


def lists(api: Api) -> None:
    project = build.project(api, "template-lists")
    pipeline, stack = build.pipeline(api, project), build.default_stack(api).id
    images = api.post("/pipeline_builds", {"project": project, "is_local": False, "contains_code": True, "stack": stack, "pipeline": pipeline, "zenml_version": "0.98.0"}).id
    for name, hidden in (("list-a", False), ("list-b", True), ("LIST-C", False)):
        snapshot = build.snapshot(api, project, pipeline, build=images)
        api.post("/run_templates", {"project": project, "name": name, "source_snapshot_id": snapshot, "hidden": hidden, "tags": ["one"]})
    examples = {"user": "admin", "tags": "one", "pipeline_id": pipeline, "pipeline": "training", "stack_id": stack, "stack": "default", "build_id": images}
    sweep(api, "/run_templates", examples, ["user", "tags"], project=project)
