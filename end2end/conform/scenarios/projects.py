"""Projects."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    full = {"name": "churn", "display_name": "Churn", "description": "who leaves", "project_metadata": {"owner": "x"}}
    made = api.post("/projects", full).id
    api.post("/projects", full)
    for hydrate in (True, False):
        api.get(f"/projects/{made}", hydrate=hydrate)
    api.get("/projects/churn")
    api.put(f"/projects/{made}", {"display_name": "Churn 2", "description": "and why"})
    api.put(f"/projects/{made}", {"name": "leaving"})
    api.put(f"/projects/{made}", {"project_metadata": {"owner": "y"}})
    api.put(f"/projects/{made}", {})
    api.put(f"/projects/{made}", {"name": "default"})
    api.put(f"/projects/{made}", {"name": "Upper case"})
    default = api.get("/projects/default").id
    api.put(f"/projects/{default}", {"name": "other"})
    api.put(f"/projects/{default}", {"display_name": "Default"})
    api.put("/projects/leaving", {"description": "by name"})
    api.get("/projects/leaving/statistics")
    api.get("/projects/default/statistics")
    api.get(f"/projects/{ABSENT_ID}/statistics")
    api.delete("/projects/leaving")
    api.delete("/projects/leaving")
    api.get("/projects/leaving")
    api.put("/projects/leaving", {"description": "x"})
    api.delete("/projects/default")


def names(api: Api) -> None:
    for name in ("", " ", "a b", "UPPER", "with/slash", "ünï", "x" * 50, "x" * 51, None, 7):
        api.attempt("/projects", {"name": name, "display_name": "n", "description": ""})
    api.attempt("/projects", {"name": "just-a-name"})
    api.post("/projects", {})
    api.get(f"/projects/{ABSENT_ID}")
    api.get("/projects/nowhere")


def deleting_takes_all(api: Api) -> None:
    project = build.project(api, "doomed")
    pipeline = build.pipeline(api, project)
    run = build.run(api, project, build.snapshot(api, project, pipeline), "doomed-run")
    step = build.step(api, project, run)
    version = build.artifact_version(api, project, "doomed-artifact")
    model = build.model(api, project, "doomed-model")
    api.get(f"/projects/{project}/statistics")
    api.delete(f"/projects/{project}")
    for path in (f"/pipelines/{pipeline}", f"/runs/{run}", f"/steps/{step}", f"/artifact_versions/{version}", f"/models/{model}"):
        api.get(path)
    for path in ("/pipelines", "/runs", "/steps", "/artifact_versions"):
        api.get(path, project=project)
        api.get(path, project="doomed")


def forbidden(api: Api) -> None:
    gina = build.user(api, "gina")
    project = gina.post("/projects", {"name": "ginas", "display_name": "", "description": ""}).id
    gina.get("/projects")
    gina.put(f"/projects/{project}", {"description": "mine"})
    gina.delete("/projects/ginas")


def lists(api: Api) -> None:
    for name in ("list-a", "list-b", "other-list"):
        api.post("/projects", {"name": name, "display_name": name.title() + " x", "description": ""})
    sweep(api, "/projects")
