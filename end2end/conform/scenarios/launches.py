"""Launching runs of snapshots, and what is refused: the stack is local, and neither server has the code."""

import build
from api import Api
from sweep import ABSENT_ID


def refusals(api: Api) -> None:
    project = build.project(api, "launches")
    pipeline = build.pipeline(api, project)
    named = build.snapshot(api, project, pipeline, name="named")
    unnamed = build.snapshot(api, project, pipeline)
    for snapshot in (named, unnamed, ABSENT_ID, "no-id"):
        api.post(f"/pipeline_snapshots/{snapshot}/runs", {})
        api.post(f"/pipeline_snapshots/{snapshot}/runs")
    for body in (
        {"run_configuration": None}, {"run_configuration": {}}, {"run_configuration": {"parameters": {"a": 1}}}, {"run_configuration": {"run_name": "x"}},
        {"run_configuration": "x"}, {"run_configuration": {"steps": []}}, {"run_configuration": {"enable_cache": "perhaps"}},
        {"step_run": "no-id"}, {"step_run": ABSENT_ID}, [], "x",
    ):
        api.post(f"/pipeline_snapshots/{named}/runs", body)
    api.with_token(None).post(f"/pipeline_snapshots/{named}/runs", {})
    build.user(api, "launcher").post(f"/pipeline_snapshots/{named}/runs", {})
    api.get("/runs", project=project)
    api.get("/pipeline_snapshots", project=project)


def refusals_of_builds(api: Api) -> None:
    """The images of a snapshot are gone, or its stack has changed since they were made."""
    project = build.project(api, "launches-of-builds")
    pipeline = build.pipeline(api, project)
    images = api.post("/pipeline_builds", {
        "project": project, "is_local": False, "contains_code": True, "stack": build.default_stack(api).id, "pipeline": pipeline,
        "images": {"orchestrator": {"image": "nowhere/image:1"}}, "stack_checksum": "old", "zenml_version": "0.98.0",
    }).id
    snapshot = build.snapshot(api, project, pipeline, build=images, name="with-images")
    api.post(f"/pipeline_snapshots/{snapshot}/runs", {})
    api.delete(f"/pipeline_builds/{images}")
    api.post(f"/pipeline_snapshots/{snapshot}/runs", {})
    api.delete(f"/pipeline_snapshots/{snapshot}")
    api.post(f"/pipeline_snapshots/{snapshot}/runs", {})


def of_runs(api: Api) -> None:
    """Replays, and runs of run templates."""
    project = build.project(api, "launches-of-runs")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run", ends="completed")
    for body in (None, {}, {"steps": []}, {"skip": "x"}, "x"):
        api.post(f"/runs/{run}/replay", body)
    api.post(f"/runs/{ABSENT_ID}/replay", {})
    api.post("/runs/no-id/replay", {})
    for template in (ABSENT_ID, "no-id"):
        api.post(f"/run_templates/{template}/runs", {})
    api.get("/runs", project=project)
