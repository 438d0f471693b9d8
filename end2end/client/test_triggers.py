"""Triggers, webhooks and schedules with the real client: what fires, what the runs say about it."""

import hashlib
import hmac
import json
from typing import Callable

import requests
from harness import Client, Rest, wait_until

FASTER = {"steps": {"model_trainer": {"parameters": {"learning_rate": 0.125}}}}


def runs_of(rest: Rest, trigger: dict) -> list[dict]:
    return rest.items("/runs", trigger_id=trigger["id"], project="default")


def only_run_of(rest: Rest, trigger: dict) -> str:
    wait_until(lambda: runs_of(rest, trigger), 30, "the trigger fires")
    run = runs_of(rest, trigger)[0]
    rest.wait_for_run(run["id"])
    assert len(runs_of(rest, trigger)) == 1
    return run["id"]


def test_a_schedule_fires_when_it_is_due(client: Client, rest: Rest, snapshot: dict, unique: Callable[[str], str]) -> None:
    name = unique("once")
    trigger = client.call("starting", what="schedule_in", delay=5, name=name, snapshot="training", configuration=FASTER)
    assert trigger["snapshots"] == ["training"]
    run = client.call("describe_run", run_id=only_run_of(rest, trigger))
    assert run["status"] == "completed", run["status_reason"]
    assert run["steps"]["model_trainer"]["parameters"]["learning_rate"] == 0.125
    assert run["source_snapshot"] == snapshot["id"]
    origin = client.call("starting", what="origin", run=run["id"])
    assert (origin["trigger"], origin["type"]) == (name, "schedule")
    fired = client.call("starting", what="describe", name=name, kind="schedule")
    assert (fired["states"], fired["latest_run"], fired["next"]) == (["SUCCESS"], run["id"], "None")


def test_the_cli_makes_attaches_and_deletes_triggers(client: Client, snapshot: dict, unique: Callable[[str], str]) -> None:
    name = unique("nightly")
    client.zenml("trigger", "schedule", "create", name, "--cron-expression", "0 2 * * *", "--max-runs", "3")
    client.zenml("trigger", "schedule", "attach", name, "training")
    assert name in client.zenml("trigger", "schedule", "list")
    client.zenml("trigger", "schedule", "update", name, "--cron-expression", "30 3 * * *")
    described = client.call("starting", what="describe", name=name, kind="schedule")
    assert described["next"].endswith(" 03:30:00")
    assert described["snapshots"] == ["training"]
    client.zenml("trigger", "schedule", "detach", name, "training")
    assert client.call("starting", what="describe", name=name, kind="schedule")["snapshots"] == []
    client.zenml("trigger", "schedule", "delete", name)
    assert name not in client.zenml("trigger", "schedule", "list")


def test_the_end_of_a_run_starts_another_pipeline(client: Client, rest: Rest, snapshot: dict, unique: Callable[[str], str]) -> None:
    client.call("create_snapshot", module="dynamic", pipeline="sum_of_squares", name="after-training", options={"enable_cache": False})
    trigger = client.call(
        "starting", what="event_of", pipeline=snapshot["pipeline"], events=["run_completed"], name=unique("after"), snapshot="after-training"
    )
    upstream = client.call("trigger", snapshot_name_or_id="training")
    run = only_run_of(rest, trigger)
    origin = client.call("starting", what="origin", run=run)
    assert (origin["type"], origin["upstream"]) == ("platform_event", upstream["id"])
    rest.send("DELETE", f"/triggers/{trigger['id']}")


def deliver(webhook: dict, secret: str, delivery: str, body: dict) -> int:
    """What another service sends."""
    text = json.dumps(body).encode()
    signature = "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    headers = {"X-ZenML-Event": "deployed", "X-ZenML-Delivery": delivery, "X-ZenML-Signature-256": signature}
    return requests.post(webhook["url"], data=text, headers=headers, timeout=10).status_code


def test_a_webhook_starts_runs(client: Client, rest: Rest, snapshot: dict, unique: Callable[[str], str]) -> None:
    name = unique("deployed")
    filters = {"target_events": [{"type": "dynamic", "event_type": "deployed", "filters": {"stage": "prod"}}]}
    webhook = client.call("starting", what="webhook_of", name=name, snapshot="training", configuration=filters)
    assert deliver(webhook, "guess", "d0", {"stage": "prod"}) == 401
    assert deliver(webhook, webhook["secret"], "d1", {"stage": "test"}) == 202
    assert deliver(webhook, webhook["secret"], "d2", {"stage": "prod"}) == 202
    assert deliver(webhook, webhook["secret"], "d2", {"stage": "prod"}) == 202
    origin = client.call("starting", what="origin", run=only_run_of(rest, webhook))
    assert (origin["trigger"], origin["raw"]) == (name, {"body": {"stage": "prod"}})
    assert origin["event"]["custom"]["delivery_id"] == "d2"
    secret = client.call("starting", what="rotate", webhook=name)
    assert deliver(webhook, webhook["secret"], "d3", {"stage": "test"}) == 401
    assert deliver(webhook, secret, "d4", {"stage": "test"}) == 202
    described = client.zenml("webhook", "describe", name)
    assert "custom" in described and secret not in described


def test_a_schedule_of_an_orchestrator_is_stored_and_never_fired_here(client: Client, rest: Rest, first_run: dict) -> None:
    client.zenml("orchestrator", "flavor", "register", "starting.PunctualOrchestratorFlavor")
    client.zenml("orchestrator", "register", "punctual", "--flavor", "punctual")
    client.zenml("stack", "register", "punctual", "-o", "punctual", "-a", "default", "--set")
    try:
        schedule = client.call("starting", what="run_on_schedule", name="nightly-training")
    finally:
        client.zenml("stack", "set", "default")
    assert (schedule["cron"], schedule["active"], schedule["snapshots"]) == ("0 2 * * *", True, ["nightly-training"])
    assert "nightly-training" in schedule["listed"]
    assert rest.items("/runs", schedule_id=schedule["id"], project="default") == []
    assert "nightly-training" not in client.call("starting", what="delete_schedule", name="nightly-training")
    assert rest.get(f"/schedules/{schedule['id']}")["body"]["is_archived"] is True
