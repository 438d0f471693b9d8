"""Secrets with the unmodified client: its commands, and what launched runs see of them."""

from typing import Callable

import pytest
from harness import Client, CommandFailed, Rest, Server


def secret_of(rest: Rest, name: str) -> dict:
    [found] = rest.items("/secrets", name=name)
    return rest.get(f"/secrets/{found['id']}")


def test_commands(client: Client, rest: Rest, unique: Callable[[str], str]) -> None:
    name, renamed = unique("database"), unique("renamed")
    client.zenml("secret", "create", name, "--user=ann", "--password=hunter2")
    assert secret_of(rest, name)["body"]["values"] == {"user": "ann", "password": "hunter2"}
    listed = client.zenml("secret", "list")
    assert name in listed and "hunter2" not in listed
    assert "hunter2" in client.zenml("secret", "get", name)
    client.zenml("secret", "update", name, "--password=changed", "--host=db")
    client.zenml("secret", "update", name, "--remove-keys", "user")
    assert secret_of(rest, name)["body"]["values"] == {"password": "changed", "host": "db"}
    client.zenml("secret", "rename", name, "--new-name", renamed)
    with pytest.raises(CommandFailed, match="already exists|Found an existing"):
        client.zenml("secret", "create", renamed, "--a=b")
    client.zenml("secret", "delete", renamed, "--yes")
    assert rest.items("/secrets", name=renamed) == []


def test_private_secrets_are_seen_by_their_owner_only(client: Client, rest: Rest, unique: Callable[[str], str]) -> None:
    name = unique("mine")
    client.zenml("secret", "create", name, "--private", "--a=b")
    assert name in client.zenml("secret", "list", "--private=true")
    assert rest.items("/secrets", name=name) == []


def test_launched_runs_get_secrets_by_name(client: Client, rest: Rest, unique: Callable[[str], str]) -> None:
    database, token = unique("database"), unique("token")
    client.zenml("secret", "create", database, "--DB_PASSWORD=hunter2")
    client.zenml("secret", "create", token, "--private", "--API_TOKEN=abc")
    snapshot = client.call(
        "create_snapshot", module="secretive", pipeline="secretive_pipeline", name=unique("secretive"),
        options={"secrets": [database]},
    )
    assert snapshot["runnable"]
    configuration = {"steps": {"tell": {"parameters": {"names": "DB_PASSWORD,API_TOKEN"}, "secrets": [token]}}}
    run = client.call("trigger", snapshot_name_or_id=snapshot["id"], run_configuration=configuration)
    assert run["status"] == "completed", rest.run_log(run["id"])
    assert run["steps"]["tell"]["outputs"]["output"] == ["DB_PASSWORD=hunter2,API_TOKEN=abc"]
    refused = rest.post(f"/pipeline_snapshots/{snapshot['id']}/runs", {"run_configuration": configuration}, status=400)
    assert f"`{token}`" in refused["detail"][1], "the admin does not see another account's private secret"


def test_components_refer_to_secrets(own_server: Callable[..., tuple[Server, Client]]) -> None:
    server, client = own_server()
    rest = server.rest()
    client.zenml("secret", "create", "hub", "--repository=me")
    words = ["--flavor=default", "--uri=docker.io", "--default_repository={{hub.repository}}"]
    client.zenml("container-registry", "register", "hub", *words)
    client.zenml("stack", "register", "own", "-o", "default", "-a", "default", "-c", "hub", "--set")
    [component] = rest.items("/components", name="hub", hydrate=True)
    assert component["metadata"]["configuration"]["default_repository"] == "{{hub.repository}}"
    client.zenml("stack", "update", "own", "--secret", "hub")
    [stack] = rest.items("/stacks", name="own", hydrate=True)
    assert stack["metadata"]["secrets"] == [secret_of(rest, "hub")["id"]]
    snapshot = client.call("create_snapshot", module="secretive", pipeline="secretive_pipeline", name="secretive")
    configuration = {"steps": {"tell": {"parameters": {"names": "repository"}}}}
    run = client.call("trigger", snapshot_name_or_id=snapshot["id"], run_configuration=configuration)
    assert run["status"] == "completed", rest.run_log(run["id"])
    assert run["steps"]["tell"]["outputs"]["output"] == ["repository=me"], "the stack's secret is in the environment"
    client.zenml("secret", "delete", "hub", "--yes")
    refused = rest.post(f"/pipeline_snapshots/{snapshot['id']}/runs", {"run_configuration": configuration}, status=400)
    assert "`hub`" in refused["detail"][1]
