"""A pipeline whose step starts a snapshot of another pipeline."""

from typing import Annotated

from zenml import pipeline, step
from zenml.client import Client


@step
def trigger(snapshot: str, learning_rate: float = 0.25, wait: bool = True) -> Annotated[str, "triggered_run_id"]:
    """Runs the snapshot and, if asked to, waits until that run has ended."""
    run = Client().trigger_pipeline(
        snapshot_name_or_id=snapshot,
        run_configuration={"steps": {"model_trainer": {"parameters": {"learning_rate": learning_rate}}}},
        synchronous=wait,
    )
    print(f"triggered {run.id}: {run.status}")
    if wait:
        assert run.status == "completed", f"the triggered run is {run.status}"
    return str(run.id)


@pipeline(enable_cache=False)
def triggering_pipeline(snapshot: str):
    trigger(snapshot=snapshot)
