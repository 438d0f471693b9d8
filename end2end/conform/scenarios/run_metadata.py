"""Metadata of runs, steps, artifact versions, model versions."""

import build
from api import Api
from sweep import ABSENT_ID


def values(api: Api) -> None:
    project = build.project(api, "metadata")
    snapshot = build.snapshot(api, project, build.pipeline(api, project))
    run = build.run(api, project, snapshot, "run")
    step = build.step(api, project, run)
    version = build.artifact_version(api, project, "numbers")
    model = build.model_version(api, project, build.model(api, project, "churn"))
    kinds = {"pipeline_run": run, "step_run": step, "artifact_version": version, "model_version": model}
    all_values = {"int": 1, "float": 0.5, "bool": True, "str": "x", "list": [1, "a"], "dict": {"a": {"b": None}}}
    types = {name: name for name in all_values}
    resources = [{"id": id_, "type": kind} for kind, id_ in kinds.items()]
    api.post("/run-metadata", {"project": project, "resources": resources, "values": all_values, "types": types})
    api.post("/run-metadata", {"project": project, "resources": resources[:1], "values": {"int": 2}, "types": {"int": "int"}, "publisher_step_id": step})
    paths = (f"/runs/{run}", f"/steps/{step}", f"/artifact_versions/{version}", f"/model_versions/{model}")
    for path in paths:
        api.get(path)
    api.get(f"/runs/{run}", include_full_metadata=True)
    store = build.artifact_store(api)
    api.post("/run-metadata", {"project": project, "resources": resources[:1], "values": {"of": "store"}, "types": {"of": "str"}, "stack_component_id": store})
    for special in ("uri", "path", "storage_size", "DType", "type"):
        types = {"value": special}
        api.post("/run-metadata", {"project": project, "resources": resources[:1], "values": {"value": "x"}, "types": types})
    api.get(f"/runs/{run}")
    api.get(f"/runs/{run}/dag", include_step_metadata="int")


def errors(api: Api) -> None:
    project = build.project(api, "metadata-errors")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    good = {"project": project, "resources": [{"id": run, "type": "pipeline_run"}], "values": {"a": 1}, "types": {"a": "int"}}
    for wrong in (
        {"resources": []}, {"resources": [{"id": ABSENT_ID, "type": "pipeline_run"}]}, {"resources": [{"id": run, "type": "planet"}]},
        {"resources": [{"id": run, "type": "step_run"}]}, {"values": {}}, {"types": {}}, {"types": {"a": "planet"}}, {"types": {"a": "str"}},
        {"project": ABSENT_ID}, {"stack_component_id": ABSENT_ID}, {"publisher_step_id": ABSENT_ID}, {"values": {"a": None}}, {"values": {"": 1}, "types": {"": "int"}},
    ):
        api.post("/run-metadata", good | wrong)
    api.post("/run-metadata", {})
    api.get(f"/runs/{run}")
