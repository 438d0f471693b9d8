"""Calls of the unmodified client and what came of each: `python client_calls.py NAME ANSWERS_FILE`, in a process of its own.

A copy of this file runs in the copy of the sample project, for a script's folder is the source root of its pipelines.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from typing import Any

import requests
from click.testing import CliRunner
from pydantic_core import to_jsonable_python
from zenml.cli.cli import cli
from zenml.client import Client
from zenml.enums import ArtifactType, ModelStages, StackComponentType, TaggableResourceTypes
from zenml.models import TagResource

from training import training_pipeline
from waiting import serve

ABSENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"


class Calls:
    """What was called, with which arguments, and what it returned or raised."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []

    def __call__(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The function's result, none where it raised."""
        call = {"name": function.__name__, "sent": repr((arguments, options))}
        self.made.append(call)
        try:
            result = function(*arguments, **options)
        except Exception as error:
            call["raised"] = [type(error).__name__, str(error)]
            return None
        call["returned"] = to_jsonable_python(result, fallback=str)
        return result

    def command(self, *words: str, only_exit_code: bool = False) -> None:
        """A `zenml` command: its exit code, and the words of each line unless they are different each time."""
        result = CliRunner().invoke(cli, list(words))
        lines = [line.split() for line in result.output.replace("─", " ").splitlines() if line.strip("─ │┃\t")]
        returned = {"exit code": result.exit_code} | ({} if only_exit_code else {"lines": lines})
        self.made.append({"name": "zenml", "sent": " ".join(words), "returned": returned})


def accounts(call: Calls) -> None:
    client = Client()
    call(client.create_user, "ann", password="Conform-1")
    call(client.create_user, "ann", password="Conform-1")
    call(client.get_user, "ann")
    call(client.update_user, "ann", updated_full_name="Ann A.", updated_email="ann@example.org", updated_email_opt_in=True)
    call(client.list_users, name="startswith:an")
    call(client.create_service_account, "robot", description="works")
    call(client.get_service_account, "robot")
    call(client.update_service_account, "robot", description="rests", active=True)
    call(client.list_service_accounts, name="robot")
    call(client.create_api_key, "robot", "first", description="a key")
    call(client.get_api_key, "robot", "first")
    call(client.update_api_key, "robot", "first", name="renamed")
    call(client.rotate_api_key, "robot", "renamed", retain_period_minutes=5)
    call(client.list_api_keys, "robot")
    call(client.delete_api_key, "robot", "renamed")
    call(client.delete_service_account, "robot")
    call(client.delete_user, "ann")
    call(client.get_user, "ann")
    call(client.list_authorized_devices)
    call(client.get_settings)


def settings_of_work(call: Calls) -> None:
    """Projects, stacks, secrets, tags, models."""
    client = Client()
    call(client.create_project, "sdk", "a project", display_name="SDK")
    call(client.get_project, "sdk")
    call(client.update_project, "sdk", new_description="changed")
    call(client.list_projects, name="sdk")
    call(client.delete_project, "sdk")
    call(client.get_project, "sdk")
    call(client.list_flavors, type="orchestrator", sort_by="name", size=5)
    call(client.get_flavor_by_name_and_type, "kubernetes", StackComponentType.ORCHESTRATOR)
    store = {"name": "store", "component_type": StackComponentType.ARTIFACT_STORE}
    call(client.create_stack_component, flavor="local", configuration={}, labels={"a": "b"}, **store)
    call(client.create_stack_component, flavor="nothing", configuration={}, **store)
    call(client.get_stack_component, StackComponentType.ARTIFACT_STORE, "store")
    call(client.update_stack_component, "store", StackComponentType.ARTIFACT_STORE, labels={"c": "d"})
    call(client.list_stack_components, name="store")
    call(client.create_stack, "shelf", {StackComponentType.ORCHESTRATOR: "default", StackComponentType.ARTIFACT_STORE: "store"})
    call(client.get_stack, "shelf")
    call(client.update_stack, "shelf", name="shelves", description="a stack")
    call(client.list_stacks, name="contains:she")
    call(client.delete_stack_component, "store", StackComponentType.ARTIFACT_STORE)
    call(client.delete_stack, "shelves")
    call(client.delete_stack_component, "store", StackComponentType.ARTIFACT_STORE)
    call(client.create_secret, "vault", {"user": "u", "password": "p"})
    call(client.create_secret, "vault", {"user": "u"})
    call(client.get_secret, "vault")
    call(client.get_secret_by_name_and_private_status, "vault", False)
    call(client.update_secret, "vault", add_or_update_values={"user": "v"}, remove_values=["password"])
    call(client.list_secrets, name="vault")
    call(client.delete_secret, "vault")
    call(client.get_secret, "vault")
    call(client.list_service_connectors)
    call(client.list_code_repositories)
    call(client.create_tag, "blue", color="blue")
    call(client.get_tag, "blue")
    call(client.update_tag, "blue", name="sky")
    call(client.list_tags, name="sky")
    model = call(client.create_model, "churn", description="who leaves", tags=["m"])
    call(client.attach_tag, "sky", [TagResource(id=model.id, type=TaggableResourceTypes.MODEL)])
    call(client.get_model, "churn")
    call(client.update_model, "churn", license="Apache-2.0", add_tags=["n"], remove_tags=["m"])
    call(client.create_model_version, "churn", name="first")
    call(client.get_model_version, "churn", "first")
    call(client.get_model_version, "churn", ModelStages.LATEST)
    call(client.update_model_version, "churn", "first", stage="production", description="in use")
    call(client.get_model_version, "churn", ModelStages.PRODUCTION)
    call(client.list_model_versions, "churn")
    call(client.list_models, name="churn")
    call(client.delete_model, "churn")
    call(client.get_model, "churn")
    call(client.delete_tag, "sky")


def runs(call: Calls) -> None:
    """A pipeline that runs here, and all that is left of it."""
    client = Client()
    run = training_pipeline()
    call(client.get_pipeline_run, run.id, include_full_metadata=True)
    call(client.get_pipeline_run, ABSENT_ID)
    call(client.list_pipeline_runs, pipeline_name="training_pipeline", hydrate=True)
    for step in call(client.list_run_steps, pipeline_run_id=run.id, sort_by="name", hydrate=True).items:
        call(client.get_run_step, step.id)
    call(client.list_pipelines)
    call(client.get_pipeline, "training_pipeline")
    for name in ("dataset", "accuracy", "report"):
        call(client.get_artifact, name)
        version = call(client.get_artifact_version, name)
        call(version.load)
    call(client.list_artifacts, sort_by="name")
    call(client.list_artifact_versions, sort_by="name", type=ArtifactType.DATA)
    call(client.update_artifact_version, "accuracy", add_tags=["good"])
    call(client.get_model_version, "acceptance_model", ModelStages.LATEST)
    call(client.list_model_version_artifact_links, model_version_id=run.model_version.id)
    call(client.list_model_version_pipeline_run_links, model_version_id=run.model_version.id)
    snapshot = training_pipeline.create_snapshot(name="nightly", description="each night", tags=["s"])
    call(client.get_snapshot, "nightly")
    call(client.get_snapshot, snapshot.id, include_config_schema=False)
    call(client.list_snapshots, named_only=True, hydrate=True)
    call(client.update_snapshot, "nightly", name="daily", add_tags=["t"])
    call(client.trigger_pipeline, pipeline_name_or_id="training_pipeline")
    call(client.create_schedule_trigger, "midnight", cron_expression="0 0 * * *")
    call(client.get_schedule_trigger, "midnight")
    call(client.update_schedule_trigger, "midnight", active=False)
    call(client.list_schedule_triggers)
    call(client.create_webhook, "pushes", "custom", secret="s" * 32)
    call(client.get_webhook, "pushes")
    call(client.list_webhooks)
    call(client.delete_webhook, "pushes")
    for listing in (
        client.list_builds, client.list_deployments, client.list_hook_invocations, client.list_run_templates, client.list_run_wait_conditions,
        client.list_schedules, client.list_services,
    ):
        call(listing)
    call(client.delete_snapshot, "daily")
    call(client.delete_pipeline_run, run.id)
    call(client.delete_artifact_version, "accuracy", "1")
    call(client.list_artifacts, sort_by="name")
    call(client.delete_pipeline, "training_pipeline")
    call(client.get_pipeline, "training_pipeline")


def commands(call: Calls) -> None:
    """`zenml` commands that list and describe."""
    training_pipeline.create_snapshot(name="for-commands")
    for words in (
        "status", "user list", "user describe", "service-account create clerk", "service-account list", "service-account api-key clerk list",
        "service-account delete clerk --yes", "project list", "project describe default", "stack list", "stack describe default",
        "orchestrator list", "orchestrator describe default", "artifact-store list", "artifact-store describe default",
        "orchestrator flavor describe local", "secret create word --user=u", "secret list", "secret get word", "secret delete word --yes",
        "secret get word", "tag register green --color green", "tag list", "tag delete green --yes", "model register iris --license MIT",
        "model list", "model version list iris", "model delete iris --yes", "model list", "artifact list", "artifact version list",
        "pipeline list", "pipeline runs list", "pipeline snapshot list", "pipeline snapshot run no-such-snapshot", "pipeline builds list",
        "pipeline schedule list", "trigger schedule create dawn --cron-expression '0 5 * * *'", "trigger schedule list", "webhook list",
        "deployment list", "code-repository list", "service-connector list", "authorized-device list", "pipeline snapshot delete for-commands --yes",
        "pipeline snapshot list",
    ):
        call.command(*shlex.split(words))


def deployment(call: Calls) -> None:
    """A snapshot deployed by the local deployer, invoked, and taken down."""
    client = Client()
    serve.create_snapshot(name="served")
    call.command("pipeline", "snapshot", "deploy", "served", "--deployment", "serving", "--timeout", "120", only_exit_code=True)
    try:
        found = call(client.get_deployment, "serving")
        call(invoke, found.url)
        call(client.get_snapshot, "served")
        call(client.list_pipeline_runs, triggered_by_deployment_id=found.id, hydrate=True)
        call(client.list_deployments)
    finally:
        call.command("deployment", "delete", "serving", "--yes", only_exit_code=True)
    call(client.get_deployment, "serving")


def invoke(url: str) -> dict[str, Any]:
    return requests.post(f"{url}/invoke", json={"parameters": {}}, timeout=60).json()


if __name__ == "__main__":
    calls = Calls()
    try:
        globals()[sys.argv[1]](calls)
    finally:
        with open(sys.argv[2], "w") as file:
            json.dump(calls.made, file)
