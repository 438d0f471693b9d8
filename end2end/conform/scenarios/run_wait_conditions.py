"""What runs wait for."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "waits")
    static = build.snapshot_request(api, project, build.pipeline(api, project))
    snapshot = api.post("/pipeline_snapshots", static | {"is_dynamic": True, "step_configurations": {}}).id
    run = build.run(api, project, snapshot, "run")
    full = {
        "project": project, "run": run, "name": "approve", "type": "external_input", "question": "Go on?",
        "data_schema": {"type": "object", "properties": {"yes": {"type": "boolean"}}}, "metadata": {"by": "x"},
    }
    made = api.post("/run_wait_conditions", full).id
    api.post("/run_wait_conditions", full)
    for hydrate in (True, False):
        api.get(f"/run_wait_conditions/{made}", hydrate=hydrate)
    api.get(f"/runs/{run}")
    api.get(f"/runs/{run}/dag")
    lease = {"poller_instance_id": "p", "poller_lease_expires_at": "2199-01-01T00:00:00"}
    api.put(f"/run_wait_conditions/{made}", lease | {"mode": "refresh"})
    api.put(f"/run_wait_conditions/{made}", lease | {"mode": "acquire", "poller_instance_id": "q"})
    api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": "continue", "result": {"yes": 1}})
    api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": "planet"})
    api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": "continue", "result": {"yes": True}})
    api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": "abort"})
    api.get(f"/run_wait_conditions/{made}")
    for wrong in ({"run": ABSENT_ID}, {"type": "planet"}, {"project": ABSENT_ID}):
        api.post("/run_wait_conditions", full | {"name": "other"} | wrong)
    api.post("/run_wait_conditions", {})
    api.get(f"/run_wait_conditions/{ABSENT_ID}")
    aborted = api.post("/run_wait_conditions", full | {"name": "second"}).id
    api.put(f"/run_wait_conditions/{aborted}/resolve", {"resolution": "abort"})
    api.get(f"/runs/{run}")


def answered(api: Api) -> None:
    """What becomes of a running run, by what its process did before the answer."""
    project = build.project(api, "waits-answered")
    static = build.snapshot_request(api, project, build.pipeline(api, project))
    snapshot = api.post("/pipeline_snapshots", static | {"is_dynamic": True, "step_configurations": {}}).id
    for number, (lease, resolution) in enumerate((
        (None, "continue"), (None, "abort"), ("2199-01-01T00:00:00", "continue"), ("2199-01-01T00:00:00", "abort"), ("2020-01-01T00:00:00", "continue"),
    )):
        run = build.run(api, project, snapshot, f"run-{number}")
        made = api.post("/run_wait_conditions", {"project": project, "run": run, "name": "go", "type": "external_input"}).id
        if lease:
            api.put(f"/run_wait_conditions/{made}", {"poller_instance_id": "p", "poller_lease_expires_at": lease, "mode": "refresh"})
        api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": resolution})
        api.get(f"/runs/{run}")


def lists(api: Api) -> None:
    project = build.project(api, "wait-lists")
    static = build.snapshot_request(api, project, build.pipeline(api, project))
    snapshot = api.post("/pipeline_snapshots", static | {"is_dynamic": True, "step_configurations": {}}).id
    for number in range(3):
        run = build.run(api, project, snapshot, f"run-{number}")
        made = api.post("/run_wait_conditions", {"project": project, "run": run, "name": f"list-{number}", "type": "external_input", "metadata": {"n": number}}).id
    api.put(f"/run_wait_conditions/{made}/resolve", {"resolution": "continue"})
    examples = {"user": "admin", "pipeline_run": [run, "run-1"], "resolved_by": "admin", "run_metadata": ["n:1", "n"]}
    sweep(api, "/run_wait_conditions", examples, ["user"], project=project)
