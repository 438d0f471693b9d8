"""Running a snapshot again, with other parameters, in the four ways the documentation names, on its local stack."""

import json
import subprocess

import pytest
from harness import Client, CommandFailed, Rest, Server, wait_until

FASTER = {"steps": {"model_trainer": {"parameters": {"learning_rate": 0.125, "model_type": "quadratic"}}}}


def assert_ran_with(run: dict, snapshot: dict, learning_rate: float, model_type: str = "linear") -> None:
    """The run completed, came from this snapshot, and the parameter really arrived in the step."""
    assert run["status"] == "completed", run["status_reason"]
    assert run["source_snapshot"] == snapshot["id"]
    assert run["snapshot"] != snapshot["id"]
    assert run["stack"] == "default"
    trainer = run["steps"]["model_trainer"]
    assert trainer["parameters"]["learning_rate"] == learning_rate
    model = trainer["outputs"]["trained_model"][0]
    assert (model["learning_rate"], model["model_type"]) == (learning_rate, model_type)
    assert run["steps"]["evaluator"]["outputs"]["accuracy"] == [1.0]


def test_by_sdk(client: Client, rest: Rest, snapshot: dict) -> None:
    run = client.call("trigger", snapshot_name_or_id="training", run_configuration=FASTER)
    assert_ran_with(run, snapshot, 0.125, "quadratic")
    assert run["model"][0] == "acceptance_model"
    assert "acceptance" in run["tags"]
    assert run["steps"]["data_loader"]["metadata"]["rows"] == 8
    assert "trained quadratic with learning rate 0.125" in rest.step_log(run["steps"]["model_trainer"]["id"])
    assert "evaluator" in rest.run_log(run["id"])


def test_unchanged_by_id(client: Client, snapshot: dict) -> None:
    run = client.call("trigger", snapshot_name_or_id=snapshot["id"])
    assert_ran_with(run, snapshot, 0.5)


def test_by_cli_with_config(client: Client, rest: Rest, snapshot: dict) -> None:
    file = client.folder / "run.yaml"
    file.write_text(
        "run_name: by_cli_{date}_{time}\n"
        "steps:\n"
        "  model_trainer:\n"
        "    parameters:\n"
        "      learning_rate: 0.0625\n"
    )
    client.zenml("pipeline", "snapshot", "run", "training", "--config", str(file))
    started = rest.items("/runs", name="startswith:by_cli_", project="default", sort_by="desc:created")[0]
    rest.wait_for_run(started["id"])
    run = client.call("describe_run", run_id=started["id"])
    assert_ran_with(run, snapshot, 0.0625)
    assert run["name"].startswith("by_cli_2")


def curl(server: Server, token: str, path: str, body: object) -> tuple[int, dict]:
    """What the documentation tells to type."""
    printed = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "-X", "POST", f"{server.url}{path}",
         "-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {token}", "-d", json.dumps(body)],
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout  # fmt: skip
    answer, status = printed.rsplit("\n", 1)
    return int(status), json.loads(answer)


@pytest.mark.parametrize(
    ("path", "wrapped"),
    [("pipeline_snapshots", True), ("pipeline_snapshots", False), ("pipeline-snapshots", True)],
    ids=["run_configuration", "bare body", "documented alias"],
)
def test_by_curl(client: Client, server: Server, rest: Rest, snapshot: dict, path: str, wrapped: bool) -> None:
    body = {"run_configuration": FASTER} if wrapped else FASTER
    status, run = curl(server, rest.new_api_key(f"curl-{path}-{wrapped}"), f"/api/v1/{path}/{snapshot['id']}/runs", body)
    assert status == 200, run
    assert run["body"]["status"] in {"initializing", "provisioning", "running"}
    assert run["resources"]["source_snapshot"]["id"] == snapshot["id"]
    rest.wait_for_run(run["id"])
    assert_ran_with(client.call("describe_run", run_id=run["id"]), snapshot, 0.125, "quadratic")


def test_latest_of_a_pipeline_by_rest(client: Client, server: Server, rest: Rest, unique) -> None:
    made = client.call("create_snapshot", module="training", pipeline="training_pipeline", name=unique("latest"))
    run = rest.post("/pipelines/training_pipeline/runs", {"run_configuration": FASTER})
    assert run["resources"]["source_snapshot"]["id"] == made["id"]
    rest.wait_for_run(run["id"])
    assert_ran_with(client.call("describe_run", run_id=run["id"]), made, 0.125, "quadratic")


def test_latest_of_a_pipeline_by_sdk_is_refused_by_the_client(client: Client, snapshot: dict) -> None:
    """The client looks only at snapshots with a remote build, before it asks the server."""
    with pytest.raises(CommandFailed, match="Unable to find a runnable snapshot"):
        client.call("trigger", pipeline_name_or_id="training_pipeline")


def test_client_and_server_agree(client: Client, rest: Rest, snapshot: dict) -> None:
    run = client.call("trigger", snapshot_name_or_id="training", run_configuration=FASTER)
    told = rest.get(f"/runs/{run['id']}")
    assert told["body"]["status"] == run["status"]
    assert told["name"] == run["name"]
    listed = rest.items("/runs", source_snapshot_id=snapshot["id"], project="default", sort_by="desc:created")
    assert listed[0]["id"] == run["id"]
    steps = {step["name"]: step["body"]["status"] for step in rest.items("/steps", pipeline_run_id=run["id"], project="default")}
    assert steps == {name: step["status"] for name, step in run["steps"].items()}


def run_refused(rest: Rest, snapshot: dict, configuration: object) -> str:
    """The message of the 400, after checking that nothing was started."""
    before = rest.get("/runs", project="default", size=1)["total"]
    answer = rest.post(f"/pipeline_snapshots/{snapshot['id']}/runs", {"run_configuration": configuration}, status=400)
    assert rest.get("/runs", project="default", size=1)["total"] == before
    kind, message = answer["detail"]
    assert kind in {"ValueError", "ValidationError"}
    return message


def test_unknown_step_is_refused(rest: Rest, snapshot: dict) -> None:
    """Unlike the peer, which silently runs without the change."""
    message = run_refused(rest, snapshot, {"steps": {"model_trainr": {"parameters": {"learning_rate": 1.0}}}})
    assert "model_trainr" in message and "model_trainer" in message


def test_unknown_parameter_is_refused(rest: Rest, snapshot: dict) -> None:
    message = run_refused(rest, snapshot, {"steps": {"model_trainer": {"parameters": {"learning_speed": 1.0}}}})
    assert "learning_speed" in message


def test_pipeline_parameters_of_a_static_pipeline_are_refused(rest: Rest, snapshot: dict) -> None:
    assert "parameters" in run_refused(rest, snapshot, {"parameters": {"count": 1}})


def test_refusal_reaches_the_client(client: Client, snapshot: dict) -> None:
    with pytest.raises(CommandFailed, match="learning_speed"):
        client.call(
            "trigger", snapshot_name_or_id="training",
            run_configuration={"steps": {"model_trainer": {"parameters": {"learning_speed": 1.0}}}},
        )


def test_same_idempotency_key_starts_one_run(server: Server, rest: Rest, snapshot: dict) -> None:
    """The client sends a POST again when the connection broke."""
    path = f"/pipeline_snapshots/{snapshot['id']}/runs"
    headers = {"Idempotency-Key": "0b3e4e0a-54b8-4c5f-9b5e-8f2f3c0a1d11"}
    first, second = (rest.send("POST", path, json={}, headers=headers) for _ in range(2))
    assert first["id"] == second["id"]
    rest.wait_for_run(first["id"])


def test_failing_step_fails_the_run_with_its_reason(client: Client, rest: Rest) -> None:
    made = client.call("create_snapshot", module="failing", pipeline="failing_pipeline", name="failing")
    started = client.call(
        "trigger", wait=False, snapshot_name_or_id=made["id"],
        run_configuration={"steps": {"raise_if": {"parameters": {"message": "broken on purpose"}}}},
    )
    run = rest.wait_for_run(started["id"])
    assert run["body"]["status"] == "failed"
    assert "broken on purpose" in rest.run_log(started["id"])


def test_dead_runner_fails_the_run_with_its_last_words(client: Client, rest: Rest) -> None:
    made = client.call("create_snapshot", module="failing", pipeline="dying_pipeline", name="dying")
    started = client.call(
        "trigger", wait=False, snapshot_name_or_id=made["id"],
        run_configuration={"steps": {"die": {"parameters": {"really": True}}}},
    )
    run = rest.wait_for_run(started["id"])
    assert run["body"]["status"] == "failed"
    assert run["body"]["status_reason"], run["body"]
    assert "about to die" in rest.run_log(started["id"])


def test_stop(client: Client, rest: Rest) -> None:
    made = client.call("create_snapshot", module="failing", pipeline="sleeping_pipeline", name="sleeping")
    started = client.call(
        "trigger", wait=False, snapshot_name_or_id=made["id"],
        run_configuration={"steps": {"sleep": {"parameters": {"seconds": 120}}}},
    )
    rest.wait_for_run(started["id"], statuses={"running"})
    rest.post(f"/runs/{started['id']}/stop", None)
    assert rest.wait_for_run(started["id"], 30)["body"]["status"] == "stopped"


def test_logs_of_a_run_while_it_runs(client: Client, rest: Rest) -> None:
    made = client.call("create_snapshot", module="failing", pipeline="sleeping_pipeline", name="talking")
    started = client.call(
        "trigger", wait=False, snapshot_name_or_id=made["id"],
        run_configuration={"steps": {"sleep": {"parameters": {"seconds": 5}}}},
    )

    def seen_while_running() -> bool:
        log, status = rest.run_log(started["id"]), rest.get(f"/runs/{started['id']}")["body"]["status"]
        assert status != "completed", f"the line came only at the end:\n{log}"
        return "sleeping" in log

    wait_until(seen_while_running, 60, "the runner's output is readable while it runs")
    assert rest.wait_for_run(started["id"])["body"]["status"] == "completed"
    assert "awake" in rest.run_log(started["id"])
