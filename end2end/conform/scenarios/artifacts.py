"""Artifacts and their versions."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "artifacts")
    full = {"project": project, "name": "numbers", "has_custom_name": True, "tags": ["a1", "a2"]}
    made = api.post("/artifacts", full).id
    api.post("/artifacts", full)
    for hydrate in (True, False):
        api.get(f"/artifacts/{made}", hydrate=hydrate)
    api.put(f"/artifacts/{made}", {"name": "digits", "add_tags": ["a3"], "remove_tags": ["a1"], "has_custom_name": False})
    api.put(f"/artifacts/{made}", {})
    other = api.post("/artifacts", full | {"name": "other"}).id
    api.put(f"/artifacts/{other}", {"name": "digits"})
    version = build.artifact_version(api, project, "digits")
    api.get(f"/artifacts/{made}")
    api.delete(f"/artifacts/{made}")
    api.delete(f"/artifacts/{made}")
    api.get(f"/artifacts/{made}")
    api.get(f"/artifact_versions/{version}")
    api.put(f"/artifacts/{made}", {"name": "x"})


def errors(api: Api) -> None:
    project = build.project(api, "artifact-errors")
    for name in ("", " ", "a\tb", "x" * 256, None):
        api.attempt("/artifacts", {"project": project, "name": name})
    api.post("/artifacts", {"project": ABSENT_ID, "name": "a"})
    api.post("/artifacts", {})
    made = api.post("/artifacts", {"project": project, "name": "a"}).id
    api.put(f"/artifacts/{made}", {"name": ""})
    api.put(f"/artifacts/{made}", {"name": "a\tb"})
    api.get(f"/artifacts/{ABSENT_ID}")


def versions(api: Api) -> None:
    project = build.project(api, "artifact-versions")
    store = build.artifact_store(api)
    full = build.artifact_version_request(
        project, "numbers", artifact_store_id=store, uri="/tmp/numbers", version="first", tags=["v1", "v2"], content_hash="abc", item_count=3,
        visualizations=[{"type": "html", "uri": "/tmp/numbers/v.html"}], metadata={"rows": 3, "storage": 12.5, "name": "x", "list": [1], "map": {"a": 1}},
    )
    made = api.post("/artifact_versions", full).id
    api.post("/artifact_versions", full)
    for hydrate in (True, False):
        api.get(f"/artifact_versions/{made}", hydrate=hydrate)
    for version in (None, None, 7, None, "8", "named"):
        api.post("/artifact_versions", build.artifact_version_request(project, "numbers", version=version))
    artifact = api.get("/artifacts", project=project, name="numbers")["items"][0]["id"]
    api.post("/artifact_versions", build.artifact_version_request(project, "ignored") | {"artifact_name": None, "artifact_id": artifact})
    api.put(f"/artifact_versions/{made}", {"name": "renamed", "add_tags": ["v3"], "remove_tags": ["v1"]})
    api.put(f"/artifact_versions/{made}", {"name": "named"})
    api.put(f"/artifact_versions/{made}", {"name": ""})
    api.put(f"/artifact_versions/{made}", {})
    api.get(f"/artifacts/{artifact}")
    api.get(f"/artifact_versions/{made}/visualize")
    api.get(f"/artifact_versions/{made}/data", token="nonsense")
    api.delete(f"/artifact_versions/{made}")
    api.delete(f"/artifact_versions/{made}")
    api.get(f"/artifact_versions/{made}")
    api.put(f"/artifact_versions/{made}", {"name": "x"})
    api.post("/artifact_versions/batch", [build.artifact_version_request(project, name) for name in ("one", "two", "one")])
    api.post("/artifact_versions/batch", [])
    api.post("/artifact_versions/batch", [build.artifact_version_request(project, "three"), {"project": project}])


def version_errors(api: Api) -> None:
    project = build.project(api, "artifact-version-errors")
    for number, wrong in enumerate((
        {"artifact_name": None}, {"artifact_id": ABSENT_ID, "artifact_name": None}, {"artifact_id": ABSENT_ID}, {"type": "nonsense"}, {"uri": None},
        {"save_type": "nonsense"}, {"materializer": None}, {"materializer": "a.b.C"}, {"data_type": "no source"}, {"project": ABSENT_ID},
        {"artifact_store_id": ABSENT_ID}, {"artifact_name": "a\tb"}, {"artifact_name": ""}, {"version": ""}, {"version": "x" * 256}, {"tags": [""]},
        {"visualizations": [{"type": "nonsense", "uri": "x"}]}, {"metadata": {"a": None}}, {"item_count": "x"},
    )):
        api.attempt("/artifact_versions", build.artifact_version_request(project, f"numbers-{number}") | wrong)
    api.post("/artifact_versions", {})
    api.get(f"/artifact_versions/{ABSENT_ID}")
    api.get(f"/artifact_versions/{ABSENT_ID}/visualize")
    api.get(f"/artifact_versions/{ABSENT_ID}/download-token")


def used_versions(api: Api) -> None:
    """Versions that a step made or took are kept when unused ones are deleted."""
    project = build.project(api, "artifact-use")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    run = build.run(api, project, snapshot, "run")
    output = build.artifact_version(api, project, "dataset", save_type="step_output")
    taken = build.artifact_version(api, project, "taken")
    build.artifact_version(api, project, "unused")
    build.step(api, project, run, outputs={"dataset": [output]}, status="completed", end_time=build.END)
    build.step(api, project, run, "model_trainer", inputs={"data": [taken]})
    api.get("/artifact_versions", project=project, only_unused=True)
    api.get(f"/artifact_versions/{output}")
    api.delete("/artifact_versions", project_name_or_id=project)
    api.delete(f"/artifact_versions/{output}")
    api.get(f"/runs/{run}/dag")


def lists(api: Api) -> None:
    project = build.project(api, "artifact-lists")
    other = build.user(api, "artist")
    for name, custom, tags in (("list-a", True, ["one"]), ("list-b", False, ["two", "one"]), ("LIST-C", True, None)):
        other.post("/artifacts", {"project": project, "name": name, "has_custom_name": custom, "tags": tags})
    build.artifact_version(api, project, "list-b", has_custom_name=False)
    sweep(api, "/artifacts", {"user": "artist", "tags": "one"}, ["user", "tags", "latest_version"], project=project)


def version_lists(api: Api) -> None:
    project = build.project(api, "artifact-version-lists")
    other = build.user(api, "versioner")
    snapshot = build.snapshot(api, project, build.pipeline(api, project), {"model": build.model_configuration("churn")})
    run = build.run(api, project, snapshot, "run")
    store = build.artifact_store(api)
    output = build.artifact_version(api, project, "dataset", save_type="step_output", artifact_store_id=store, uri="/tmp/dataset", version="x")
    build.step(api, project, run, outputs={"dataset": [output]}, status="completed", end_time=build.END)
    build.artifact_version(other, project, "numbers", tags=["one"], metadata={"rows": 3})
    build.artifact_version(other, project, "numbers", tags=["one", "two"], type="ModelArtifact", data_type=build.SOURCE, has_custom_name=False)
    artifact = api.get("/artifacts", project=project, name="numbers")["items"][0]["id"]
    version = (api.get(f"/runs/{run}").json["resources"]["model_version"] or {}).get("id")
    examples = {
        "user": "versioner", "tags": "one", "artifact": ["numbers", artifact], "artifact_id": artifact, "pipeline_run": ["run", run], "model": "churn",
        "model_version_id": version, "run_metadata": ["rows:3", "rows:lt:4", "rows"], "materializer": "materializers.Number", "data_type": "builtins.int",
        "artifact_store_id": store, "version_number": 1,
    }
    sweep(api, "/artifact_versions", examples, ["user", "tags"], project=project)
