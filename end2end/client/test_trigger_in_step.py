"""A step of one pipeline starts a snapshot of another, also when there is only one slot for launched runs."""

from harness import Client, Rest, Server


def check(client: Client, rest: Rest, parent: dict, snapshot: dict, learning_rate: float) -> None:
    assert parent["status"] == "completed", parent["status_reason"]
    step = parent["steps"]["trigger"]
    child_id = step["outputs"]["triggered_run_id"][0]
    child = client.call("describe_run", run_id=child_id)
    assert child["status"] == "completed"
    assert child["source_snapshot"] == snapshot["id"]
    assert child["triggered_by_step"] == step["id"]
    assert child["steps"]["model_trainer"]["outputs"]["trained_model"][0]["learning_rate"] == learning_rate
    graph = rest.get(f"/runs/{parent['id']}/dag")
    nodes = {node["node_id"]: node for node in graph["nodes"] if node["type"] == "triggered_run"}
    assert [node["id"] for node in nodes.values()] == [child_id]
    assert ("step/trigger", next(iter(nodes))) in {(edge["source"], edge["target"]) for edge in graph["edges"]}


def test_from_the_users_own_run(client: Client, rest: Rest, snapshot: dict) -> None:
    parent = client.call("run_pipeline", module="triggering", pipeline="triggering_pipeline", arguments={"snapshot": "training"})
    check(client, rest, parent, snapshot, 0.25)


def test_one_slot_and_a_parent_that_waits(own_server) -> None:
    """Both runs are launched by the server: the child must not wait for the slot that its parent holds."""
    server: Server
    server, client = own_server(options=["--max-concurrent-runs", "1"])
    snapshot = client.call("create_snapshot", module="training", pipeline="training_pipeline", name="training")
    client.call(
        "create_snapshot", module="triggering", pipeline="triggering_pipeline", arguments={"snapshot": "training"}, name="parent",
    )
    parent = client.call(
        "trigger", snapshot_name_or_id="parent",
        run_configuration={"steps": {"trigger": {"parameters": {"learning_rate": 0.375}}}},
    )
    check(client, server.rest(), parent, snapshot, 0.375)
