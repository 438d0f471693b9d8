"""What starts runs by itself: triggers and webhooks of the server, and schedules of an orchestrator that fires them."""

from datetime import datetime, timedelta, timezone
from typing import Type

from zenml.client import Client
from zenml.config.pipeline_run_configuration import PipelineRunConfiguration
from zenml.config.schedule import Schedule
from zenml.enums import PipelineEvent
from zenml.orchestrators import LocalOrchestrator, LocalOrchestratorConfig, LocalOrchestratorFlavor
from zenml.utils.trigger_utils import create_platform_event_trigger, get_raw_webhook_event, get_upstream_run, get_webhook_upstream_event

from training import training_pipeline


class PunctualOrchestratorConfig(LocalOrchestratorConfig):
    """Of an orchestrator that takes schedules."""

    @property
    def is_schedulable(self) -> bool:
        return True


class PunctualOrchestrator(LocalOrchestrator):
    """Takes schedules, and fires none within a test."""

    def submit_pipeline(self, *args, **kwargs) -> None:
        return None


class PunctualOrchestratorFlavor(LocalOrchestratorFlavor):
    @property
    def name(self) -> str:
        return "punctual"

    @property
    def config_class(self) -> Type[PunctualOrchestratorConfig]:
        return PunctualOrchestratorConfig

    @property
    def implementation_class(self) -> Type[PunctualOrchestrator]:
        return PunctualOrchestrator


def schedule_in(delay: float, name: str, snapshot: str, configuration: dict | None = None) -> dict:
    """A trigger that is due once, soon."""
    due = datetime.now(timezone.utc) + timedelta(seconds=delay)
    client = Client()
    trigger = client.create_schedule_trigger(name, run_once_start_time=due)
    client.attach_trigger_to_snapshot(trigger.id, client.get_snapshot(snapshot).id, run_configuration=PipelineRunConfiguration(**(configuration or {})))
    return describe(name, "schedule")


def event_of(pipeline: str, events: list[str], name: str, snapshot: str) -> dict:
    """A trigger that waits for the end of runs of a pipeline."""
    client = Client()
    source = client.get_pipeline(pipeline).id
    trigger = create_platform_event_trigger(name=name, source_pipeline_id=source, target_events=[PipelineEvent(event) for event in events])
    client.attach_trigger_to_snapshot(trigger.id, client.get_snapshot(snapshot).id)
    return describe(name, "platform_event")


def webhook_of(name: str, snapshot: str, configuration: dict) -> dict:
    """A webhook whose deliveries start a snapshot."""
    client = Client()
    webhook = client.create_webhook(name, "custom")
    trigger = client.create_webhook_trigger(name, webhook=webhook.id, configuration=configuration)
    client.attach_trigger_to_snapshot(trigger.id, client.get_snapshot(snapshot).id)
    return {"id": str(trigger.id), "secret": webhook.secret.get_secret_value(), "url": webhook.endpoint_url, "webhook": str(webhook.id)}


def rotate(webhook: str) -> str:
    return Client().rotate_webhook_secret(webhook).secret.get_secret_value()


def describe(name: str, kind: str) -> dict:
    trigger = getattr(Client(), f"get_{kind}_trigger")(name)
    return {
        "id": str(trigger.id),
        "active": trigger.active,
        "next": str(trigger.next_occurrence) if kind == "schedule" else None,
        "snapshots": [snapshot.name for snapshot in trigger.snapshots],
        "latest_run": str(trigger.latest_run.id) if trigger.latest_run else None,
        "states": [str(state.last_status) for state in trigger.snapshot_dispatch_states.values()],
    }


def origin(run: str) -> dict:
    """What started a run, as the SDK tells it."""
    found = Client().get_pipeline_run(run)
    upstream = get_upstream_run(found)
    return {
        "trigger": found.trigger.name if found.trigger else None,
        "type": str(found.trigger.type) if found.trigger else None,
        "upstream": str(upstream.id) if upstream else None,
        "event": get_webhook_upstream_event(found),
        "raw": get_raw_webhook_event(found),
        "schedule": found.schedule.name if found.schedule else None,
    }


def run_on_schedule(name: str) -> dict:
    """What `with_options(schedule=…)` of a pipeline leaves behind, on a stack whose orchestrator takes schedules."""
    training_pipeline.with_options(schedule=Schedule(name=name, cron_expression="0 2 * * *"))()
    client = Client()
    schedule = client.get_schedule(name)
    snapshots = client.list_snapshots(schedule_id=schedule.id, named_only=False)
    return {
        "id": str(schedule.id),
        "cron": schedule.cron_expression,
        "active": schedule.active,
        "pipeline": str(schedule.pipeline_id),
        "orchestrator": str(schedule.orchestrator_id),
        "snapshots": [snapshot.schedule.name for snapshot in snapshots],
        "listed": [found.name for found in client.list_schedules(active=True)],
    }


def delete_schedule(name: str) -> list[str]:
    client = Client()
    client.delete_schedule(name)
    return [found.name for found in client.list_schedules(is_archived=False)]

