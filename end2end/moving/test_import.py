"""A team moves in: the database of a real ZenML server, taken over by `darkroom import`, and what its users find afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from exact import Intended, Place, compare
from harness import Client, Rest, Server, binary, copy_project
from peer import Peer

ENCRYPTION_KEY = "of-the-old-server"

INTENDED = [
    Intended("Schemas of flavors come without the descriptions, which are ZenML's text.", r"/flavors.*", r".*config_schema.*description"),
    Intended("The same, of service connectors.", r"/service_connectors.*", r".*connector_type.*description"),
    Intended("Each server has its own address, and notes when it was last used.", r"/info|/settings", r".*(server_url|last_user_activity)"),
    Intended("The same: the peer has no address of its own here.", r"/webhooks.*", r".*endpoint_url"),
    Intended("Which first steps are done is worked out here, not noted.", r"/onboarding_state", r""),
    Intended("ZenML has no name for PostgreSQL.", r"/info", r"database_type"),
    Intended("Accounts have a role here.", r"/current-user|/users.*|/service_accounts.*", r".*metadata\.role"),
    Intended("Snapshots of local stacks can be run here, once they have their code.", r"/pipeline_snapshots.*", r".*runnable"),
]


@dataclass
class Moved:
    """The old server, still running; the new one; and what was made on the old one."""

    peer: Peer
    here: Server
    made: dict
    report: dict
    project: Path


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("moving")
    project = copy_project(folder / "project")
    peer = Peer(folder / "peer", encryption_key=ENCRYPTION_KEY).start()
    here = Server(folder / "here", peer.local_stores)
    try:
        made = as_admin(peer, folder / "admin", project).call("make_team", seconds=600)
        report = take_over(peer.database, folder / "here/data")
        here.start()
        yield Moved(peer, here, made, report, project)
    finally:
        for server in (peer, here):
            if server.process and server.process.poll() is None:
                server.stop()


def as_admin(server: Peer | Server, folder: Path, project: Path) -> Client:
    """A client that is the admin: of a fresh server nobody else may make accounts."""
    token = server.rest().token
    environment = {"ZENML_STORE_TYPE": "rest", "ZENML_STORE_URL": server.url, "ZENML_STORE_API_TOKEN": token}
    return Client(server, folder, project, environment)


def take_over(database: Path, data: Path, *options: str, key: str | None = ENCRYPTION_KEY) -> dict:
    environment = os.environ | ({"ZENML_SECRETS_STORE_ENCRYPTION_KEY": key} if key else {})
    command = [str(binary()), "import", str(database), "--data-dir", str(data), "--json", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nothing_is_left_behind(moved: Moved) -> None:
    left = {table["table"]: table["skipped"] for table in moved.report["tables"] if table["skipped"]}
    assert set(left) <= {"api_transaction", "api_transaction_result"}, left
    assert all(not table["changed"] for table in moved.report["tables"])


def unintended(moved: Moved, here: Server) -> str:
    """The differences that nobody wants, one line for each place."""
    first: dict[tuple[str, str], Place] = {}
    for place in compare(moved.peer.rest(), here.rest()):
        if not any(intended.covers(place) for intended in INTENDED):
            first.setdefault((place.endpoint, place.path), place)
    return "\n".join(map(str, first.values()))


def test_every_list_and_object_is_the_same(moved: Moved) -> None:
    differences = unintended(moved, moved.here)
    assert not differences, differences


def test_people_and_robots_sign_in(moved: Moved, tmp_path: Path) -> None:
    ada = Rest(moved.here.url, "Ada", "Analytical-1")
    assert ada.get("/current-user")["id"] == moved.made["user"]
    # Again, now that the password is hashed as it is here.
    Rest(moved.here.url, "Ada", "Analytical-1")
    for name in ("key", "rotated"):
        client = Client(moved.here, tmp_path / name, moved.project)
        client.login_with_api_key(moved.made[name])
        assert client.call("whoami") == {"user": "robot", "project": "default", "stack": "default", "is_service_account": True}


def test_secrets_are_readable(moved: Moved) -> None:
    rest = moved.here.rest()
    secrets = {secret["name"]: rest.get(f"/secrets/{secret['id']}")["body"]["values"] for secret in rest.items("/secrets")}
    assert secrets == {"database": {"user": "u", "password": "pässword ✓"}, "own": {"token": "t"}}


def test_an_old_snapshot_runs_once_it_has_its_code(moved: Moved, tmp_path: Path) -> None:
    client = Client(moved.here, tmp_path / "client", moved.project)
    client.login_with_api_key(moved.made["key"])
    snapshot = moved.made["snapshot"]
    push = [str(binary()), "code", "push", snapshot, "--root", str(moved.project), "--url", moved.here.url]
    done = subprocess.run(push, env=os.environ | {"DARKROOM_API_KEY": moved.made["key"]}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    again = client.call("trigger", snapshot_name_or_id=snapshot)
    assert again["status"] == "completed", again["status_reason"]
    assert again["source_snapshot"] == snapshot
    # Its name, its number and the versions of its artifacts go on from those of the old server.
    rest = moved.here.rest()
    assert rest.get(f"/runs/{again['id']}")["body"]["index"] == 3
    assert again["model"] == ["acceptance_model", 3]
    assert client.call("artifact", name="trained_model")["learning_rate"] == 0.5


def test_an_old_artifact_loads(moved: Moved, tmp_path: Path) -> None:
    client = Client(moved.here, tmp_path / "client", moved.project)
    client.login_with_api_key(moved.made["key"])
    assert client.call("artifact", name="handmade") == {"made": "again"}


def test_a_dry_run_changes_nothing(moved: Moved, tmp_path: Path) -> None:
    tried = take_over(moved.peer.database, tmp_path / "data", "--dry-run")
    done = take_over(moved.peer.database, tmp_path / "data")
    assert tried["dry_run"] and not done["dry_run"]
    assert [table["imported"] for table in tried["tables"]] == [table["imported"] for table in done["tables"]]


def test_a_second_import_is_refused(moved: Moved) -> None:
    command = [str(binary()), "import", str(moved.peer.database), "--data-dir", str(moved.here.folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.search(r"in use: it has accounts.*another --data-dir", done.stderr), done.stderr


def test_into_postgres(moved: Moved, tmp_path: Path) -> None:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.skip("TEST_POSTGRES_URL is not set")
    name = f"moving_{os.getpid()}"
    subprocess.run(["psql", url, "-qc", f"create database {name}"], check=True, timeout=30)
    database = ["--database-url", f"{url.rsplit('/', 1)[0]}/{name}"]
    take_over(moved.peer.database, tmp_path / "server/data", *database)
    server = Server(tmp_path / "server", moved.peer.local_stores, options=database).start()
    try:
        differences = unintended(moved, server)
        assert not differences, differences
    finally:
        server.stop()
