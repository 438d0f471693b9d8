"""Logging in with the unmodified client: by API key, by password, by device flow."""

import re
import time

import pytest
import requests
from harness import ADMIN_PASSWORD, ZENML, Client, CommandFailed, Rest, Server

ADMIN = {"user": "admin", "project": "default", "stack": "default", "is_service_account": False}


def test_api_key(fresh_client: Client, rest: Rest) -> None:
    fresh_client.login_with_api_key(rest.new_api_key("login-by-key"))
    who = fresh_client.call("whoami")
    assert who == {"user": "login-by-key", "project": "default", "stack": "default", "is_service_account": True}
    assert fresh_client.server.url in fresh_client.zenml("status")


def test_wrong_api_key(fresh_client: Client) -> None:
    with pytest.raises(CommandFailed, match="(?i)invalid|not valid|unauthorized|authentication"):
        fresh_client.login_with_api_key("ZENKEY_nonsense")


def test_rotated_api_key_stops_working(server: Server, rest: Rest) -> None:
    account = rest.post("/service_accounts", {"name": "rotated", "description": "", "active": True})
    path = f"/service_accounts/{account['id']}/api_keys"
    old = rest.post(path, {"name": "key", "description": ""})
    rotated = rest.put(f"{path}/{old['id']}/rotate", {"retain_period_minutes": 0})
    for key, status in ((old["body"]["key"], 401), (rotated["body"]["key"], 200)):
        answer = requests.get(f"{server.url}/api/v1/current-user", headers={"Authorization": f"Bearer {key}"}, timeout=10)
        assert answer.status_code == status, answer.text


@pytest.fixture
def by_environment(fresh_client: Client) -> Client:
    """As in CI: the client is configured by environment variables alone."""
    fresh_client.environment = {"ZENML_STORE_URL": fresh_client.server.url, "ZENML_STORE_USERNAME": "admin"}
    return fresh_client


def test_password(by_environment: Client) -> None:
    by_environment.environment["ZENML_STORE_PASSWORD"] = ADMIN_PASSWORD
    assert by_environment.call("whoami") == ADMIN


def test_wrong_password(by_environment: Client) -> None:
    by_environment.environment["ZENML_STORE_PASSWORD"] = "wrong"
    with pytest.raises(CommandFailed, match="invalid username or password"):
        by_environment.call("whoami")


def test_device_flow(fresh_client: Client, rest: Rest) -> None:
    login = fresh_client.start(ZENML, "login", fresh_client.server.url, "--project", "default")
    try:
        printed, link = "", None
        deadline = time.monotonic() + 60
        while not link and time.monotonic() < deadline:
            line = login.stdout.readline()  # type: ignore[union-attr]
            assert line, f"zenml login ended without a link:\n{printed}"
            printed += line
            link = re.search(r"http\S+/devices/verify\?device_id=([0-9a-f-]{36})&user_code=(\w+)", printed)
        assert link, printed
        assert link[0].startswith(fresh_client.server.url), printed
        device, code = link[1], link[2]
        assert rest.get(f"/devices/{device}", user_code=code)["body"]["status"] == "pending"
        assert rest.put(f"/devices/{device}/verify", {"user_code": "wrong"}, status=400)
        verified = rest.put(f"/devices/{device}/verify", {"user_code": code, "trusted_device": True})
        assert verified["body"]["status"] == "verified"
        printed += login.communicate(timeout=60)[0]
        assert login.returncode == 0, printed
    finally:
        login.kill()
    assert fresh_client.call("whoami") == ADMIN
    devices = fresh_client.zenml("authorized-device", "list")
    assert device[:8] in devices or "127.0.0.1" in devices, devices
