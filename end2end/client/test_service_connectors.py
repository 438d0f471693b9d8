"""Service connectors with the unmodified client, which asks the server what they give access to."""

from typing import Callable

import pytest
from harness import Client, CommandFailed, Rest, Server


def test_types(client: Client) -> None:
    listed = client.zenml("service-connector", "list-types")
    assert all(kind in listed for kind in ("docker", "kubernetes", "aws", "gcp", "azure"))
    described = client.zenml("service-connector", "describe-type", "kubernetes")
    assert "kubernetes-cluster" in described


def test_a_docker_connector_from_end_to_end(client: Client, rest: Rest, unique: Callable[[str], str]) -> None:
    name = unique("hub")
    words = ["service-connector", "register", name, "--type", "docker", "--username=ann", "--password=hunter2", "-l", "team=a"]
    assert "Successfully registered" in client.zenml(*words)
    assert name in client.zenml("service-connector", "list", "--connector_type=docker", "-l", "team=a")
    described = client.zenml("service-connector", "describe", name)
    assert "docker-registry" in described and "hunter2" not in described
    assert "hunter2" in client.zenml("service-connector", "describe", name, "--show-secrets")
    assert "docker.io" in client.zenml("service-connector", "verify", name)
    assert "docker.io" in client.zenml("service-connector", "list-resources", "--connector-type=docker")
    client.zenml("service-connector", "update", name, "--password=changed", "--no-verify")
    [connector] = rest.items("/service_connectors", name=name, hydrate=True)
    assert connector["metadata"]["configuration"] == {"username": "ann", "password": "changed"}
    registry = unique("registry")
    client.zenml("container-registry", "register", registry, "--flavor=default", "--uri=docker.io/ann", "--connector", name)
    [component] = rest.items("/components", name=registry, hydrate=True)
    assert component["metadata"]["connector"]["id"] == connector["id"]
    with pytest.raises(CommandFailed, match="still referenced"):
        client.zenml("service-connector", "delete", name)
    client.zenml("container-registry", "delete", registry)
    client.zenml("service-connector", "delete", name)
    assert rest.items("/service_connectors", name=name) == []


def test_a_connector_whose_packages_are_nowhere(client: Client, rest: Rest, unique: Callable[[str], str]) -> None:
    """It is stored all the same; what it gives access to cannot be told."""
    name = unique("cluster")
    words = ["service-connector", "register", name, "--type", "kubernetes", "--auth-method", "token", "--no-verify"]
    client.zenml(*words, "--server=https://k8s.example", "--token=t0ken", "--cluster_name=production")
    assert name in client.zenml("service-connector", "list")
    [connector] = rest.items("/service_connectors", name=name, hydrate=True)
    assert connector["metadata"]["configuration"]["token"] == "t0ken"
    with pytest.raises(CommandFailed, match="not available"):
        client.zenml("service-connector", "verify", name)


def test_without_a_python_the_reason_is_told(own_server: Callable[..., tuple[Server, Client]]) -> None:
    server, client = own_server(runner_python="/nowhere/python")
    with pytest.raises(CommandFailed, match="/nowhere/python"):
        client.zenml("service-connector", "register", "hub", "--type", "docker", "--username=ann", "--password=hunter2")
