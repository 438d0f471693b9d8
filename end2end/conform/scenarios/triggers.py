"""Triggers, which the server fires."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def _trigger(project: str, **fields: object) -> dict:
    return {
        "project": project, "name": "hourly", "active": True, "type": "schedule", "flavor": "native schedule", "cron_expression": "0 * * * *",
    } | fields


def life(api: Api) -> None:
    project = build.project(api, "triggers")
    made = api.post("/triggers", _trigger(project, active=False)).id
    api.post("/triggers", _trigger(project))
    for hydrate in (True, False):
        api.get(f"/triggers/{made}", hydrate=hydrate)
    update = {"name": "renamed", "active": False, "type": "schedule", "flavor": "native schedule", "cron_expression": "30 * * * *"}
    api.put(f"/triggers/{made}", update)
    api.put(f"/triggers/{made}", update | {"concurrency": "submit"})
    api.put(f"/triggers/{made}", {})
    snapshot = build.snapshot(api, project, build.pipeline(api, project), name="runs-hourly")
    api.put(f"/triggers/{made}/pipeline_snapshots/{snapshot}")
    api.put(f"/triggers/{made}/pipeline_snapshots/{snapshot}")
    api.put(f"/triggers/{made}/pipeline_snapshots/{ABSENT_ID}")
    api.get(f"/triggers/{made}")
    api.get("/triggers", project=project, snapshot_id=snapshot)
    api.delete(f"/triggers/{made}/dispatch_state")
    api.delete(f"/triggers/{made}/pipeline_snapshots/{snapshot}")
    api.delete(f"/triggers/{made}/pipeline_snapshots/{snapshot}")
    api.delete(f"/triggers/{made}", soft=True)
    api.get(f"/triggers/{made}")
    api.get("/triggers", project=project)
    api.delete(f"/triggers/{made}")
    api.delete(f"/triggers/{made}", soft=False)
    api.delete(f"/triggers/{made}", soft=False)
    api.get(f"/triggers/{made}")
    api.put(f"/triggers/{made}", update)


def kinds(api: Api) -> None:
    project = build.project(api, "trigger-kinds")
    pipeline = build.pipeline(api, project)
    for number, fields in enumerate((
        {"cron_expression": None, "interval": 600, "start_time": "2199-01-01T00:00:00"}, {"cron_expression": None, "run_once_start_time": "2199-01-01T00:00:00"},
        {"cron_expression": None, "interval": 600}, {"cron_expression": None}, {"cron_expression": "nonsense"}, {"interval": 10}, {"max_runs": 0}, {"max_runs": 3},
        {"interval": 600}, {"type": "planet"}, {"flavor": "planet"}, {"name": ""}, {"name": "x" * 256}, {"project": ABSENT_ID}, {"concurrency": "planet"},
        {"end_time": "2020-01-01T00:00:00"}, {"run_once_start_time": "2020-01-01T00:00:00", "cron_expression": None},
    )):
        api.attempt("/triggers", _trigger(project, active=False) | {"name": f"t-{number}"} | fields, soft=False)
    events = {"type": "platform_event", "flavor": "platform event", "source_entity": {"type": "pipeline", "id": pipeline}, "target_events": ["completed"]}
    api.attempt("/triggers", {"project": project, "name": "event", "active": False} | events, soft=False)
    api.attempt("/triggers", {"project": project, "name": "event"} | events | {"target_events": []})
    api.attempt("/triggers", {"project": project, "name": "event"} | events | {"target_events": ["planet"]})
    api.post("/triggers", {})
    api.get(f"/triggers/{ABSENT_ID}")
    api.get("/supported-events")
    api.get("/supported-events", event_source="pipeline")


def lists(api: Api) -> None:
    project = build.project(api, "trigger-lists")
    other = build.user(api, "shot")
    for name, active in (("list-a", True), ("list-b", False), ("LIST-C", False)):
        other.post("/triggers", _trigger(project, name=name, active=active, cron_expression="0 0 1 1 *"))
    sweep(api, "/triggers", {"user": "shot"}, ["user"], project=project)
