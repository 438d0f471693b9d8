"""Models, their versions, and what is linked to them."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "models")
    texts = {name: f"about {name}" for name in ("license", "description", "audience", "use_cases", "limitations", "trade_offs", "ethics")}
    full = {"project": project, "name": "churn", "tags": ["m1", "m2"], "save_models_to_registry": False} | texts
    made = api.post("/models", full).id
    api.post("/models", full)
    for hydrate in (True, False):
        api.get(f"/models/{made}", hydrate=hydrate)
    api.put(f"/models/{made}", {name: f"more {text}" for name, text in texts.items()})
    api.put(f"/models/{made}", {"name": "leaving", "add_tags": ["m3"], "remove_tags": ["m1"], "save_models_to_registry": True})
    api.put(f"/models/{made}", {"license": None})
    api.put(f"/models/{made}", {})
    other = build.model(api, project, "other")
    api.put(f"/models/{other}", {"name": "leaving"})
    version = build.model_version(api, project, made)
    api.get(f"/models/{made}")
    api.delete(f"/models/{made}")
    api.delete(f"/models/{made}")
    api.get(f"/models/{made}")
    api.get(f"/model_versions/{version}")
    api.put(f"/models/{made}", {"name": "x"})


def errors(api: Api) -> None:
    project = build.project(api, "model-errors")
    for name in ("", " ", "a\tb", "x" * 256, None):
        api.attempt("/models", {"project": project, "name": name})
    api.post("/models", {"project": ABSENT_ID, "name": "m"})
    api.post("/models", {})
    made = build.model(api, project, "m")
    api.put(f"/models/{made}", {"name": ""})
    api.get(f"/models/{ABSENT_ID}")
    api.get(f"/models/{ABSENT_ID}/model_versions")
    api.get("/models/m/model_versions", project=project)


def versions(api: Api) -> None:
    project = build.project(api, "model-versions")
    model = build.model(api, project, "churn")
    full = {"project": project, "model": model, "name": "first", "description": "the first", "stage": "staging", "tags": ["w1"]}
    made = api.post("/model_versions", full).id
    api.post("/model_versions", full)
    numbered = build.model_version(api, project, model)
    for hydrate in (True, False):
        api.get(f"/model_versions/{made}", hydrate=hydrate)
        api.get(f"/model_versions/{numbered}", hydrate=hydrate)
    api.put(f"/model_versions/{made}", {"name": "renamed", "description": "x", "add_tags": ["w2"], "remove_tags": ["w1"]})
    api.put(f"/model_versions/{made}", {"stage": "production"})
    api.put(f"/model_versions/{numbered}", {"stage": "production"})
    api.put(f"/model_versions/{numbered}", {"stage": "production", "force": True})
    api.get(f"/model_versions/{made}", hydrate=False)
    api.put(f"/model_versions/{made}", {"stage": "none"})
    for body in ({"stage": "nonsense"}, {"stage": "latest"}, {"name": ""}, {"name": "2"}, {"name": "a\tb"}, {"name": "renamed"}, {"stage": None}, {}):
        api.put(f"/model_versions/{made}", body)
    for fields in ({"name": "production"}, {"name": "latest"}, {"name": "7"}, {"name": ""}, {"name": "a\tb"}, {"name": "x" * 256}, {"stage": "nonsense"}, {"model": ABSENT_ID}, {"project": ABSENT_ID}):
        api.attempt("/model_versions", {"project": project, "model": model, "name": "v"} | fields)
    api.post("/model_versions", {})
    api.get(f"/models/{model}/model_versions", project=project)
    api.get("/models/churn/model_versions", project=project, hydrate=True)
    api.get(f"/models/{model}")
    api.delete(f"/model_versions/{numbered}")
    api.delete(f"/model_versions/{numbered}")
    api.get(f"/model_versions/{numbered}")
    api.get(f"/models/{model}")


def of_runs(api: Api) -> None:
    """A run whose configuration names a model has a version of it, made when it is missing."""
    project = build.project(api, "models-of-runs")
    pipeline = build.pipeline(api, project)
    for number, model in enumerate((
        {"name": "churn", "tags": ["x"], "description": "d"}, {"name": "churn"}, {"name": "churn", "version": "named"}, {"name": "churn", "version": 1},
        {"name": "churn", "version": "latest"}, {"name": "fresh", "version": "{date}"}, {"name": "churn", "version": "production"},
    )):
        snapshot = build.snapshot(api, project, pipeline, {"model": build.model_configuration(**model)})
        made = api.post("/runs", build.run_request(project, snapshot, f"run-{number}"))
        if made.status == 200:
            api.get(f"/runs/{made[0]['id']}")
            api.post("/steps", build.step_request(project, made[0]["id"]))
    api.get("/models", project=project, hydrate=True)
    api.get("/model_versions", project=project)


def links(api: Api) -> None:
    project = build.project(api, "model-links")
    version = build.model_version(api, project, build.model(api, project, "churn"), "v1")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    artifacts = [build.artifact_version(api, project, name) for name in ("one", "two", "three")]
    made = [api.post("/model_version_artifacts", {"model_version": version, "artifact_version": artifact}) for artifact in artifacts]
    api.post("/model_version_artifacts", {"model_version": version, "artifact_version": artifacts[0]})
    for body in ({"model_version": ABSENT_ID, "artifact_version": artifacts[0]}, {"model_version": version, "artifact_version": ABSENT_ID}, {}):
        api.post("/model_version_artifacts", body)
    link = api.post("/model_version_pipeline_runs", {"model_version": version, "pipeline_run": run})
    api.post("/model_version_pipeline_runs", {"model_version": version, "pipeline_run": run})
    for body in ({"model_version": ABSENT_ID, "pipeline_run": run}, {"model_version": version, "pipeline_run": ABSENT_ID}, {}):
        api.post("/model_version_pipeline_runs", body)
    for hydrate in (True, False):
        api.get("/model_version_artifacts", model_version_id=version, hydrate=hydrate)
        api.get("/model_version_pipeline_runs", model_version_id=version, hydrate=hydrate)
    api.get("/runs", project=project, linked_to_model_version_id=version)
    api.get("/artifact_versions", project=project, model_version_id=version)
    path = f"/model_versions/{version}"
    api.delete(f"{path}/artifacts/{made[0].id}")
    api.delete(f"{path}/artifacts/{made[0].id}")
    api.delete(f"{path}/artifacts/two")
    api.delete(f"{path}/artifacts/{ABSENT_ID}")
    api.delete(f"{path}/runs/{link.id}")
    api.delete(f"{path}/runs/{link.id}")
    api.delete(f"{path}/runs/run")
    api.delete(f"{path}/artifacts")
    api.delete(f"/model_versions/{ABSENT_ID}/artifacts")
    api.get("/model_version_artifacts", model_version_id=version)


def lists(api: Api) -> None:
    project = build.project(api, "model-lists")
    other = build.user(api, "modeller")
    for name, tags in (("list-a", ["one"]), ("list-b", ["two", "one"]), ("LIST-C", None)):
        other.post("/models", {"project": project, "name": name, "tags": tags})
    model = api.get("/models", project=project, name="list-b")["items"][0]["id"]
    build.model_version(api, project, model, "v-1", tags=["one"])
    second = build.model_version(api, project, model, "v-2", stage="staging")
    build.model_version(other, project, model)
    api.post("/run-metadata", {"project": project, "resources": [{"id": second, "type": "model_version"}], "values": {"rows": 3}, "types": {"rows": "int"}})
    sweep(api, "/models", {"user": "modeller", "tags": "one"}, ["user", "tags", "latest_version"], project=project)
    examples = {"user": "modeller", "tags": "one", "model": ["list-b", model], "stage": "staging", "run_metadata": ["rows:3", "rows"]}
    sweep(api, "/model_versions", examples, ["user", "tags"], project=project)


def link_lists(api: Api) -> None:
    project = build.project(api, "model-link-lists")
    version = build.model_version(api, project, build.model(api, project, "churn"), "v1")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    for number, kind in enumerate(("DataArtifact", "ModelArtifact", "ServiceArtifact")):
        artifact = build.artifact_version(api, project, f"list-{number}", type=kind, has_custom_name=number == 1)
        api.post("/model_version_artifacts", {"model_version": version, "artifact_version": artifact})
        run = build.run(api, project, snapshot, f"run-{number}")
        api.post("/model_version_pipeline_runs", {"model_version": version, "pipeline_run": run})
    examples = {"model_version_id": version, "artifact_version_id": artifact, "artifact_name": "list-1", "user": "admin"}
    sweep(api, "/model_version_artifacts", examples, model_version_id=version)
    examples = {"model_version_id": version, "pipeline_run_id": run, "pipeline_run_name": "run-1", "user": "admin"}
    sweep(api, "/model_version_pipeline_runs", examples, model_version_id=version)
