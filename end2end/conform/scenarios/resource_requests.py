"""Requests for resources of pools, which neither server has."""

from api import Api
from sweep import ABSENT_ID


def none(api: Api) -> None:
    api.get("/resource_requests")
    api.get(f"/resource_requests/{ABSENT_ID}")
    api.post(f"/resource_requests/{ABSENT_ID}/renew", {})
    api.post(f"/resource_requests/{ABSENT_ID}/release", {})
