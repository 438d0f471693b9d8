"""The rarer things that a server holds: schedules, triggers, webhooks, services, deployments, connectors, builds, …"""

from datetime import datetime, timedelta
from uuid import uuid4

from zenml.client import Client
from zenml.enums import (
    CuratedVisualizationSize,
    ExecutionStatus,
    HookType,
    RunWaitConditionType,
    StackComponentType,
    VisualizationResourceTypes,
)
from zenml.models import (
    DeploymentRequest,
    HookInvocationRequest,
    PipelineBuildRequest,
    RunWaitConditionRequest,
    ScheduleRequest,
    ServiceRequest,
)
from zenml.models.v2.misc.service import ServiceType


def make(snapshot: str, run: str) -> None:
    client = Client()
    _what_starts_runs(client, snapshot)
    _what_serves(client, snapshot, run)
    _around_runs(client, snapshot, run)
    _connections(client)


def _what_starts_runs(client: Client, snapshot: str) -> None:
    orchestrator = client.active_stack_model.components[StackComponentType.ORCHESTRATOR][0].id
    pipeline = client.get_snapshot(snapshot).pipeline.id
    common = {"project": client.active_project.id, "orchestrator_id": orchestrator, "pipeline_id": pipeline, "active": True}
    client.zen_store.create_schedule(ScheduleRequest(name="nightly", cron_expression="0 3 * * *", **common))
    interval = {"start_time": datetime(2030, 1, 1), "interval_second": timedelta(minutes=90)}
    client.zen_store.create_schedule(ScheduleRequest(name="often", catchup=True, **interval, **common))
    client.create_schedule_trigger("each-morning", cron_expression="0 7 * * *", active=False)
    client.create_schedule_trigger("once", run_once_start_time=datetime(2031, 1, 1))
    client.create_platform_event_trigger("after-training", source_type="pipeline", source_id=pipeline, target_events=["run_completed"])
    client.create_webhook("from-outside", "github")
    client.create_webhook("with-own-secret", "github", secret="a-secret-of-the-user", active=False)


def _what_serves(client: Client, snapshot: str, run: str) -> None:
    project = client.active_project.id
    deployer = client.active_stack_model.components[StackComponentType.DEPLOYER][0].id
    version = client.get_model_version("stepwise", "first").id
    client.zen_store.create_service(
        ServiceRequest(
            name="predictions", project=project, service_type=ServiceType(type="model-serving", flavor="custom", name="served"),
            config={"type": "x", "replicas": 2, "name": "c"}, labels={"zone": "a"}, status={"state": "active", "last_error": ""},
            prediction_url="http://localhost:1/predict", model_version_id=version, pipeline_run_id=run,
        )
    )
    client.zen_store.create_deployment(
        DeploymentRequest(name="live", project=project, snapshot_id=snapshot, deployer_id=deployer, auth_key="k", tags=["deployed"])
    )


def _around_runs(client: Client, snapshot: str, run: str) -> None:
    project = client.active_project.id
    pipeline = client.get_snapshot(snapshot).pipeline.id
    client.zen_store.create_build(
        PipelineBuildRequest(
            project=project, stack=client.active_stack_model.id, pipeline=pipeline, images={"orchestrator": {"image": "registry/i:1", "contains_code": True}},
            is_local=False, contains_code=True, zenml_version="0.98.0", python_version="3.11", checksum="c", stack_checksum="s",
        )
    )
    client.zen_store.create_hook_invocation(
        HookInvocationRequest(
            id=uuid4(), project=project, pipeline_run_id=run, hook_type=HookType.RUN_END, name="told", status=ExecutionStatus.COMPLETED,
            start_time=datetime(2026, 1, 1), end_time=datetime(2026, 1, 1, 0, 0, 1), source="hooks.told",
        )
    )
    client.zen_store.create_run_wait_condition(
        RunWaitConditionRequest(project=project, run=_waiting_run(client), name="approval", type=RunWaitConditionType.EXTERNAL_INPUT, question="Go on?", data_schema={"type": "boolean"})
    )
    visualization = client.get_artifact_version("chart").visualizations[0].id
    client.create_curated_visualization(
        visualization, resource_id=pipeline, resource_type=VisualizationResourceTypes.PIPELINE, display_name="Rising", display_order=2,
        layout_size=CuratedVisualizationSize.HALF_WIDTH,
    )


def _waiting_run(client: Client):
    """A run that goes on for ever, of the pipeline that decides while it runs what it does."""
    from zenml.models import PipelineRunRequest

    snapshot = next(iter(client.list_pipeline_runs(pipeline="sum_of_squares", hydrate=True))).snapshot
    request = PipelineRunRequest(
        name="waiting", project=client.active_project.id, snapshot=snapshot.id, status=ExecutionStatus.RUNNING, orchestrator_run_id="waiting",
        start_time=datetime(2026, 1, 1),
    )
    return client.zen_store.get_or_create_run(request)[0].id


def _connections(client: Client) -> None:
    client.create_service_connector(
        "registry", connector_type="docker", auth_method="password", resource_type="docker-registry", resource_id="docker.io/library",
        configuration={"username": "u", "password": "pässword", "registry": "docker.io"}, labels={"team": "vision"}, verify=False, auto_configure=False,
    )
    client.create_stack_component(
        "connected", flavor="default", component_type=StackComponentType.CONTAINER_REGISTRY, configuration={"uri": "docker.io/library"},
    )
    client.update_stack_component("connected", StackComponentType.CONTAINER_REGISTRY, connector_id=client.get_service_connector("registry").id, connector_resource_id="docker.io/library")
    client.create_stack(
        "secretive", components={StackComponentType.ARTIFACT_STORE: "bucket", StackComponentType.ORCHESTRATOR: "docker"}, secrets=["database"],
    )
