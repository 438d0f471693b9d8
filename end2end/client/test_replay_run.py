"""Running a finished or failed run again on its local stack, with the real client: skipped steps, replaced inputs."""

import pytest
from harness import Client, CommandFailed, Rest


def statuses(run: dict) -> dict[str, str]:
    return {name: step["status"] for name, step in run["steps"].items()}


def test_unchanged(client: Client, first_run: dict) -> None:
    run = client.call("replay", run=first_run["id"])
    assert run["status"] == "completed", run["status_reason"]
    assert run["original_run"] == first_run["id"]
    assert set(statuses(run)) == set(statuses(first_run))


def test_successful_steps_are_skipped(client: Client, first_run: dict) -> None:
    run = client.call("replay", run=first_run["name"], run_configuration={"skip_successful_steps": True})
    assert run["status"] == "completed", run["status_reason"]
    assert set(statuses(run).values()) == {"skipped"}
    assert run["steps"]["evaluator"]["outputs"] == first_run["steps"]["evaluator"]["outputs"]


def test_one_step_is_skipped_and_the_others_run_anew(client: Client, first_run: dict) -> None:
    configuration = {
        "steps_to_skip": ["data_loader"],
        "enable_cache": False,
        "steps": {"model_trainer": {"parameters": {"learning_rate": 0.25}}},
    }
    run = client.call("replay", run=first_run["id"], run_configuration=configuration)
    assert statuses(run) == {"data_loader": "skipped", "model_trainer": "completed", "evaluator": "completed"}
    assert run["steps"]["model_trainer"]["outputs"]["trained_model"][0]["learning_rate"] == 0.25


def test_a_parameter_is_replaced_by_an_artifact(client: Client, rest: Rest, first_run: dict) -> None:
    configuration = {"step_input_overrides": {"model_trainer": {"learning_rate": 0.75}}}
    run = client.call("replay", run=first_run["id"], run_configuration=configuration)
    assert run["status"] == "completed", (run["status_reason"], rest.run_log(run["id"]))
    trainer = run["steps"]["model_trainer"]
    assert trainer["inputs"]["learning_rate"] == ["override"]
    assert "learning_rate" not in trainer["parameters"]
    assert trainer["outputs"]["trained_model"][0]["learning_rate"] == 0.75


def test_a_step_that_is_not_there_is_refused(client: Client, first_run: dict) -> None:
    with pytest.raises(CommandFailed, match="Did you mean `evaluator`"):
        client.call("replay", run=first_run["id"], run_configuration={"steps_to_skip": ["evaluater"]})
