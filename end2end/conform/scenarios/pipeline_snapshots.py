"""Snapshots of pipelines."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    project = build.project(api, "snapshots")
    pipeline = build.pipeline(api, project)
    made = build.snapshot(api, project, pipeline, name="first", description="the first", tags=["s1", "s2"])
    for hydrate in (True, False):
        api.get(f"/pipeline_snapshots/{made}", hydrate=hydrate)
    api.get(f"/pipeline_snapshots/{made}", include_config_schema=True)
    api.get(f"/pipeline_snapshots/{made}", step_configuration_filter="data_loader")
    api.put(f"/pipeline_snapshots/{made}", {"description": "still the first", "add_tags": ["s3"], "remove_tags": ["s1"]})
    api.put(f"/pipeline_snapshots/{made}", {"name": "renamed"})
    api.put(f"/pipeline_snapshots/{made}", {"name": None})
    api.put(f"/pipeline_snapshots/{made}", {"name": False})
    api.put(f"/pipeline_snapshots/{made}", {"name": True})
    api.put(f"/pipeline_snapshots/{made}", {"name": ""})
    api.put(f"/pipeline_snapshots/{made}", {"name": "again"})
    api.put(f"/pipeline_snapshots/{made}", {})
    run = build.run(api, project, made, "of-first")
    api.get(f"/pipeline_snapshots/{made}", hydrate=False)
    api.delete(f"/pipeline_snapshots/{made}")
    api.get(f"/pipeline_snapshots/{made}")
    api.get(f"/runs/{run}")
    api.delete(f"/pipeline_snapshots/{made}")
    api.put(f"/pipeline_snapshots/{made}", {"name": "x"})


def names(api: Api) -> None:
    """Names are unique in a pipeline; `replace` takes one over."""
    project = build.project(api, "snapshot-names")
    pipeline, other = build.pipeline(api, project), build.pipeline(api, project, "other")
    first = build.snapshot(api, project, pipeline, name="nightly")
    api.post("/pipeline_snapshots", build.snapshot_request(api, project, pipeline, name="nightly"))
    build.snapshot(api, project, other, name="nightly")
    second = build.snapshot(api, project, pipeline, name="nightly", replace=True)
    api.get(f"/pipeline_snapshots/{first}", hydrate=False)
    build.run(api, project, second, "of-second")
    third = build.snapshot(api, project, pipeline)
    api.put(f"/pipeline_snapshots/{third}", {"name": "nightly"})
    api.put(f"/pipeline_snapshots/{third}", {"name": "nightly", "replace": True})
    api.get(f"/pipeline_snapshots/{second}", hydrate=False)
    for name in (True, False, "", " ", "a\tb", "x" * 256, 7):
        api.attempt("/pipeline_snapshots", build.snapshot_request(api, project, pipeline, name=name))
    api.get("/pipeline_snapshots", project=project, name="nightly")


def fields(api: Api) -> None:
    """Whatever a snapshot can carry besides its pipeline."""
    project = build.project(api, "snapshot-fields")
    pipeline = build.pipeline(api, project)
    source = build.snapshot(api, project, pipeline, name="source")
    build.snapshot(api, project, pipeline, code_path="archives/code.tar.gz", source_snapshot=source, is_dynamic=False)
    build.snapshot(api, project, pipeline, is_dynamic=True, step_configurations={})
    build.snapshot(api, project, pipeline, {"parameters": {"n": 1}, "tags": ["cascading", {"name": "t", "cascade": True, "exclusive": None, "color": None}], "extra": {"a": [1, None]}})
    build.snapshot(api, project, pipeline, client_environment={"os": "linux", "python_version": "3.11.7"}, pipeline_version_hash="abc")
    build.snapshot(api, project, pipeline, {"settings": {"docker": {"requirements": ["numpy"]}, "resources": {"cpu_count": 2}}})


def config_schema(api: Api) -> None:
    """The template and the schema of a run's configuration are there for snapshots with a build."""
    project = build.project(api, "snapshot-schema")
    pipeline, stack = build.pipeline(api, project), build.default_stack(api).id
    images = {"project": project, "is_local": False, "contains_code": True, "stack": stack, "pipeline": pipeline, "zenml_version": "0.98.0"}
    made = build.snapshot(api, project, pipeline, build=api.post("/pipeline_builds", images).id, name="with-build")
    api.get(f"/pipeline_snapshots/{made}", include_config_schema=True)
    api.get("/pipeline_snapshots", project=project, runnable=True)
    api.get("/pipeline_snapshots", project=project, deployable=True)


def errors(api: Api) -> None:
    project = build.project(api, "snapshot-errors")
    pipeline = build.pipeline(api, project)
    for wrong in (
        {"pipeline": ABSENT_ID}, {"stack": ABSENT_ID}, {"build": ABSENT_ID}, {"schedule": ABSENT_ID}, {"source_snapshot": ABSENT_ID},
        {"template": ABSENT_ID}, {"code_reference": {"commit": "a", "subdirectory": "b", "code_repository": ABSENT_ID}}, {"project": ABSENT_ID},
        {"source_code": "x" * 65536}, {"run_name_template": None}, {"pipeline_configuration": {}}, {"step_configurations": []},
        {"step_configurations": {"s": {}}}, {"tags": [""]}, {"stack": None},
    ):
        api.attempt("/pipeline_snapshots", build.snapshot_request(api, project, pipeline) | wrong)
    api.post("/pipeline_snapshots", {})
    api.get(f"/pipeline_snapshots/{ABSENT_ID}")
    api.get(f"/pipeline_snapshots/{ABSENT_ID}/download-token")
    made = build.snapshot(api, project, pipeline)
    api.get(f"/pipeline_snapshots/{made}/code")


def prune(api: Api) -> None:
    project = build.project(api, "snapshot-prune")
    pipeline = build.pipeline(api, project)
    build.snapshot(api, project, pipeline)
    build.snapshot(api, project, pipeline, name="kept")
    build.run(api, project, build.snapshot(api, project, pipeline), "keeps-it")
    api.post("/pipeline_snapshots/prune", {"project": project, "older_than": "2199-01-01T00:00:00"})
    api.post("/pipeline_snapshots/prune", {"project": project, "older_than": "2020-01-01T00:00:00", "apply": True})
    api.post("/pipeline_snapshots/prune", {"project": project})
    api.post("/pipeline_snapshots/prune", {"project": ABSENT_ID, "older_than": "2020-01-01T00:00:00"})
    api.get("/pipeline_snapshots", project=project)


def lists(api: Api) -> None:
    project = build.project(api, "snapshot-lists")
    other = build.user(api, "shooter")
    pipeline, second = build.pipeline(api, project), build.pipeline(api, project, "second")
    stack = build.default_stack(api).id
    images = api.post("/pipeline_builds", {"project": project, "is_local": False, "contains_code": True, "stack": stack, "pipeline": pipeline}).id
    source = build.snapshot(api, project, pipeline, name="list-a", tags=["one"])
    build.snapshot(other, project, pipeline, name="list-b", tags=["two", "one"], build=images)
    build.snapshot(api, project, second, name="LIST-C", source_snapshot=source)
    build.snapshot(api, project, second)
    examples = {
        "user": "shooter", "tags": "one", "pipeline": ["second", pipeline], "stack": ["default", stack], "build_id": images,
        "source_snapshot_id": source,
    }
    sweep(api, "/pipeline_snapshots", examples, ["user", "tags", "pipeline", "stack", "deployment"], project=project)
