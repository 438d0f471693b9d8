"""One server and one logged-in client for the whole session; tests that stop or break a server start their own."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Callable, Iterator

import pytest

from harness import Client, Rest, Server, copy_project


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("acceptance")


@pytest.fixture(scope="session")
def project(workspace: Path) -> Path:
    """The user's project folder, which the server may capture code from."""
    return copy_project(workspace / "project")


@pytest.fixture(scope="session")
def server(workspace: Path, project: Path) -> Iterator[Server]:
    server = Server(workspace / "server", workspace / "local_stores", [project]).start()
    yield server
    assert server.stop() == 0, server.tail()


@pytest.fixture(scope="session")
def rest(server: Server) -> Rest:
    return server.rest()


@pytest.fixture(scope="session")
def client(workspace: Path, server: Server, project: Path, rest: Rest) -> Client:
    """A data scientist's client, logged in by API key."""
    client = Client(server, workspace / "client", project)
    client.login_with_api_key(rest.new_api_key("data-scientist"))
    return client


@pytest.fixture
def fresh_client(workspace: Path, server: Server, project: Path, request: pytest.FixtureRequest) -> Client:
    """A client that has never seen the server."""
    return Client(server, workspace / "clients" / request.node.name.replace("/", "_"), project)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., tuple[Server, Client]]]:
    """Starts servers that this test alone uses, each with its own project and a logged-in client."""
    started: list[Server] = []

    def start(**options: object) -> tuple[Server, Client]:
        folder = tmp_path / f"own-{len(started)}"
        project = copy_project(folder / "project")
        server = Server(folder / "server", folder / "local_stores", [project], **options)  # type: ignore[arg-type]
        started.append(server.start())
        client = Client(server, folder / "client", project)
        client.login_with_api_key(server.rest().new_api_key("data-scientist"))
        return server, client

    yield start
    for server in started:
        if server.process and server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def unique() -> Callable[[str], str]:
    """Names that no other test uses."""
    numbers = itertools.count(1)
    return lambda stem: f"{stem}-{next(numbers)}"


@pytest.fixture(scope="session")
def first_run(client: Client) -> dict:
    """The training pipeline, run by the user's own script on the default stack."""
    return client.call("run_pipeline", module="training", pipeline="training_pipeline")


@pytest.fixture(scope="session")
def snapshot(client: Client, first_run: dict) -> dict:
    """A named snapshot of the training pipeline."""
    made = client.call(
        "create_snapshot", module="training", pipeline="training_pipeline",
        name="training", description="For the acceptance tests", tags=["seed"],
    )
    return made
