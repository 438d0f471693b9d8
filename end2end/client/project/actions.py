"""What the tests ask a client to do, in a process of its own: `python actions.py NAME ANSWER_FILE < arguments.json`.

Lies in the project because the folder of the main script is the source root, as with a user's own `run.py`.
"""

import json
import sys
from importlib import import_module
from typing import Any

from zenml.client import Client


def whoami() -> dict:
    client = Client()
    return {
        "user": client.active_user.name,
        "project": client.active_project.name,
        "stack": client.active_stack_model.name,
        "is_service_account": client.active_user.is_service_account,
    }


def run_pipeline(module: str, pipeline: str, arguments: dict | None = None, **options: Any) -> dict:
    """Runs a pipeline as a user's script does and tells what came of it."""
    definition = getattr(import_module(module), pipeline)
    run = definition.with_options(**options)(**(arguments or {}))
    return describe_run(str(run.id))


def create_snapshot(module: str, pipeline: str, arguments: dict | None = None, options: dict | None = None, **naming: Any) -> dict:
    definition = getattr(import_module(module), pipeline).with_options(**(options or {}))
    # A pipeline with arguments is given them before the snapshot is made.
    definition.prepare(**(arguments or {}))
    snapshot = definition.create_snapshot(**naming)
    return describe_snapshot(str(snapshot.id))


def describe_snapshot(snapshot: str, pipeline: str | None = None) -> dict:
    found = Client().get_snapshot(snapshot, pipeline_name_or_id=pipeline)
    return {
        "id": str(found.id),
        "name": found.name,
        "description": found.description,
        "tags": sorted(tag.name for tag in found.tags),
        "runnable": found.runnable,
        "pipeline": found.pipeline.name,
        "stack": found.stack.name,
        "steps": list(found.step_configurations),
        "source_code": found.source_code,
    }


def list_snapshots(**filters: Any) -> list[str | None]:
    return [snapshot.name for snapshot in Client().list_snapshots(**filters)]


def update_snapshot(snapshot: str, **changes: Any) -> dict:
    return describe_snapshot(str(Client().update_snapshot(snapshot, **changes).id))


def delete_snapshot(snapshot: str) -> None:
    Client().delete_snapshot(snapshot)


def trigger(wait: bool = True, **options: Any) -> dict:
    run = Client().trigger_pipeline(synchronous=wait, **options)
    return describe_run(str(run.id)) if wait else {"id": str(run.id), "status": str(run.status)}


def replay(run: str, wait: bool = True, **options: Any) -> dict:
    replayed = Client().replay_pipeline_run(run, synchronous=wait, **options)
    return describe_run(str(replayed.id)) if wait else {"id": str(replayed.id), "status": str(replayed.status)}


def describe_run(run_id: str) -> dict:
    """Everything a user can learn about a run through the SDK, artifacts loaded."""
    run = Client().get_pipeline_run(run_id)
    return {
        "id": str(run.id),
        "name": run.name,
        "status": str(run.status),
        "status_reason": run.get_body().status_reason,
        "finished": run.end_time is not None,
        "pipeline": run.pipeline.name,
        "stack": run.stack.name,
        "snapshot": str(run.snapshot.id),
        "source_snapshot": str(run.source_snapshot.id) if run.source_snapshot else None,
        "original_run": str(run.original_run.id) if run.original_run else None,
        "parameters": run.config.parameters,
        "tags": sorted(tag.name for tag in run.tags),
        "metadata": dict(run.run_metadata),
        "model": [run.model_version.model.name, run.model_version.number] if run.model_version else None,
        "model_metadata": dict(run.model_version.run_metadata) if run.model_version else None,
        "triggered_by_step": str(run.trigger_info.step_run_id) if run.trigger_info and run.trigger_info.step_run_id else None,
        "steps": {
            name: {
                "id": str(step.id),
                "status": str(step.status),
                "parameters": step.config.parameters,
                "metadata": dict(step.run_metadata),
                "upstream": [str(parent) for parent in step.parent_step_ids],
                "inputs": {name: [str(version.input_type) for version in versions] for name, versions in step.inputs.items()},
                "outputs": {output: [version.load() for version in versions] for output, versions in step.outputs.items()},
            }
            for name, step in run.steps.items()
        },
    }


def make_template(name: str, snapshot: str) -> dict:
    template = Client().create_run_template(name=name, snapshot_id=snapshot)
    return {"id": str(template.id), "runnable": template.runnable}


def list_templates(**filters: Any) -> list[str]:
    return [template.name for template in Client().list_run_templates(**filters)]


def delete_template(template: str) -> None:
    Client().delete_run_template(template)


def artifact(name: str) -> Any:
    """The newest version of an artifact, loaded."""
    return Client().get_artifact_version(name).load()


def models() -> list[str]:
    return [model.name for model in Client().list_models()]


def starting(what: str, **arguments: Any) -> Any:
    """One of the functions in starting.py."""
    return getattr(import_module("starting"), what)(**arguments)


def make_team() -> dict:
    return import_module("team").make()


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](**json.load(sys.stdin))
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)
