"""Dynamic pipelines: their steps are known only while they run, their snapshots take pipeline parameters."""

import pytest
from harness import Client, Rest


@pytest.fixture(scope="module")
def dynamic_snapshot(client: Client) -> dict:
    return client.call(
        "create_snapshot", module="dynamic", pipeline="sum_of_squares", arguments={"count": 2, "offset": 0}, name="sums",
    )


def test_users_own_run(client: Client) -> None:
    run = client.call("run_pipeline", module="dynamic", pipeline="sum_of_squares", arguments={"count": 3})
    assert run["status"] == "completed"
    assert run["steps"]["total"]["outputs"]["total"] == [1 + 4 + 9]
    assert len(run["steps"]) == 4


def test_run_snapshot_with_pipeline_parameters(client: Client, dynamic_snapshot: dict) -> None:
    run = client.call(
        "trigger", snapshot_name_or_id="sums", run_configuration={"parameters": {"count": 3, "offset": 1}},
    )
    assert run["status"] == "completed", run["status_reason"]
    assert run["parameters"] == {"count": 3, "offset": 1}
    assert run["steps"]["total"]["outputs"]["total"] == [4 + 9 + 16]
    assert run["source_snapshot"] == dynamic_snapshot["id"]


def test_unchanged(client: Client, dynamic_snapshot: dict) -> None:
    run = client.call("trigger", snapshot_name_or_id="sums")
    assert run["status"] == "completed", run["status_reason"]
    assert run["steps"]["total"]["outputs"]["total"] == [1 + 4]


def test_step_of_a_dynamic_pipeline_is_refused(rest: Rest, dynamic_snapshot: dict) -> None:
    """It has no list of steps, so a step in the configuration would be lost in silence."""
    answer = rest.post(
        f"/pipeline_snapshots/{dynamic_snapshot['id']}/runs",
        {"run_configuration": {"steps": {"total": {"enable_cache": True}}}},
        status=400,
    )
    assert "parameters" in answer["detail"][1]
