"""Every list and every object of two servers that hold the same things under the same ids, compared to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness import Rest

# Lists of a project's things, and of those that all projects share.
OF_A_PROJECT = [
    "/artifacts", "/artifact_versions", "/code_repositories", "/deployments", "/models", "/model_versions", "/pipelines",
    "/pipeline_builds", "/pipeline_snapshots", "/runs", "/run_templates", "/run_wait_conditions", "/schedules", "/services", "/steps",
    "/triggers", "/webhooks",
]
SHARED = [
    "/components", "/devices", "/flavors", "/model_version_artifacts", "/model_version_pipeline_runs", "/projects", "/secrets",
    "/service_accounts", "/service_connectors", "/stacks", "/tags", "/users",
]
SINGLE = ["/current-user", "/info", "/settings", "/statistics", "/onboarding_state"]


@dataclass(frozen=True)
class Place:
    """Where two answers differ."""

    endpoint: str
    path: str
    peer: Any
    here: Any

    def __str__(self) -> str:
        return f"{self.endpoint} {self.path}: the peer has {self.peer!r:.200}, here is {self.here!r:.200}"


@dataclass(frozen=True)
class Intended:
    """A difference that is wanted (regular expressions), and why."""

    reason: str
    endpoint: str
    path: str

    def covers(self, place: Place) -> bool:
        return bool(re.fullmatch(self.endpoint, place.endpoint) and re.fullmatch(self.path, place.path))


def places(endpoint: str, peer: Any, here: Any, path: str = "") -> Iterator[Place]:
    if isinstance(peer, dict) and isinstance(here, dict):
        for key in sorted(peer.keys() | here.keys()):
            yield from places(endpoint, peer.get(key, "(missing)"), here.get(key, "(missing)"), f"{path}.{key}" if path else key)
    elif isinstance(peer, list) and isinstance(here, list) and len(peer) == len(here):
        for one, other in zip(peer, here):
            yield from places(endpoint, one, other, f"{path}[]")
    elif peer != here or type(peer) is not type(here):
        yield Place(endpoint, path, peer, here)


def answer(rest: Rest, path: str, **params: Any) -> Any:
    got = rest.session.get(f"{rest.url}/api/v1{path}", params=params, timeout=60)
    if not got.ok:
        return {"status": got.status_code}
    # The peer keeps these in a Python set, whose order is another in each process.
    return sorted(got.json()) if path == "/onboarding_state" else got.json()


def items(rest: Rest, path: str, **params: Any) -> Any:
    found: list[dict] = []
    for page in range(1, 1000):
        got = answer(rest, path, page=page, size=50, **params)
        if "items" not in got:
            return got
        found += got["items"]
        if page >= got["total_pages"]:
            return {"total": got["total"], "items": found}


def compare(peer: Rest, here: Rest) -> list[Place]:
    """All differences."""
    found: list[Place] = []
    projects = [project["id"] for project in items(peer, "/projects")["items"]]
    for path in SINGLE:
        found += places(path, answer(peer, path), answer(here, path))
    for path in SHARED:
        found += compare_list(peer, here, path, {})
    for path in OF_A_PROJECT:
        for project in projects:
            found += compare_list(peer, here, path, {"project": project})
    for account in items(peer, "/service_accounts")["items"]:
        found += compare_list(peer, here, f"/service_accounts/{account['id']}/api_keys", {}, "/service_accounts/{id}/api_keys")
    for project in projects:
        for run in items(peer, "/runs", project=project)["items"]:
            found += places("/runs/{id}/dag", answer(peer, f"/runs/{run['id']}/dag"), answer(here, f"/runs/{run['id']}/dag"))
    return found


def compare_list(peer: Rest, here: Rest, path: str, params: dict[str, str], endpoint: str = "") -> Iterator[Place]:
    endpoint = endpoint or path
    for hydrate in ("false", "true"):
        theirs, ours = (items(rest, path, hydrate=hydrate, **params) for rest in (peer, here))
        yield from places(endpoint, theirs, ours)
    for item in theirs.get("items", []):
        one = f"{path}/{item['id']}"
        yield from places(f"{endpoint}/{{id}}", answer(peer, one), answer(here, one))
