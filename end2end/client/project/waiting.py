"""Dynamic pipelines that ask before they go on."""

from typing import Annotated

from zenml import pipeline, step, wait


@step
def prepare() -> Annotated[int, "prepared"]:
    return 20


@step
def publish(amount: int, answer: int) -> Annotated[int, "published"]:
    return amount + answer


@pipeline(dynamic=True, enable_cache=False)
def ask_patiently():
    """Waits for the answer as long as it takes."""
    amount = prepare()
    answer = wait(schema=int, question="How much more?", timeout=120, poll_interval=1, name="more")
    publish(amount.load(), answer)


@pipeline(dynamic=True, enable_cache=False)
def ask_and_leave():
    """Waits a moment only; then the run is paused and its process ends."""
    amount = prepare()
    answer = wait(schema=int, question="How much more?", timeout=1, poll_interval=1, name="more", metadata={"urgent": True})
    publish(amount.load(), answer)


def called(context_hook: str = "") -> None:
    """A hook."""


@pipeline(enable_cache=False, on_success=called)
def with_hook():
    prepare()


@pipeline(enable_cache=False)
def serve(amount: int = 1) -> Annotated[int, "published"]:
    """A pipeline to deploy: it answers with what it publishes."""
    return publish(prepare(), amount)
