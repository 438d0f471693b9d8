"""Schedules, which orchestrators keep."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def _schedule(project: str, pipeline: str, **fields: object) -> dict:
    return {
        "project": project, "name": "nightly", "active": True, "cron_expression": "0 3 * * *", "start_time": None, "end_time": None,
        "interval_second": None, "catchup": False, "run_once_start_time": None, "orchestrator_id": None, "pipeline_id": pipeline,
    } | fields


def life(api: Api) -> None:
    project = build.project(api, "schedules")
    pipeline = build.pipeline(api, project)
    orchestrator = build.default_stack(api)["metadata"]["components"]["orchestrator"][0]["id"]
    made = api.post("/schedules", _schedule(project, pipeline, orchestrator_id=orchestrator)).id
    api.post("/schedules", _schedule(project, pipeline))
    for hydrate in (True, False):
        api.get(f"/schedules/{made}", hydrate=hydrate)
    api.put(f"/schedules/{made}", {"name": "renamed"})
    api.put(f"/schedules/{made}", {"cron_expression": "0 4 * * *"})
    api.put(f"/schedules/{made}", {"active": False})
    api.put(f"/schedules/{made}", {})
    snapshot = build.snapshot(api, project, pipeline, schedule=made)
    api.get(f"/pipeline_snapshots/{snapshot}")
    api.delete(f"/schedules/{made}", soft=True)
    api.get(f"/schedules/{made}")
    api.delete(f"/schedules/{made}")
    api.delete(f"/schedules/{made}", soft=False)
    api.delete(f"/schedules/{made}", soft=False)
    api.get(f"/schedules/{made}")
    api.get(f"/pipeline_snapshots/{snapshot}", hydrate=False)
    api.put(f"/schedules/{made}", {"name": "x"})


def kinds(api: Api) -> None:
    project = build.project(api, "schedule-kinds")
    pipeline = build.pipeline(api, project)
    times = {"start_time": "2199-01-01T00:00:00", "end_time": "2199-02-01T00:00:00"}
    for number, fields in enumerate((
        {"cron_expression": None, "interval_second": 600.0, **times}, {"cron_expression": None, "interval_second": "PT1H", **times},
        {"cron_expression": None, "run_once_start_time": "2199-01-01T00:00:00"}, {"cron_expression": None}, {"cron_expression": "nonsense"},
        {"interval_second": 600.0}, {"catchup": True}, {"pipeline_id": ABSENT_ID}, {"orchestrator_id": ABSENT_ID}, {"project": ABSENT_ID}, {"name": ""},
        {"cron_expression": None, "interval_second": 600.0},
    )):
        api.attempt("/schedules", _schedule(project, pipeline) | {"name": f"s-{number}"} | fields, soft=False)
    api.post("/schedules", {})
    api.get(f"/schedules/{ABSENT_ID}")


def lists(api: Api) -> None:
    project = build.project(api, "schedule-lists")
    other = build.user(api, "scheduler")
    pipeline, second = build.pipeline(api, project), build.pipeline(api, project, "second")
    other.post("/schedules", _schedule(project, pipeline, name="list-a"))
    other.post("/schedules", _schedule(project, second, name="list-b", active=False, catchup=True))
    other.post("/schedules", _schedule(project, second, name="LIST-C", cron_expression=None, interval_second=600.0, start_time="2199-01-01T00:00:00"))
    sweep(api, "/schedules", {"user": "scheduler", "pipeline_id": second}, ["user"], project=project)
