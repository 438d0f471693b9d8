"""Steps of runs."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "steps")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    run = build.run(api, project, snapshot, "run")
    request = build.step_request(project, run, cache_key="key", code_hash="hash", docstring="doc", source_code="def f(): ...")
    made = api.post("/steps", request).id
    api.post("/steps", request)
    for hydrate in (True, False):
        api.get(f"/steps/{made}", hydrate=hydrate)
    for part in ("status", "step-configuration"):
        api.get(f"/steps/{made}/{part}")
    api.put(f"/steps/{made}/heartbeat", {})
    output = build.artifact_version(api, project, "dataset", save_type="step_output")
    api.put(f"/steps/{made}", {"outputs": {"dataset": [output]}, "status": "completed", "end_time": build.END})
    api.put(f"/steps/{made}/heartbeat", {})
    api.put(f"/steps/{made}", {"status": "running"})
    api.put(f"/steps/{made}", {"cache_expires_at": "2199-01-01T00:00:00"})
    api.put(f"/steps/{made}", {})
    second = api.post("/steps", build.step_request(project, run, "model_trainer", inputs={"data": [output]}, parent_step_ids=[made])).id
    extra = build.artifact_version(api, project, "extra")
    api.put(f"/steps/{second}", {"loaded_artifact_versions": {"extra": extra}})
    api.put(f"/steps/{second}", {"exception_info": build.EXCEPTION, "status": "failed", "end_time": build.END})
    api.get(f"/steps/{second}")
    api.get(f"/runs/{run}/dag")
    api.get(f"/runs/{run}/steps", hydrate=True)
    api.get(f"/artifact_versions/{output}")
    api.delete(f"/runs/{run}")
    api.get(f"/steps/{made}")
    api.get(f"/artifact_versions/{output}")


def retries(api: Api) -> None:
    project = build.project(api, "step-retries")
    request = build.snapshot_request(api, project, build.pipeline(api, project))
    for part in ("config", "step_config_overrides"):
        request["step_configurations"]["data_loader"][part]["retry"] = {"max_retries": 2, "delay": 0, "backoff": 0}
    run = build.run(api, project, api.post("/pipeline_snapshots", request).id, "run")
    for status in ("failed", "retrying", "cancelled"):
        step = api.post("/steps", build.step_request(project, run)).id
        api.put(f"/steps/{step}", {"status": status, "end_time": build.END})
        api.get(f"/runs/{run}", hydrate=False)
    api.post("/steps", build.step_request(project, run))
    api.get("/steps", project=project, pipeline_run_id=run, exclude_retried=True, hydrate=True)
    api.get(f"/runs/{run}/dag")


def caching(api: Api) -> None:
    project = build.project(api, "step-caching")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    first = build.run(api, project, snapshot, "first")
    output = build.artifact_version(api, project, "dataset", save_type="step_output")
    original = build.step(api, project, first, status="completed", cache_key="ck", outputs={"dataset": [output]}, end_time=build.END)
    api.get("/steps", project=project, cache_key="ck", status="completed", cache_expired=False, sort_by="desc:created", size=1)
    second = build.run(api, project, snapshot, "second")
    cached = build.step(
        api, project, second, status="cached", cache_key="ck", original_step_run_id=original, outputs={"dataset": [output]}, end_time=build.END,
    )
    api.get(f"/steps/{cached}")
    api.get(f"/runs/{second}/dag")
    api.put(f"/steps/{original}", {"cache_expires_at": "2020-01-01T00:00:00"})
    api.get("/steps", project=project, cache_key="ck", status="completed", cache_expired=False)
    api.get("/steps", project=project, cache_expired=True)


def dynamic(api: Api) -> None:
    project = build.project(api, "step-dynamic")
    static = build.snapshot_request(api, project, build.pipeline(api, project))
    snapshot = api.post("/pipeline_snapshots", static | {"is_dynamic": True, "step_configurations": {}}).id
    run = build.run(api, project, snapshot, "run")
    api.post("/steps", build.step_request(project, run))
    configuration = static["step_configurations"]["data_loader"]
    step = api.post("/steps", build.step_request(project, run, dynamic_config=configuration)).id
    api.get(f"/steps/{step}")
    api.get(f"/runs/{run}/dag")
    api.put(f"/steps/{step}", {"status": "completed", "end_time": build.END})
    api.get(f"/runs/{run}", hydrate=False)
    api.put(f"/runs/{run}", {"status": "completed"})


def errors(api: Api) -> None:
    project = build.project(api, "step-errors")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for number, wrong in enumerate((
        {"name": "no-such-step"}, {"pipeline_run_id": ABSENT_ID}, {"project": ABSENT_ID}, {"status": "nonsense"}, {"start_time": None},
        {"inputs": {"data": [ABSENT_ID]}}, {"outputs": {"dataset": [ABSENT_ID]}}, {"original_step_run_id": ABSENT_ID},
        {"parent_step_ids": [ABSENT_ID]}, {"name": None}, {"source_code": "x" * 65536},
    )):
        run = build.run(api, project, snapshot, f"run-{number}")
        api.post("/steps", build.step_request(project, run) | wrong)
    api.post("/steps", {})
    for path in ("", "/status", "/step-configuration", "/logs?source=step"):
        api.get(f"/steps/{ABSENT_ID}{path}")
    api.put(f"/steps/{ABSENT_ID}", {"status": "failed"})
    api.put(f"/steps/{ABSENT_ID}/heartbeat", {})
    finished = build.run(api, project, snapshot, "finished", ends="completed")
    api.post("/steps", build.step_request(project, finished))


def lists(api: Api) -> None:
    project = build.project(api, "step-lists")
    other = build.user(api, "stepper")
    snapshot = build.snapshot(api, project, build.pipeline(api, project), {"model": build.model_configuration("churn")})
    run = build.run(api, project, snapshot, "run")
    first = build.step(api, project, run, cache_key="k-1", code_hash="h-1", status="completed", end_time=build.END, cache_expires_at="2020-01-01T00:00:00")
    build.step(other, project, run, "model_trainer", cache_key="k-2", original_step_run_id=first)
    second = build.run(api, project, snapshot, "second")
    build.step(api, project, second, status="failed", end_time=build.END)
    api.post("/run-metadata", {"project": project, "resources": [{"id": first, "type": "step_run"}], "values": {"rows": 3}, "types": {"rows": "int"}})
    examples = {
        "user": "stepper", "pipeline_run_id": run, "snapshot_id": snapshot, "original_step_run_id": first, "model": "churn", "status": "completed",
        "run_metadata": ["rows:3", "rows:gt:2", "rows"],
    }
    sweep(api, "/steps", examples, ["user"], project=project)
    api.get(f"/runs/{run}/steps", project=project, status="completed")
