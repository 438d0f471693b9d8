"""Builds: the images of a pipeline."""

import build
from api import Api
from sweep import ABSENT_ID, sweep

IMAGE = {
    "image": "registry.example.org/training:1", "dockerfile": "FROM python", "requirements": "numpy", "settings_checksum": "abc",
    "contains_code": True, "requires_code_download": False,
}


def life(api: Api) -> None:
    project = build.project(api, "builds")
    pipeline = build.pipeline(api, project)
    full = {
        "project": project, "images": {"orchestrator": IMAGE, "trainer.step_operator": IMAGE}, "is_local": False, "contains_code": True,
        "zenml_version": "0.98.0", "python_version": "3.11.7", "duration": 12, "checksum": "c1", "stack_checksum": "s1",
        "stack": build.default_stack(api).id, "pipeline": pipeline,
    }
    made = api.post("/pipeline_builds", full).id
    api.post("/pipeline_builds", full)
    for hydrate in (True, False):
        api.get(f"/pipeline_builds/{made}", hydrate=hydrate)
    bare = api.post("/pipeline_builds", {"project": project, "is_local": True, "contains_code": False}).id
    api.delete(f"/pipeline_builds/{bare}")
    api.delete(f"/pipeline_builds/{bare}")
    api.get(f"/pipeline_builds/{bare}")
    snapshot = build.snapshot(api, project, pipeline, build=made)
    api.get(f"/pipeline_snapshots/{snapshot}")
    api.delete(f"/pipeline_builds/{made}")
    api.get(f"/pipeline_snapshots/{snapshot}", hydrate=False)


def errors(api: Api) -> None:
    project = build.project(api, "build-errors")
    good = {"project": project, "is_local": False, "contains_code": True}
    for wrong in (
        {"stack": ABSENT_ID}, {"pipeline": ABSENT_ID}, {"project": ABSENT_ID}, {"images": []}, {"images": {"x": {}}}, {"is_local": None},
        {"duration": "x"},
    ):
        api.attempt("/pipeline_builds", good | wrong)
    api.post("/pipeline_builds", {})
    api.get(f"/pipeline_builds/{ABSENT_ID}")


def lists(api: Api) -> None:
    project = build.project(api, "build-lists")
    pipeline, stack = build.pipeline(api, project), build.default_stack(api).id
    for number, fields in enumerate(({"pipeline": pipeline, "stack": stack}, {"stack_checksum": "sss"}, {})):
        api.post("/pipeline_builds", {
            "project": project, "is_local": number == 1, "contains_code": number != 1, "checksum": f"c-{number}", "duration": 10 + number,
            "zenml_version": f"0.98.{number}", "python_version": f"3.1{number}",
        } | fields)
    sweep(api, "/pipeline_builds", {"user": "admin", "pipeline_id": pipeline, "stack_id": stack}, ["user"], project=project)
