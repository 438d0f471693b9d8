"""Two teams' set-up as a server has it after a while: projects, stacks, runs that went well and badly, models, secrets, …"""

from typing import Annotated

import more
from failing import failing_pipeline
from training import training_pipeline
from dynamic import sum_of_squares
from zenml import Model, log_metadata, pipeline, save_artifact, step
from zenml.client import Client
from zenml.config.retry_config import StepRetryConfig
from zenml.config.source import Source
from zenml.enums import ColorVariants, MetadataResourceTypes, ModelStages, StackComponentType
from zenml.models import CodeRepositoryRequest, RunMetadataResource
from zenml.types import HTMLString


@step
def chart() -> Annotated[HTMLString, "chart"]:
    """An artifact with a visualization."""
    return HTMLString("<p>rising</p>")


@step(enable_cache=True)
def constant(value: int = 7) -> Annotated[int, "constant"]:
    log_metadata({"value": value, "nested": {"list": [1, 2.5, "three"], "none": None}})
    return value


@step(retry=StepRetryConfig(max_retries=1))
def succeeds_at_last(value: int) -> Annotated[int, "at_last"]:
    """Fails at its first attempt."""
    from pathlib import Path

    mark = Path("first-attempt")
    if not mark.exists():
        mark.touch()
        raise RuntimeError("not yet")
    return value


@pipeline(enable_cache=True, tags=["team", "cached"])
def cached_pipeline():
    constant()
    chart()


@pipeline(enable_cache=False, model=Model(name="stepwise", version="first", tags=["risky"]))
def retried_pipeline():
    succeeds_at_last(constant())


def _failed(definition) -> None:
    try:
        definition()
    except Exception as error:  # What the step raised, or the orchestrator's word for it.
        print("as planned:", error)


def make() -> dict:
    client = Client()
    client.create_project("vision", description="Seeing things", display_name="Vision Team")
    people = _people(client)
    _stacks(client)
    _secrets(client)
    runs = _runs(client)
    client.set_active_project("vision")
    cached_pipeline.with_options(tags=["other-project"])()
    _models(client)
    client.set_active_project("default")
    more.make(runs["snapshot"], runs["run"])
    client.update_user("Ada", updated_default_project_id=client.get_project("vision").id)
    return people | runs


def _people(client: Client) -> dict:
    ada = client.create_user("Ada", password="Analytical-1", is_admin=False)
    client.update_user(ada.id, updated_full_name="Ada L", updated_metadata={"answered": True})
    invited = client.create_user("invited")
    robot = client.create_service_account("robot", description="Runs at night")
    key = client.create_api_key("robot", "night", description="nightly", set_key=False)
    client.create_api_key("robot", "old", set_key=False)
    rotated = client.rotate_api_key("robot", "old", retain_period_minutes=600, set_key=False)
    return {"user": str(ada.id), "invited": str(invited.id), "robot": str(robot.id), "key": key.key, "rotated": rotated.key}


def _stacks(client: Client) -> None:
    client.create_stack_component(
        "bucket", flavor="local", component_type=StackComponentType.ARTIFACT_STORE, configuration={}, labels={"team": "vision"},
        environment={"REGION": "north"},
    )
    client.create_stack_component("docker", flavor="local_docker", component_type=StackComponentType.ORCHESTRATOR, configuration={"run_args": {"shm_size": "1g"}})
    client.create_stack(
        "spare", labels={"kind": "spare"},
        components={StackComponentType.ARTIFACT_STORE: "bucket", StackComponentType.ORCHESTRATOR: "docker"},
    )
    # Not with `create_code_repository`, which imports the integration.
    client.zen_store.create_code_repository(
        CodeRepositoryRequest(
            name="code", project=client.active_project.id, config={"owner": "someone", "repository": "something"},
            source=Source.from_import_path("zenml.integrations.github.code_repositories.GitHubCodeRepository"), description="Where the code is",
        )
    )


def _secrets(client: Client) -> None:
    client.create_secret("database", {"user": "u", "password": "pässword ✓"})
    client.create_secret("own", {"token": "t"}, private=True)


def _runs(client: Client) -> dict:
    training_pipeline()
    snapshot = training_pipeline.create_snapshot(name="training", description="The usual", tags=["usual"])
    second = training_pipeline.with_options(tags=["second"], run_name="second-{date}")()
    client.create_run_metadata({"note": "kept"}, resources=[_resource(second.id)])
    cached_pipeline()
    cached_pipeline()
    retried_pipeline()
    _failed(failing_pipeline.with_options(steps={"raise_if": {"parameters": {"message": "broken"}}}))
    sum_of_squares(count=3)
    save_artifact({"made": "by hand"}, name="handmade", tags=["manual"])
    save_artifact({"made": "again"}, name="handmade", version="named")
    tag = client.create_tag("best", exclusive=True, color=ColorVariants.GREEN)
    client.update_artifact("handmade", add_tags=["kept"])
    return {"snapshot": str(snapshot.id), "run": str(second.id), "tag": str(tag.id)}


def _resource(run):
    return RunMetadataResource(id=run, type=MetadataResourceTypes.PIPELINE_RUN)


def _models(client: Client) -> None:
    client.create_model("classifier", license="MIT", description="Cats or dogs", tags=["animals"], ethics="Kind to both")
    client.create_model_version("classifier", name="one", description="the first", tags=["old"])
    client.create_model_version("classifier", name="two")
    client.update_model_version("classifier", "two", stage=ModelStages.PRODUCTION, force=True)
