"""Runs of pipelines."""

import build
from api import Api
from sweep import ABSENT_ID, sweep

LOGS = {"id": "11111111-2222-4333-8444-666666666601", "source": "client"}


def life(api: Api) -> None:
    project = build.project(api, "runs")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    request = build.run_request(project, snapshot, "first", tags=["r1", "r2"], orchestrator_run_id="o-1")
    made = api.post("/runs", request)[0]["id"]
    api.post("/runs", request)
    api.post("/runs", request | {"orchestrator_run_id": "o-2"})
    api.post("/runs", request | {"name": "other"})
    for hydrate in (True, False):
        for full in (True, False):
            api.get(f"/runs/{made}", hydrate=hydrate, include_full_metadata=full)
    for part in ("status", "pipeline-configuration", "dag", "steps"):
        api.get(f"/runs/{made}/{part}")
    api.put(f"/runs/{made}", {"add_tags": ["r3"], "remove_tags": ["r1"]})
    api.put(f"/runs/{made}", {"orchestrator_run_id": "o-9"})
    api.put(f"/runs/{made}", {"status": "running", "status_reason": "because"})
    api.put(f"/runs/{made}", {"exception_info": build.EXCEPTION})
    api.put(f"/runs/{made}", {"status": "completed"})
    api.put(f"/runs/{made}", {"status": "running"})
    api.put(f"/runs/{made}", {"status": "failed"})
    api.put(f"/runs/{made}", {})
    api.put(f"/runs/{made}", {"status": "nonsense"})
    api.delete(f"/runs/{made}")
    api.delete(f"/runs/{made}")
    for part in ("", "/status", "/dag", "/steps", "/pipeline-configuration", "/logs?source=client"):
        api.get(f"/runs/{made}{part}")
    api.put(f"/runs/{made}", {"status": "failed"})


def placeholder(api: Api) -> None:
    """The client makes a run before the orchestrator does; the orchestrator's request takes it over."""
    project = build.project(api, "placeholders")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    made = build.run(api, project, snapshot, "placed", status="initializing", orchestrator_run_id=None)
    api.get(f"/runs/{made}")
    api.post("/runs", build.run_request(project, snapshot, "other-name", orchestrator_run_id="o-1"))
    api.get(f"/runs/{made}")
    api.post("/runs", build.run_request(project, snapshot, "second", orchestrator_run_id="o-2", status="initializing"))
    api.get("/runs", project=project)


def statuses(api: Api) -> None:
    """A run's status follows its steps, and what its client reports."""
    project = build.project(api, "run-statuses")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for number, (first, second) in enumerate((
        ("completed", "completed"), ("completed", "failed"), ("cached", "cached"), ("skipped", "completed"), ("failed", None), ("stopped", None),
        ("running", None), ("completed", None),
    )):
        run = build.run(api, project, snapshot, f"run-{number}")
        build.step(api, project, run, "data_loader", status=first, end_time=build.END)
        api.get(f"/runs/{run}", hydrate=False)
        if second:
            build.step(api, project, run, "model_trainer", status=second, end_time=build.END)
        api.get(f"/runs/{run}")
        api.get(f"/runs/{run}/status")
        api.get(f"/runs/{run}/dag")
    for number, status in enumerate(("initializing", "provisioning", "running", "failed", "completed", "stopping", "stopped", "cancelled", "paused", "resuming")):
        run = build.run(api, project, snapshot, f"put-{number}", ends=status)
        api.put(f"/runs/{run}", {"status": "failed"})
        api.put(f"/runs/{run}", {"status": "provisioning"})


def stopping(api: Api) -> None:
    project = build.project(api, "run-stopping")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    run = build.run(api, project, snapshot, "stopped")
    api.post(f"/runs/{run}/refresh")
    api.post(f"/runs/{ABSENT_ID}/refresh")
    api.post(f"/runs/{ABSENT_ID}/stop")
    api.put(f"/runs/{run}", {"status": "stopping"})
    step = api.post("/steps", build.step_request(project, run))
    if step.status == 200:
        api.put(f"/steps/{step.id}", {"status": "completed", "end_time": build.END})
    api.get(f"/runs/{run}")
    api.put(f"/runs/{run}/disable_heartbeat")
    api.put(f"/runs/{ABSENT_ID}/disable_heartbeat")
    done = build.run(api, project, snapshot, "done", ends="completed")
    api.post(f"/runs/{done}/refresh")
    api.post(f"/runs/{done}/stop")


def family(api: Api) -> None:
    """Children, originals, and what triggered a run."""
    project = build.project(api, "run-family")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    parent = build.run(api, project, snapshot, "parent")
    step = build.step(api, project, parent)
    child = build.run(api, project, snapshot, "child", parent_run_id=parent, child_key="k1")
    build.run(api, project, snapshot, "grandchild", parent_run_id=child, child_key="k1")
    build.run(api, project, snapshot, "replayed", original_run_id=parent)
    build.run(api, project, snapshot, "triggered", trigger_info={"step_run_id": step})
    api.post("/runs", build.run_request(project, snapshot, "child-again", parent_run_id=parent, child_key="k1"))
    api.get(f"/runs/{parent}/dag")
    api.get("/runs", project=project, hydrate=True, root_runs_only=True)
    api.get("/runs", project=project, hydrate=True, parent_run_id=parent)
    api.delete(f"/runs/{parent}")
    api.get("/runs", project=project, hydrate=True)


def names(api: Api) -> None:
    project = build.project(api, "run-names")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for name in ("", " ", "x" * 256, None, "with/slash"):
        api.post("/runs", build.run_request(project, snapshot, name, orchestrator_run_id=f"o-{name and name[:5]}"))
    api.get("/runs", project=project)


def errors(api: Api) -> None:
    project = build.project(api, "run-errors")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for number, wrong in enumerate((
        {"snapshot": ABSENT_ID}, {"project": ABSENT_ID}, {"status": "nonsense"}, {"status": None}, {"trigger_info": {"step_run_id": ABSENT_ID}},
        {"original_run_id": ABSENT_ID}, {"parent_run_id": ABSENT_ID, "child_key": "k"}, {"start_time": "yesterday"}, {"logs": ABSENT_ID},
        {"tags": [""]}, {"orchestrator_environment": []}, {"status_reason": "x" * 256},
    )):
        api.post("/runs", build.run_request(project, snapshot, f"wrong-{number}") | wrong)
    api.post("/runs", {})
    api.get(f"/runs/{ABSENT_ID}")
    api.get(f"/runs/{ABSENT_ID}/dag")
    api.get(f"/runs/{ABSENT_ID}/logs", source="client")


def statistics(api: Api) -> None:
    """Numbers of runs, in groups."""
    project = build.project(api, "run-statistics")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for name, tags, ends in (("a", ["x"], "completed"), ("b", ["x", "y"], "failed"), ("c", None, None)):
        run = build.run(api, project, snapshot, name, tags=tags)
        build.step(api, project, run, status="completed", end_time=build.END)
        if ends == "completed":
            build.step(api, project, run, "model_trainer", status="cached", end_time=build.END)
        elif ends:
            api.put(f"/runs/{run}", {"status": ends})
        values = {"loss": 0.5, "kind": name}
        api.post("/run-metadata", {"project": project, "resources": [{"id": run, "type": "pipeline_run"}], "values": values, "types": {"loss": "float", "kind": "str"}})
    here = {"filter": {"project": project}}
    api.post("/runs/statistics", here)
    for kind in ("status", "pipeline", "stack", "user", "snapshot", "source_snapshot", "trigger", "tag"):
        api.post("/runs/statistics", here | {"groupings": [{"name": "g", "type": kind}]})
    for granularity in ("hour", "day", "week", "month", "planet"):
        api.post("/runs/statistics", here | {"groupings": [{"name": "t", "type": "time", "granularity": granularity}]})
    api.post("/runs/statistics", here | {"groupings": [{"name": "m", "type": "metadata", "metadata_key": "kind"}]})
    for source in ("step_count", "cached_step_count", "output_artifact_count"):
        for aggregation in ("sum", "avg", "min", "max"):
            api.post("/runs/statistics", here | {"metrics": [{"name": "n", "source": source, "aggregation": aggregation}]})
    api.post("/runs/statistics", here | {"metrics": [{"name": "l", "source": "metadata", "metadata_key": "loss", "aggregation": "avg"}]})
    for wrong in ({"filter": None}, {"groupings": [{"name": "g", "type": "planet"}]}, {"metrics": [{"name": "n", "source": "planet"}]}, {"filter": {"status": "oneof:x"}}):
        api.post("/runs/statistics", here | wrong)
    api.post("/runs/statistics", {})


def lists(api: Api) -> None:
    project = build.project(api, "run-lists")
    other = build.user(api, "runner")
    pipeline, second = build.pipeline(api, project), build.pipeline(api, project, "second")
    stack = build.default_stack(api)
    repository = api.post("/code_repositories", {"project": project, "name": "origin", "config": {}, "source": build.SOURCE}).id
    images = api.post("/pipeline_builds", {"project": project, "is_local": False, "contains_code": True, "stack": stack.id, "pipeline": pipeline}).id
    source = build.snapshot(api, project, pipeline, name="source")
    first = build.snapshot(api, project, pipeline, {"model": build.model_configuration("churn")}, code_reference={"commit": "a", "subdirectory": "", "code_repository": repository})
    a = build.run(api, project, first, "list-a", tags=["one"])
    b = build.run(other, project, build.snapshot(api, project, second, build=images, source_snapshot=source), "list-b", tags=["two", "one"], ends="completed")
    build.run(api, project, source, "LIST-C", ends="failed", parent_run_id=a, child_key="c")
    step = build.step(api, project, a)
    build.run(api, project, source, "triggered", trigger_info={"step_run_id": step})
    api.post("/run-metadata", {"project": project, "resources": [{"id": b, "type": "pipeline_run"}], "values": {"accuracy": 0.9, "name": "x"}, "types": {"accuracy": "float", "name": "str"}})
    version = (api.get(f"/runs/{a}").json["resources"]["model_version"] or {}).get("id")
    examples = {
        "user": "runner", "tags": "one", "run_metadata": ["accuracy:0.9", "accuracy:gt:0.5", "name:x", "name", "other:1", "name:contains:x"],
        "pipeline_id": pipeline, "pipeline": ["second", pipeline], "pipeline_name": "second", "stack": ["default", stack.id], "stack_id": stack.id,
        "build_id": images, "snapshot_id": first, "code_repository_id": repository, "code_repository": ["origin", repository],
        "source_snapshot_id": source, "model_version_id": version, "linked_to_model_version_id": version, "model": "churn",
        "stack_component": ["default", stack["metadata"]["components"]["orchestrator"][0]["id"]], "triggered_by_step_run_id": step,
        "parent_run_id": a, "status": "completed",
    }
    sweep(api, "/runs", examples, ["user", "tags", "stack", "pipeline", "model", "model_version"], project=project)
