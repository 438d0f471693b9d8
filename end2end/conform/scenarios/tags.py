"""Tags."""

import build
from api import Api
from sweep import ABSENT_ID, sweep


def life(api: Api) -> None:
    tag = api.post("/tags", {"name": "blue", "color": "blue", "exclusive": True})
    plain = api.post("/tags", {"name": "plain"})
    for hydrate in (True, False):
        api.get(f"/tags/{tag.id}", hydrate=hydrate)
    api.put(f"/tags/{tag.id}", {"name": "navy"})
    api.put(f"/tags/{tag.id}", {"color": "red", "exclusive": False})
    api.put(f"/tags/{tag.id}", {})
    api.put(f"/tags/{tag.id}", {"name": None, "color": None, "exclusive": None})
    api.put(f"/tags/{tag.id}", {"name": "plain"})
    api.put(f"/tags/{tag.id}", {"name": "navy"})
    api.put(f"/tags/{tag.id}", {"name": ""})
    api.put(f"/tags/{tag.id}", {"color": "ultraviolet"})
    api.delete(f"/tags/{plain.id}")
    api.get(f"/tags/{plain.id}")
    api.delete(f"/tags/{plain.id}")
    api.put(f"/tags/{plain.id}", {"name": "x"})


def names(api: Api) -> None:
    api.post("/tags", {"name": "once"})
    api.post("/tags", {"name": "once"})
    for name in ("", " ", "a b", "a\tb", "line\n", "x" * 255, "x" * 256, "ünïcode", "with/slash", 7, None):
        api.post("/tags", {"name": name})
    api.post("/tags", {})
    api.post("/tags", {"name": "n1", "color": "ultraviolet"})
    api.post("/tags", {"name": "n2", "exclusive": "maybe"})
    api.post("/tags", {"name": "n3", "unknown": 1})
    api.post("/tags", [1])
    api.send("POST", "/tags", data="{", headers={"Content-Type": "application/json"})
    api.get(f"/tags/{ABSENT_ID}")
    api.get("/tags/no-id")
    api.get("/tags/once")


def resources(api: Api) -> None:
    """Tags on pipelines, by request fields and by links."""
    project = build.project(api, "tags")
    one, two = build.pipeline(api, project, "one", tags=["t1", "t2"]), build.pipeline(api, project, "two", tags=["t1"])
    tag = api.post("/tags", {"name": "linked"}).id
    link = {"tag_id": tag, "resource_id": one, "resource_type": "pipeline"}
    api.post("/tag_resources", link)
    api.post("/tag_resources", link)
    api.post("/tag_resources", link | {"tag_id": ABSENT_ID})
    api.post("/tag_resources", link | {"resource_id": ABSENT_ID})
    api.post("/tag_resources", link | {"resource_type": "planet"})
    api.post("/tag_resources", {})
    api.post("/tag_resources/batch", [link | {"resource_id": two}, link])
    api.post("/tag_resources/batch", [])
    api.get(f"/tags/{tag}")
    api.get(f"/pipelines/{one}")
    api.get("/tags", resource_type="pipeline", name="linked", hydrate=True)
    api.delete("/tag_resources", link)
    api.delete("/tag_resources", link)
    api.delete("/tag_resources/batch", [link | {"resource_id": two}])
    api.delete("/tag_resources/batch", [link])
    api.get(f"/pipelines/{two}")
    api.put(f"/pipelines/{one}", {"add_tags": ["new", "t2"], "remove_tags": ["t1", "never"]})
    api.delete(f"/pipelines/{one}")
    api.get("/tags", name="t2", hydrate=True)
    api.get("/tags", name="linked", hydrate=True)


def exclusive(api: Api) -> None:
    """An exclusive tag is on one resource of a kind and pipeline at most."""
    project = build.project(api, "exclusive")
    pipeline = build.pipeline(api, project)
    api.post("/tags", {"name": "best", "exclusive": True})
    first = build.snapshot(api, project, pipeline, name="first", tags=["best"])
    second = build.snapshot(api, project, pipeline, name="second")
    api.put(f"/pipeline_snapshots/{second}", {"add_tags": ["best"]})
    api.get(f"/pipeline_snapshots/{first}", hydrate=False)
    runs = [build.run(api, project, second, f"run-{number}", tags=["best", {"name": "alone", "exclusive": True}]) for number in (1, 2)]
    for run in runs:
        api.get(f"/runs/{run}", hydrate=False)
    common = api.post("/tags", {"name": "common"}).id
    for run in runs:
        api.post("/tag_resources", {"tag_id": common, "resource_id": run, "resource_type": "pipeline_run"})
    api.put(f"/tags/{common}", {"exclusive": True})
    for version in (1, 2):
        build.artifact_version(api, project, "numbers", tags=["best"])
    api.get("/artifact_versions", project=project)


def lists(api: Api) -> None:
    other = build.user(api, "tagger")
    for name, color in (("list-a", "red"), ("list-b", "green"), ("LIST-C", "red")):
        api.post("/tags", {"name": name, "color": color, "exclusive": name == "list-b"})
    other.post("/tags", {"name": "of-tagger", "color": "teal"})
    # Other tags have colours that are drawn by lot.
    sweep(api, "/tags", {"user": ["tagger"], "resource_type": ["pipeline", "pipeline_run"]}, ["user"], name="contains:list-")
