"""The server itself: health, version, settings, statistics."""

import build
from api import Api


def about(api: Api) -> None:
    stranger = api.with_token(None)
    for path in ("/health", "/ready"):
        stranger.get(path)
        stranger.send("HEAD", path)
    for path in ("/version", "/info", "/onboarding_state", "/statistics", "/settings"):
        stranger.get(path)
        api.get(path)
    api.get("/load-info")
    api.get("/settings", hydrate=False)
    api.get("/no-such-path")
    api.post("/no-such-path")
    api.send("PATCH", "/tags")
    api.send("OPTIONS", "/tags")


def settings(api: Api) -> None:
    api.put("/settings", {"server_name": "renamed", "logo_url": "https://example.org/logo.png"})
    api.put("/settings", {"display_announcements": False, "display_updates": False})
    api.put("/settings", {"enable_analytics": False})
    api.put("/settings", {"onboarding_state": ["pipeline_run"]})
    api.put("/settings", {})
    api.put("/settings", {"server_name": ""})
    api.put("/settings", {"server_name": "again"})
    api.get("/info")
    build.user(api, "henry").put("/settings", {"server_name": "mine"})
    api.put("/settings", {"server_name": "conform", "display_announcements": True, "display_updates": True})
    api.with_token(None).put("/activate", {"admin_username": "x", "admin_password": "Conform-1"})
    api.with_token(None).put("/activate", {})


def logout(api: Api) -> None:
    api.get("/logout")
    api.get("/current-user")
