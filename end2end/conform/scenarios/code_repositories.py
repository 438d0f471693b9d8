"""Code repositories."""

import build
from api import Api
from sweep import ABSENT_ID, sweep

SOURCE = {"module": "repositories", "attribute": "Own", "type": "user"}


def life(api: Api) -> None:
    project = build.project(api, "repositories")
    full = {
        "project": project, "name": "origin", "config": {"url": "https://example.org/r.git"}, "source": SOURCE,
        "logo_url": "https://example.org/l.png", "description": "the code",
    }
    made = api.post("/code_repositories", full).id
    api.post("/code_repositories", full)
    for hydrate in (True, False):
        api.get(f"/code_repositories/{made}", hydrate=hydrate)
    api.put(f"/code_repositories/{made}", {"name": "renamed", "description": "x", "logo_url": "https://example.org/m.png"})
    api.put(f"/code_repositories/{made}", {"config": {"url": "other"}})
    api.put(f"/code_repositories/{made}", {"source": SOURCE | {"attribute": "Other"}})
    api.put(f"/code_repositories/{made}", {})
    other = api.post("/code_repositories", full | {"name": "other"}).id
    api.put(f"/code_repositories/{other}", {"name": "renamed"})
    pipeline = build.pipeline(api, project)
    reference = {"commit": "abc", "subdirectory": "src", "code_repository": made}
    snapshot = build.snapshot(api, project, pipeline, code_reference=reference)
    api.get(f"/pipeline_snapshots/{snapshot}")
    api.delete(f"/code_repositories/{made}")
    api.get(f"/pipeline_snapshots/{snapshot}")
    api.delete(f"/code_repositories/{made}")
    api.get(f"/code_repositories/{made}")
    api.put(f"/code_repositories/{made}", {"name": "x"})


def errors(api: Api) -> None:
    project = build.project(api, "repository-errors")
    good = {"project": project, "name": "r", "config": {}, "source": SOURCE}
    for wrong in (
        {"name": None}, {"name": "x" * 256}, {"source": None}, {"source": "nonsense"}, {"source": "a.b.C"}, {"config": None},
        {"project": ABSENT_ID}, {"project": "no-id"}, {"name": ""},
    ):
        api.attempt("/code_repositories", good | wrong)
    api.post("/code_repositories", {})
    api.get(f"/code_repositories/{ABSENT_ID}")


def lists(api: Api) -> None:
    project = build.project(api, "repository-lists")
    for name in ("list-a", "list-b", "LIST-C"):
        api.post("/code_repositories", {"project": project, "name": name, "config": {}, "source": SOURCE})
    sweep(api, "/code_repositories", {"user": "admin"}, ["user"], project=project)
