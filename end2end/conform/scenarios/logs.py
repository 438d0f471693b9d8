"""Logs of runs and steps."""

import build
from api import Api
from sweep import ABSENT_ID


def life(api: Api) -> None:
    project = build.project(api, "logs")
    store = build.artifact_store(api)
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    step = build.step(api, project, run)
    ids = [f"11111111-2222-4333-8444-77777777770{number}" for number in range(6)]
    full = {"project": project, "id": ids[0], "uri": "/nowhere/run.log", "source": "client", "artifact_store_id": store}
    made = api.post("/logs", full).id
    api.post("/logs", full)
    for hydrate in (True, False):
        api.get(f"/logs/{made}", hydrate=hydrate)
    api.get(f"/logs/{made}/entries")
    api.put(f"/logs/{made}", {"pipeline_run_id": run})
    api.put(f"/logs/{made}", {"pipeline_run_id": run})
    api.put(f"/logs/{made}", {"step_run_id": step})
    api.put(f"/logs/{made}", {})
    api.post("/logs", full | {"id": ids[1], "step_run_id": step, "source": "step"})
    api.post("/logs", full | {"id": ids[2], "pipeline_run_id": run, "step_run_id": step})
    api.post("/logs", full | {"id": ids[3], "artifact_store_id": None})
    api.post("/logs", full | {"id": ids[4], "artifact_store_id": ABSENT_ID})
    api.post("/logs", full | {"id": ids[5], "pipeline_run_id": ABSENT_ID})
    api.post("/logs", {})
    for query in ("", "?source=client", "?source=nothing", f"?logs_id={made}", f"?logs_id={ABSENT_ID}"):
        api.get(f"/runs/{run}/logs{query}")
    for query in ("", "?source=step", "?source=nothing", f"?logs_id={made}"):
        api.get(f"/steps/{step}/logs{query}")
    api.get(f"/runs/{run}")
    api.get(f"/steps/{step}")
    api.get(f"/logs/{ABSENT_ID}")
    api.get(f"/logs/{ABSENT_ID}/entries")
    api.put(f"/logs/{ABSENT_ID}", {"pipeline_run_id": run})
    for query in ({"limit": 0}, {"limit": "x"}, {"start": "newest"}, {"search": "x"}, {"level": "info"}, {"before": "x"}):
        api.get(f"/logs/{made}/entries", **query)
