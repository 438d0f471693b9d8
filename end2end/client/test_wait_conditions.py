"""Runs that wait for an answer: polled by a process that waits, and resumed by the server where none does any more."""

import json

from harness import Client, Rest, wait_until


def pending(rest: Rest, run: str | None = None) -> dict:
    """What somebody is asked, once it is asked."""
    filters = {"project": "default", "hydrate": True} | ({"pipeline_run": run} if run else {})
    return wait_until(lambda: rest.items("/run_wait_conditions?status=pending", **filters), 60, "a run asks something")[0]


def test_answer_for_a_process_that_waits(client: Client, rest: Rest) -> None:
    answer = client.folder / "answer-waiting.json"
    process = client.start(client.python, "actions.py", "run_pipeline", str(answer))
    process.stdin.write(json.dumps({"module": "waiting", "pipeline": "ask_patiently"}))
    process.stdin.close()
    try:
        asked = pending(rest)
        assert asked["metadata"]["question"] == "How much more?"
        client.zenml("pipeline", "runs", "wait-conditions", "resolve", asked["id"], "--resolution", "continue", "--result", "22")
        assert process.wait(90) == 0, process.stdout.read()
    finally:
        process.kill()
    run = json.loads(answer.read_text())
    assert run["status"] == "completed"
    assert run["steps"]["publish"]["outputs"]["published"] == [42]


def test_answer_after_the_process_has_left(client: Client, rest: Rest) -> None:
    """Launched by the server: the paused run goes on there, with what it had already done."""
    client.call("create_snapshot", module="waiting", pipeline="ask_and_leave", name="asking")
    started = client.call("trigger", snapshot_name_or_id="asking", wait=False)
    rest.wait_for_run(started["id"], statuses={"paused"})
    assert rest.get(f"/runs/{started['id']}")["body"]["status_reason"] == "Waiting for input."
    asked = pending(rest, started["id"])
    assert asked["metadata"]["run_metadata"] == {"urgent": True}
    rest.put(f"/run_wait_conditions/{asked['id']}/resolve", {"resolution": "continue", "result": "much"}, status=400)
    rest.put(f"/run_wait_conditions/{asked['id']}/resolve", {"resolution": "continue", "result": 3})
    rest.wait_for_run(started["id"])
    run = client.call("describe_run", run_id=started["id"])
    assert run["status"] == "completed", run["status_reason"]
    assert run["steps"]["publish"]["outputs"]["published"] == [23]
    assert len(rest.items("/steps", pipeline_run_id=started["id"])) == 2, "no step ran twice"


def test_a_run_of_a_users_own_process_goes_on_here(client: Client, rest: Rest) -> None:
    run = client.call("run_pipeline", module="waiting", pipeline="ask_and_leave")
    assert run["status"] == "paused"
    rest.put(f"/run_wait_conditions/{pending(rest, run['id'])['id']}/resolve", {"resolution": "continue", "result": 1})
    rest.wait_for_run(run["id"])
    assert client.call("describe_run", run_id=run["id"])["steps"]["publish"]["outputs"]["published"] == [21]


def test_abort(client: Client, rest: Rest) -> None:
    run = client.call("run_pipeline", module="waiting", pipeline="ask_and_leave")
    asked = pending(rest, run["id"])
    client.zenml("pipeline", "runs", "wait-conditions", "resolve", asked["id"], "--resolution", "abort")
    assert rest.get(f"/runs/{run['id']}")["body"]["status"] == "stopped"


def test_hooks_are_recorded(client: Client, rest: Rest) -> None:
    run = client.call("run_pipeline", module="waiting", pipeline="with_hook")
    assert run["status"] == "completed"
    hooks = rest.items("/hook_invocations", pipeline_run_id=run["id"], hydrate=True)
    assert hooks and {hook["body"]["status"] for hook in hooks} == {"completed"}, hooks
