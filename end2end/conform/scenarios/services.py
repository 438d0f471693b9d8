"""Services: models that are served."""

import build
from api import Api
from sweep import ABSENT_ID, sweep

TYPE = {"type": "model-serving", "flavor": "own", "name": "server", "description": "serves", "logo_url": ""}


def life(api: Api) -> None:
    project = build.project(api, "services")
    version = build.model_version(api, project, build.model(api, project, "churn"), "v1")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    full = {
        "project": project, "name": "endpoint", "service_type": TYPE, "service_source": "services.Own", "admin_state": "active",
        "config": {"port": 1, "service_name": "endpoint"}, "labels": {"a": "b"}, "status": {"state": "active"}, "endpoint": {"url": "u"},
        "prediction_url": "http://example.org/p", "health_check_url": "http://example.org/h", "model_version_id": version, "pipeline_run_id": run,
    }
    made = api.post("/services", full).id
    api.post("/services", full)
    for hydrate in (True, False):
        api.get(f"/services/{made}", hydrate=hydrate)
    api.get(f"/model_versions/{version}")
    api.put(f"/services/{made}", {"name": "renamed", "admin_state": "inactive", "labels": {"c": "d"}})
    api.put(f"/services/{made}", {"status": {"state": "inactive"}, "endpoint": {"url": "v"}, "prediction_url": "http://example.org/q"})
    api.put(f"/services/{made}", {})
    for wrong in ({"name": ""}, {"service_type": None}, {"config": None}, {"project": ABSENT_ID}, {"model_version_id": ABSENT_ID}, {"admin_state": "planet"}):
        api.attempt("/services", full | {"name": "w", "config": {"port": 2}} | wrong)
    api.post("/services", {})
    api.delete(f"/services/{made}")
    api.delete(f"/services/{made}")
    api.get(f"/services/{made}")
    api.put(f"/services/{ABSENT_ID}", {"name": "x"})


def lists(api: Api) -> None:
    project = build.project(api, "service-lists")
    version = build.model_version(api, project, build.model(api, project, "churn"), "v1")
    for number, name in enumerate(("list-a", "list-b", "LIST-C")):
        api.post("/services", {
            "project": project, "name": name, "service_type": TYPE | {"flavor": f"own-{number % 2}"}, "config": {"n": number, "name": name},
            "status": {"state": "active"} if number else None, "model_version_id": version if number else None,
        })
    sweep(api, "/services", {"user": "admin", "model_version_id": version, "flavor": "own-1", "type": "model-serving"}, ["user"], project=project)
