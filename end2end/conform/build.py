"""What scenarios build on: a project of their own with a pipeline, snapshots, runs, steps and artifact versions."""

from __future__ import annotations

import copy
import functools
from typing import Any

from api import Api, Answer
from play import recorded

START = "2026-01-02T03:04:05.678900"
END = "2026-01-02T03:05:05"
EXCEPTION = {"traceback": "Traceback …", "user_code_line": 3, "message": None, "source": None}
SOURCE = {"module": "training", "attribute": "train", "type": "user"}


@functools.cache
def recorded_snapshot() -> dict[str, Any]:
    """A snapshot as the real client sends it, of a pipeline with the steps `data_loader` and `model_trainer`."""
    return next(request.body for request in recorded() if request.endpoint == "POST /pipeline_snapshots")


def project(api: Api, name: str) -> str:
    return api.post("/projects", {"name": name, "description": "", "display_name": name}).id


def default_stack(api: Api) -> Answer:
    """The stack `default`, with its components."""
    found = api.get("/stacks", name="default", hydrate=True)
    return Answer(found.exchange, found["items"][0])


def artifact_store(api: Api) -> str:
    return default_stack(api)["metadata"]["components"]["artifact_store"][0]["id"]


def pipeline(api: Api, project_: str, name: str = "training", **fields: Any) -> str:
    return api.post("/pipelines", {"project": project_, "name": name, **fields}).id


def snapshot_request(api: Api, project_: str, pipeline_: str, configuration: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    request = copy.deepcopy(recorded_snapshot())
    request |= {"project": project_, "pipeline": pipeline_, "stack": default_stack(api).id}
    request["pipeline_configuration"] |= {"model": None, "tags": None} | (configuration or {})
    return request | fields


def snapshot(api: Api, project_: str, pipeline_: str, configuration: dict[str, Any] | None = None, **fields: Any) -> str:
    return api.post("/pipeline_snapshots", snapshot_request(api, project_, pipeline_, configuration, **fields)).id


def run_request(project_: str, snapshot_: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "project": project_, "name": name, "snapshot": snapshot_, "status": "running", "orchestrator_run_id": name,
        "orchestrator_environment": {"os": "linux"}, "start_time": START, "end_time": None, "tags": None, "logs": None,
    } | fields


def run(api: Api, project_: str, snapshot_: str, name: str, ends: str | None = None, **fields: Any) -> str:
    """A run, running, or one that ended with a status."""
    made = api.post("/runs", run_request(project_, snapshot_, name, **fields))
    made = Answer(made.exchange, made[0]).id
    if ends:
        api.put(f"/runs/{made}", {"status": ends})
    return made


def step_request(project_: str, run_: str, name: str = "data_loader", **fields: Any) -> dict[str, Any]:
    return {
        "project": project_, "name": name, "pipeline_run_id": run_, "status": "running", "start_time": START, "inputs": {}, "outputs": {},
    } | fields


def step(api: Api, project_: str, run_: str, name: str = "data_loader", **fields: Any) -> str:
    return api.post("/steps", step_request(project_, run_, name, **fields)).id


def artifact_version_request(project_: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "project": project_, "artifact_name": name, "type": "DataArtifact", "save_type": "manual", "uri": f"/nowhere/{name}",
        "has_custom_name": True, "materializer": {"module": "materializers", "attribute": "Number", "type": "user"},
        "data_type": {"module": "builtins", "attribute": "int", "type": "builtin"},
    } | fields


def artifact_version(api: Api, project_: str, name: str, **fields: Any) -> str:
    return api.post("/artifact_versions", artifact_version_request(project_, name, **fields)).id


def model_configuration(name: str, **fields: Any) -> dict[str, Any]:
    """The `model` of a pipeline's configuration as the client sends it."""
    texts = ("license", "description", "audience", "use_cases", "limitations", "trade_offs", "ethics", "tags", "version", "model_version_id")
    flags = {"save_models_to_registry": True, "suppress_class_validation_warnings": True}
    return {"name": name} | dict.fromkeys(texts) | flags | fields


def model(api: Api, project_: str, name: str, **fields: Any) -> str:
    return api.post("/models", {"project": project_, "name": name, **fields}).id


def model_version(api: Api, project_: str, model_: str, name: str | None = None, **fields: Any) -> str:
    return api.post("/model_versions", {"project": project_, "model": model_, "name": name, **fields}).id


def user(api: Api, name: str, password: str = "Conform-1", **fields: Any) -> Api:
    """A new user, signed in."""
    api.post("/users", {"name": name, "password": password, "active": True, "is_admin": False, "full_name": name.title(), **fields})
    return api.as_user(name, password)
