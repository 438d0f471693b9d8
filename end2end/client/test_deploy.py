"""A snapshot deployed with the local deployer, which the plain client has not: `zenml[server]` is the client here."""

from pathlib import Path

import pytest
import requests
from harness import Client, Rest, Server, wait_until
from peer import peer_python


@pytest.fixture
def deploying(workspace: Path, server: Server, project: Path, rest: Rest) -> Client:
    client = Client(server, workspace / "deploying", project, python=peer_python())
    client.login_with_api_key(rest.new_api_key("deployer"))
    return client


def test_deploy_serve_and_take_down(deploying: Client, rest: Rest) -> None:
    snapshot = deploying.call("create_snapshot", module="waiting", pipeline="serve", name="served")
    try:
        deploying.zenml("pipeline", "snapshot", "deploy", "served", "--deployment", "serving", "--timeout", "120", seconds=180)
        deployment = rest.items("/deployments", name="serving", hydrate=True)[0]
        assert deployment["body"]["status"] == "running"
        assert deployment["resources"]["snapshot"]["id"] == snapshot["id"]
        assert rest.get(f"/pipeline_snapshots/{snapshot['id']}")["resources"]["deployment"]["id"] == deployment["id"]
        answer = requests.post(f"{deployment['body']['url']}/invoke", json={"parameters": {}}, timeout=60)
        assert answer.status_code == 200 and answer.json()["outputs"]["published"] == 21, answer.text
        runs = rest.items("/runs", triggered_by_deployment_id=deployment["id"])
        assert [run["body"]["status"] for run in runs] == ["completed"]
    finally:
        deploying.zenml("deployment", "delete", "serving", "--yes", seconds=120)
    assert rest.items("/deployments", name="serving") == []
    wait_until(lambda: not reachable(deployment["body"]["url"]), 20, "nothing listens any more")


def reachable(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
        return True
    except requests.ConnectionError:
        return False
