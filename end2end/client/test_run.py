"""A user's own run of a pipeline on the default stack, and what the server then knows about it."""

import pytest
from harness import Client, Rest


def test_run_completes(first_run: dict) -> None:
    assert first_run["status"] == "completed"
    assert first_run["finished"]
    assert first_run["pipeline"] == "training_pipeline"
    assert first_run["stack"] == "default"
    assert {name: step["status"] for name, step in first_run["steps"].items()} == {
        "data_loader": "completed",
        "model_trainer": "completed",
        "evaluator": "completed",
    }


def test_parents(first_run: dict) -> None:
    steps = first_run["steps"]
    ids = {name: step["id"] for name, step in steps.items()}
    assert steps["data_loader"]["upstream"] == []
    assert steps["model_trainer"]["upstream"] == [ids["data_loader"]]
    assert set(steps["evaluator"]["upstream"]) == {ids["data_loader"], ids["model_trainer"]}


def test_artifacts_load(client: Client, first_run: dict) -> None:
    outputs = {name: step["outputs"] for name, step in first_run["steps"].items()}
    assert outputs["data_loader"]["dataset"][0][:2] == [[0.5, 0], [1.0, 0]]
    model = outputs["model_trainer"]["trained_model"][0]
    assert (model["learning_rate"], model["model_type"]) == (0.5, "linear")
    assert outputs["evaluator"] == {"accuracy": [1.0], "report": ["8 of 8 right"]}
    assert client.call("artifact", name="dataset")[0] == [0.5, 0]


def test_metadata_tags_and_model(client: Client, first_run: dict) -> None:
    assert first_run["steps"]["data_loader"]["metadata"]["rows"] == 8
    assert first_run["steps"]["evaluator"]["metadata"]["accuracy"] == 1.0
    assert "acceptance" in first_run["tags"]
    name, number = first_run["model"]
    assert name == "acceptance_model" and number >= 1
    assert first_run["model_metadata"]["accuracy"] == 1.0
    assert "acceptance_model" in client.call("models")


def test_logs(rest: Rest, first_run: dict) -> None:
    assert "loaded 8 rows" in rest.step_log(first_run["steps"]["data_loader"]["id"])
    assert "trained linear with learning rate 0.5" in rest.step_log(first_run["steps"]["model_trainer"]["id"])
    assert "Initiating a new run" in rest.run_log(first_run["id"], "client")


def test_cached_steps(client: Client, rest: Rest) -> None:
    def run() -> dict:
        return client.call("run_pipeline", module="training", pipeline="training_pipeline", enable_cache=True, model=None)

    run()
    again = run()
    assert {step["status"] for step in again["steps"].values()} == {"cached"}
    assert again["status"] == "completed"
    assert again["steps"]["evaluator"]["outputs"]["accuracy"] == [1.0]


def test_failing_step(client: Client, rest: Rest) -> None:
    with pytest.raises(AssertionError, match="no luck today"):
        client.call(
            "run_pipeline", module="failing", pipeline="failing_pipeline",
            steps={"raise_if": {"parameters": {"message": "no luck today"}}},
        )
    run = rest.items("/runs", pipeline="failing_pipeline", project="default", sort_by="desc:created")[0]
    assert run["body"]["status"] == "failed"
    step = rest.get(f"/runs/{run['id']}/steps")["items"][0]
    assert step["body"]["status"] == "failed"
    assert "no luck today" in rest.step_log(step["id"])


def test_graph(rest: Rest, first_run: dict) -> None:
    graph = rest.get(f"/runs/{first_run['id']}/dag")
    assert graph["status"] == "completed"
    nodes = {node["node_id"]: node for node in graph["nodes"]}
    assert {name for name, node in nodes.items() if node["type"] == "step"} == {
        "step/data_loader", "step/model_trainer", "step/evaluator",
    }
    assert {name for name, node in nodes.items() if node["type"] == "artifact"} == {
        "data_loader/outputs/step_output/dataset",
        "model_trainer/outputs/step_output/trained_model",
        "evaluator/outputs/step_output/accuracy",
        "evaluator/outputs/step_output/report",
    }
    edges = {(edge["source"], edge["target"]) for edge in graph["edges"]}
    assert ("data_loader/outputs/step_output/dataset", "step/evaluator") in edges
    assert ("step/evaluator", "evaluator/outputs/step_output/report") in edges


def test_client_lists(client: Client, first_run: dict) -> None:
    assert first_run["name"] in client.zenml("pipeline", "runs", "list", "--pipeline", "training_pipeline")
    assert "training_pipeline" in client.zenml("pipeline", "list")
    assert "default" in client.zenml("stack", "list")


def test_stack_of_the_users_own(client: Client, rest: Rest, unique) -> None:
    """A second local stack: registered by CLI, used for one run."""
    store, orchestrator, stack = unique("store"), unique("orchestrator"), unique("stack")
    client.zenml("artifact-store", "register", store, "--flavor", "local")
    client.zenml("orchestrator", "register", orchestrator, "--flavor", "local")
    client.zenml("stack", "register", stack, "-a", store, "-o", orchestrator)
    assert stack in client.zenml("stack", "list")
    client.zenml("stack", "set", stack)
    try:
        run = client.call("run_pipeline", module="training", pipeline="training_pipeline")
    finally:
        client.zenml("stack", "set", "default")
    assert (run["status"], run["stack"]) == ("completed", stack)
