"""Pipelines that do not go well: a step that raises, a step that takes its time, a process that dies."""

import os
import time

from zenml import pipeline, step


@step
def raise_if(message: str = "") -> None:
    """Fails with the message, if there is one."""
    if message:
        raise RuntimeError(message)


@step
def sleep(seconds: float = 0.0, mark: str = "") -> None:
    """Waits; leaves a line in the file `mark` for every time it was started."""
    if mark:
        with open(mark, "a") as file:
            file.write("started\n")
    print("sleeping", flush=True)
    time.sleep(seconds)
    print("awake", flush=True)


@step
def die(really: bool = False) -> None:
    """Ends the whole process at once, as the kernel does when memory runs out."""
    if really:
        print("about to die", flush=True)
        os.kill(os.getpid(), 9)


@pipeline(enable_cache=False)
def failing_pipeline():
    raise_if()


@pipeline(enable_cache=False)
def sleeping_pipeline():
    sleep()


@pipeline(enable_cache=False)
def dying_pipeline():
    die()
