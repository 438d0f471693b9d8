"""Users, the signed-in user, activation and passwords."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    full = {
        "name": "anna", "full_name": "Anna A.", "email": "anna@example.org", "email_opted_in": True, "password": "Conform-1",
        "is_admin": False, "active": True, "user_metadata": {"team": "blue", "n": 1}, "avatar_url": "https://example.org/a.png",
    }
    anna = api.post("/users", full).id
    api.post("/users", full)
    for hydrate in (True, False):
        api.get(f"/users/{anna}", hydrate=hydrate)
    api.get("/users/anna")
    api.put(f"/users/{anna}", {"full_name": "Anna B.", "email": "b@example.org", "avatar_url": "https://example.org/b.png"})
    api.put(f"/users/{anna}", {"user_metadata": {"team": "red"}})
    api.put(f"/users/{anna}", {"name": "annie"})
    api.put(f"/users/{anna}", {"name": "admin"})
    api.put("/users/annie", {"is_admin": True})
    api.put(f"/users/{anna}", {"is_admin": False, "email_opted_in": False})
    api.put(f"/users/{anna}/email-opt-in", {"email": "c@example.org", "email_opted_in": True})
    api.put(f"/users/{anna}", {})
    api.put(f"/users/{anna}", {"default_project_id": api.get("/projects/default").id})
    api.put(f"/users/{anna}", {"default_project_id": ABSENT_ID})
    api.put(f"/users/{anna}", {"active": False})
    api.put(f"/users/{anna}", {"active": True})
    api.delete(f"/users/{anna}")
    api.delete(f"/users/{anna}")
    api.get(f"/users/{anna}")
    api.get("/users/annie")
    api.put("/users/annie", {"full_name": "x"})


def activation(api: Api) -> None:
    made = api.post("/users", {"name": "bert", "is_admin": False, "full_name": "Bert"})
    token = made["body"]["activation_token"]
    api.get("/users/bert")
    stranger = api.with_token(None)
    request = {"name": "bert", "full_name": "Bert B.", "password": "Conform-2", "activation_token": token}
    stranger.put(f"/users/{made.id}/activate", request | {"activation_token": "wrong"})
    stranger.put(f"/users/{made.id}/activate", request)
    stranger.put(f"/users/{made.id}/activate", request)
    bert = api.as_user("bert", "Conform-2")
    bert.get("/current-user")
    api.put("/users/bert/deactivate")
    bert.get("/current-user")
    api.put("/users/bert/deactivate")
    api.put("/users/nobody/deactivate")
    api.put("/users/admin/deactivate")
    api.send("POST", "/login", data={"username": "bert", "password": "Conform-2"})


def own_profile(api: Api) -> None:
    carla = build.user(api, "carla")
    carla.get("/current-user")
    carla.put("/current-user", {"full_name": "Carla C.", "email": "carla@example.org", "email_opted_in": False})
    carla.put("/current-user", {"user_metadata": {"theme": "dark"}})
    carla.put("/current-user", {"name": "charly"})
    carla.put("/current-user", {"is_admin": True})
    carla.put("/current-user", {"active": False})
    carla.put("/current-user", {"password": "Conform-3"})
    carla.put("/current-user", {"password": "Conform-3", "old_password": "wrong"})
    carla.put("/current-user", {"default_project_id": api.get("/projects/default").id})
    carla.put("/users/carla", {"full_name": "By name"})
    carla.get("/users")
    carla.get("/users/admin")
    carla.put("/users/admin", {"full_name": "x"})
    carla.delete("/users/admin")
    carla.post("/users", {"name": "nope", "is_admin": False})
    carla.put("/users/admin/deactivate")
    carla.put("/current-user", {"password": "Conform-3", "old_password": "Conform-1"})
    api.send("POST", "/login", data={"username": "carla", "password": "Conform-1"})
    api.put("/current-user", {"active": False})
    api.put("/current-user", {"is_admin": False})
    api.delete("/users/admin")


def names(api: Api) -> None:
    for name in ("", " ", "a b", "with/slash", "x" * 256, None, 7):
        api.attempt("/users", {"name": name, "is_admin": False, "active": False})
    api.post("/users", {"name": "no-admin-field"})
    api.post("/users", {"name": "bad", "is_admin": "x"})
    api.post("/users", {})
    api.get(f"/users/{ABSENT_ID}")
    api.get("/users/nobody")


def unauthenticated(api: Api) -> None:
    for user in (api.with_token(None), api.with_token("nonsense"), api.with_token("ZENKEY_nonsense")):
        user.get("/users")
        user.get("/current-user")
        user.get("/info")
    for form in (
        {"username": "admin", "password": "wrong"}, {"username": "nobody", "password": "x"}, {"password": "x"}, {},
        {"grant_type": "weird"}, {"grant_type": "password"}, {"grant_type": "zenml-api-key", "password": "ZENKEY_x"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": ABSENT_ID, "device_code": "x"},
    ):
        api.send("POST", "/login", data=form)
    api.send("POST", "/login", json={"username": "admin"})


def api_tokens(api: Api) -> None:
    for params in (
        {}, {"token_type": "generic", "expires_in": 60}, {"expires_in": 604800}, {"expires_in": 604801}, {"expires_in": 0}, {"expires_in": "x"},
        {"token_type": "workload"}, {"token_type": "weird"}, {"token_type": "workload", "pipeline_run_id": ABSENT_ID},
        {"token_type": "workload", "schedule_id": ABSENT_ID}, {"token_type": "workload", "deployment_id": ABSENT_ID},
        {"token_type": "generic", "pipeline_run_id": ABSENT_ID},
    ):
        api.secret("GET", "/api_token", params=params)
    api.with_token(api.secret("GET", "/api_token").json).get("/current-user")


def lists(api: Api) -> None:
    api.post("/users", {"name": "list-dora", "full_name": "Dora D.", "email": "dora@example.org", "is_admin": False, "active": True, "password": "Conform-1"})
    api.post("/users", {"name": "list-emil", "email_opted_in": False, "is_admin": True, "active": False})
    sweep(api, "/users")
