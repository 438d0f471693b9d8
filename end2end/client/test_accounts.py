"""People, service accounts, API keys and projects, with the commands a team's admin types."""

from collections.abc import Callable

import pytest
import requests
from harness import ADMIN_PASSWORD, Client, CommandFailed, Rest, Server

Unique = Callable[[str], str]


def can_sign_in(server: Server, user: str, password: str) -> bool:
    answer = requests.post(f"{server.url}/api/v1/login", data={"username": user, "password": password}, timeout=10)
    return answer.status_code == 200


def api_key_works(server: Server, key: str) -> bool:
    answer = requests.post(f"{server.url}/api/v1/login", data={"password": key}, timeout=10)
    return answer.status_code == 200


@pytest.fixture
def admin(fresh_client: Client) -> Client:
    """A client of the first admin, configured by environment variables."""
    fresh_client.environment = {
        "ZENML_STORE_URL": fresh_client.server.url,
        "ZENML_STORE_USERNAME": "admin",
        "ZENML_STORE_PASSWORD": ADMIN_PASSWORD,
    }
    return fresh_client


def test_a_person_is_made_changed_and_deactivated(admin: Client, server: Server, rest: Rest, unique: Unique) -> None:
    name = unique("ann")
    admin.zenml("user", "create", name, "--password", "Ann-secret-1")
    assert can_sign_in(server, name, "Ann-secret-1")
    person = rest.items("/users", name=name)[0]
    admin.zenml("user", "update", name, "--full_name", "Ann Example")
    assert rest.get(f"/users/{name}")["body"]["full_name"] == "Ann Example"
    assert name in admin.zenml("user", "list")
    token = rest.put(f"/users/{person['id']}/deactivate", None)["body"]["activation_token"]
    assert not can_sign_in(server, name, "Ann-secret-1")
    activation = {"activation_token": token, "name": name, "full_name": "Ann", "password": "Ann-secret-2"}
    requests.put(f"{server.url}/api/v1/users/{person['id']}/activate", json=activation, timeout=10).raise_for_status()
    assert can_sign_in(server, name, "Ann-secret-2")
    rest.send("DELETE", f"/users/{person['id']}")
    assert name not in admin.zenml("user", "list")


def test_a_rotated_key_lives_on_for_a_while_if_asked_to(admin: Client, server: Server, unique: Unique, rest: Rest) -> None:
    account = unique("robot")
    admin.zenml("service-account", "create", account, "--create-api-key", "false")
    file = admin.folder / "key.txt"
    words = ("service-account", "api-key", account)
    admin.zenml(*words, "create", "ci", "--output-file", str(file))
    first = file.read_text().strip()
    admin.zenml(*words, "rotate", "ci", "--retain", "10", "--output-file", str(file))
    second = file.read_text().strip()
    assert first != second and api_key_works(server, first) and api_key_works(server, second)
    admin.zenml(*words, "rotate", "ci", "--output-file", str(file))
    third = file.read_text().strip()
    assert api_key_works(server, third) and not api_key_works(server, second) and not api_key_works(server, first)
    admin.zenml(*words, "update", "ci", "--active", "false")
    assert not api_key_works(server, third)
    admin.zenml(*words, "delete", "ci", "--yes")
    made = rest.get(f"/service_accounts/{account}")
    assert rest.items(f"/service_accounts/{made['id']}/api_keys") == []


def test_projects_keep_their_things_apart(admin: Client, rest: Rest, first_run: dict, unique: Unique) -> None:
    name = unique("vision")
    admin.zenml("project", "register", name, "--display-name", "Vision", "--set")
    assert admin.call("whoami")["project"] == name
    assert "training_pipeline" not in admin.zenml("pipeline", "list")
    project = rest.get(f"/projects/{name}")
    assert rest.get(f"/projects/{name}/statistics")["runs"] == 0
    assert rest.get("/projects/default/statistics")["runs"] > 0
    admin.zenml("project", "set", "default")
    assert "training_pipeline" in admin.zenml("pipeline", "list")
    admin.zenml("project", "delete", name, typed="y\n")
    rest.get(f"/projects/{project['id']}", status=404)
    with pytest.raises(CommandFailed):
        admin.zenml("project", "set", name)
