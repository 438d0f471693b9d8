"""Pipelines."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "pipelines")
    full = {"project": project, "name": "training", "description": "trains", "tags": ["p1", "p2"]}
    made = api.post("/pipelines", full).id
    api.post("/pipelines", full)
    for hydrate in (True, False):
        api.get(f"/pipelines/{made}", hydrate=hydrate)
    api.put(f"/pipelines/{made}", {"description": "trains well", "add_tags": ["p3"], "remove_tags": ["p1"]})
    api.put(f"/pipelines/{made}", {"description": None})
    api.put(f"/pipelines/{made}", {"description": ""})
    api.put(f"/pipelines/{made}", {"name": "other"})
    api.put(f"/pipelines/{made}", {})
    snapshot = build.snapshot(api, project, made)
    run = build.run(api, project, snapshot, "latest")
    api.get(f"/pipelines/{made}")
    api.put(f"/runs/{run}", {"status": "completed"})
    api.get(f"/pipelines/{made}")
    api.delete(f"/pipelines/{made}")
    api.delete(f"/pipelines/{made}")
    api.get(f"/pipelines/{made}")
    api.get(f"/pipeline_snapshots/{snapshot}")
    api.get(f"/runs/{run}")
    api.put(f"/pipelines/{made}", {"description": "x"})


def errors(api: Api) -> None:
    project = build.project(api, "pipeline-errors")
    for name in ("", " ", "a\tb", "x" * 256, None):
        api.attempt("/pipelines", {"project": project, "name": name})
    api.post("/pipelines", {"name": "p"})
    api.post("/pipelines", {"project": ABSENT_ID, "name": "p"})
    api.post("/pipelines", {"project": project, "name": "p", "description": "x" * 65536})
    api.post("/pipelines", {"project": project, "name": "q", "tags": [""]})
    api.get(f"/pipelines/{ABSENT_ID}")
    api.get("/pipelines", project=ABSENT_ID)
    api.get("/pipelines", project="nowhere")


def lists(api: Api) -> None:
    project = build.project(api, "pipeline-lists")
    other = build.user(api, "piper")
    for name, tags in (("list-a", ["one"]), ("list-b", ["two", "one"]), ("LIST-C", None)):
        other.post("/pipelines", {"project": project, "name": name, "tags": tags, "description": f"of {name}"})
    pipeline = build.pipeline(api, project, "with-run")
    snapshot = build.snapshot(api, project, pipeline)
    build.run(api, project, snapshot, "r1")
    build.run(api, project, snapshot, "r2", ends="completed")
    examples = {"user": "piper", "tags": "one", "latest_run_status": ["completed", "running"], "latest_run_user": ["admin", "piper"]}
    sweep(api, "/pipelines", examples, ["user", "tags", "latest_run"], project=project)
