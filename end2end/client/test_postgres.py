"""The main job on PostgreSQL: a run, its snapshot, and the snapshot run again."""

import os
import subprocess

import pytest
from harness import Client, Server


@pytest.fixture
def database_url() -> str:
    """A new database on the server that TEST_POSTGRES_URL names (see scripts/with_postgres.sh)."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.skip("TEST_POSTGRES_URL is not set")
    name = f"acceptance_{os.getpid()}"
    subprocess.run(["psql", url, "-qc", f"create database {name}"], check=True, timeout=30)
    return f"{url.rsplit('/', 1)[0]}/{name}"


def test_run_and_run_again(own_server, database_url: str) -> None:
    server: Server
    client: Client
    server, client = own_server(options=["--database-url", database_url])
    first = client.call("run_pipeline", module="training", pipeline="training_pipeline")
    assert first["status"] == "completed"
    snapshot = client.call("create_snapshot", module="training", pipeline="training_pipeline", name="on-postgres", tags=["one"])
    assert client.call("list_snapshots", tags=["one"]) == ["on-postgres"]
    again = client.call(
        "trigger", snapshot_name_or_id=snapshot["id"],
        run_configuration={"steps": {"model_trainer": {"parameters": {"learning_rate": 0.125}}}},
    )
    assert again["status"] == "completed", again["status_reason"]
    assert again["steps"]["model_trainer"]["outputs"]["trained_model"][0]["learning_rate"] == 0.125
    assert again["model"][1] == first["model"][1] + 1
    assert not (server.folder / "data/darkroom.db").exists()
