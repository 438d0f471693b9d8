"""Service accounts and their API keys."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    full = {"name": "ci", "full_name": "CI", "description": "builds", "active": True, "avatar_url": "https://example.org/ci.png"}
    made = api.post("/service_accounts", full).id
    api.post("/service_accounts", full)
    api.post("/users", {"name": "ci", "is_admin": False, "active": True, "password": "Conform-1"})
    for hydrate in (True, False):
        api.get(f"/service_accounts/{made}", hydrate=hydrate)
    api.get("/service_accounts/ci")
    api.get(f"/users/{made}")
    api.put(f"/service_accounts/{made}", {"name": "cd", "description": "deploys", "full_name": "CD"})
    api.put("/service_accounts/cd", {"active": False})
    api.put("/service_accounts/cd", {"avatar_url": "https://example.org/cd.png"})
    api.put("/service_accounts/cd", {})
    other = api.post("/service_accounts", {"name": "other", "active": True}).id
    api.put("/service_accounts/cd", {"name": "other"})
    api.delete(f"/service_accounts/{other}")
    api.delete("/service_accounts/cd")
    api.delete("/service_accounts/cd")
    api.get("/service_accounts/cd")
    api.put("/service_accounts/cd", {"active": True})
    api.delete("/users/ci")
    for body in ({}, {"name": "x"}, {"name": "", "active": True}, {"name": "x" * 256, "active": True}, {"name": None, "active": True}):
        api.attempt("/service_accounts", body)
    api.get("/service_accounts/admin")
    api.delete("/service_accounts/admin")


def forbidden(api: Api) -> None:
    fred = build.user(api, "fred")
    fred.post("/service_accounts", {"name": "freds", "active": True})
    fred.get("/service_accounts")
    api.delete("/service_accounts/freds")


def keys(api: Api) -> None:
    account = api.post("/service_accounts", {"name": "keyed", "active": True}).id
    path = f"/service_accounts/{account}/api_keys"
    key = api.post(path, {"name": "first", "description": "a key"})
    api.post(path, {"name": "first"})
    for body in ({}, {"name": "x" * 256}, {"name": None}):
        api.post(path, body)
    for hydrate in (True, False):
        api.get(f"{path}/{key.id}", hydrate=hydrate)
    api.get(f"{path}/first")
    api.get("/service_accounts/keyed/api_keys/first")
    holder = api.with_token(key["body"]["key"])
    holder.get("/current-user")
    holder.get("/api_token")
    holder.put("/current-user", {"full_name": "x"})
    holder.get("/users")
    login = api.send("POST", "/login", data={"grant_type": "zenml-api-key", "password": key["body"]["key"]})
    api.with_token(login["access_token"]).get("/current-user")
    api.put(f"{path}/{key.id}", {"name": "renamed", "description": "still a key"})
    api.put(f"{path}/renamed", {"active": False})
    holder.get("/current-user")
    api.put(f"{path}/renamed", {"active": True})
    rotated = api.put(f"{path}/renamed/rotate", {"retain_period_minutes": 60})
    holder.get("/current-user")
    again = api.put(f"{path}/renamed/rotate", {"retain_period_minutes": 0})
    api.with_token(rotated["body"]["key"]).get("/current-user")
    api.with_token(again["body"]["key"]).get("/current-user")
    api.put(f"{path}/renamed/rotate", {"retain_period_minutes": -1})
    api.put(f"{path}/renamed/rotate", {})
    api.put(f"{path}/{ABSENT_ID}/rotate", {})
    second = api.post(path, {"name": "second"})
    api.put(f"{path}/second", {"name": "renamed"})
    api.put(f"{path}/{ABSENT_ID}", {"name": "x"})
    api.get(f"{path}/{ABSENT_ID}")
    api.put("/service_accounts/keyed", {"active": False})
    api.with_token(second["body"]["key"]).get("/current-user")
    api.put("/service_accounts/keyed", {"active": True})
    api.delete(f"{path}/second")
    api.delete(f"{path}/second")
    api.get(f"/service_accounts/{ABSENT_ID}/api_keys")
    api.post(f"/service_accounts/{ABSENT_ID}/api_keys", {"name": "x"})
    api.delete("/service_accounts/keyed")
    api.get(f"{path}/renamed")


def lists(api: Api) -> None:
    for name, active, description in (("list-a", True, "one"), ("list-b", False, "two"), ("LIST-C", True, None)):
        made = api.post("/service_accounts", {"name": name, "active": active, "description": description})
    sweep(api, "/service_accounts")
    path = f"/service_accounts/{made.id}/api_keys"
    for name in ("k1", "k2", "other"):
        api.post(path, {"name": name, "description": f"of {name}"})
    api.put(f"{path}/k2", {"active": False})
    api.lists.alias(path, "/service_accounts/{service_account_id}/api_keys")
    sweep(api, path)
