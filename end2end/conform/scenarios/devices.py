"""Devices: signing in from a terminal by a page in the browser."""

from api import Api
from sweep import ABSENT_ID, sweep

AGENT = "Host/laptop ZenML/0.98.0 Python/3.11.7 OS/Linux"


def _authorize(api: Api, client: str) -> dict:
    return api.send("POST", "/device_authorization", data={"client_id": client}, headers={"User-Agent": AGENT}).json


def _device(codes: dict) -> str:
    return codes["verification_uri_complete"].split("device_id=")[1].split("&")[0]


def life(api: Api) -> None:
    client = "11111111-2222-4333-8444-555555555501"
    codes = _authorize(api, client)
    device = _device(codes)
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": client, "device_code": codes["device_code"]}
    api.send("POST", "/login", data=poll)
    api.get(f"/devices/{device}")
    api.get(f"/devices/{device}", user_code="wrong")
    api.get(f"/devices/{device}", user_code=codes["user_code"])
    api.put(f"/devices/{device}/verify", {"user_code": "wrong", "trusted_device": True})
    api.put(f"/devices/{device}/verify", {"user_code": codes["user_code"], "trusted_device": True})
    token = api.send("POST", "/login", data=poll)["access_token"]
    owner = api.with_token(token)
    owner.get("/current-user")
    for hydrate in (True, False):
        api.get(f"/devices/{device}", hydrate=hydrate)
    api.put(f"/devices/{device}", {"locked": True})
    owner.get("/current-user")
    api.send("POST", "/login", data=poll)
    api.put(f"/devices/{device}", {"locked": False})
    owner.get("/current-user")
    api.put(f"/devices/{device}", {})
    api.delete(f"/devices/{device}")
    owner.get("/current-user")
    api.get(f"/devices/{device}")
    api.delete(f"/devices/{device}")
    api.put(f"/devices/{ABSENT_ID}", {"locked": True})
    api.put(f"/devices/{ABSENT_ID}/verify", {"user_code": "x"})


def wrong_codes(api: Api) -> None:
    device = _device(_authorize(api, "11111111-2222-4333-8444-555555555502"))
    for _ in range(4):
        api.put(f"/devices/{device}/verify", {"user_code": "wrong"})
    api.send("POST", "/device_authorization", data={})
    api.send("POST", "/device_authorization", data={"client_id": "no-id"})


def lists(api: Api) -> None:
    for number in (3, 4):
        codes = _authorize(api, f"11111111-2222-4333-8444-55555555550{number}")
        api.put(f"/devices/{_device(codes)}/verify", {"user_code": codes["user_code"], "trusted_device": number == 3})
    sweep(api, "/devices", {}, ["user"])
