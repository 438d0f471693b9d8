"""Invocations of hooks of runs and steps."""

import build
from api import Api
from sweep import ABSENT_ID, sweep

IDS = [f"22222222-2222-4333-8444-77777777770{number}" for number in range(9)]


def life(api: Api) -> None:
    project = build.project(api, "hooks")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    step = build.step(api, project, run)
    output = build.artifact_version(api, project, "of-hook")
    full = {
        "id": IDS[0], "project": project, "hook_type": "step_success", "name": "notify", "status": "completed", "start_time": build.START, "end_time": build.END,
        "source": "hooks.notify", "pipeline_run_id": run, "step_run_id": step, "outputs": {"sent": [output]}, "exception_info": build.EXCEPTION,
    }
    made = api.post("/hook_invocations", full).id
    api.post("/hook_invocations", full)
    for hydrate in (True, False):
        api.get(f"/hook_invocations/{made}", hydrate=hydrate)
    for number, wrong in enumerate((
        {"pipeline_run_id": ABSENT_ID}, {"step_run_id": ABSENT_ID}, {"hook_type": "planet"}, {"status": "planet"}, {"project": ABSENT_ID},
        {"outputs": {"sent": [ABSENT_ID]}}, {"start_time": None},
    )):
        api.attempt("/hook_invocations", full | {"id": IDS[number + 1]} | wrong)
    api.post("/hook_invocations", {})
    api.get(f"/runs/{run}/dag")
    api.delete(f"/hook_invocations/{made}")
    api.delete(f"/hook_invocations/{made}")
    api.get(f"/hook_invocations/{made}")


def lists(api: Api) -> None:
    project = build.project(api, "hook-lists")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    step = build.step(api, project, run)
    for number, (kind, status) in enumerate((("step_success", "completed"), ("step_failure", "failed"), ("step_success", "running"))):
        api.post("/hook_invocations", {
            "id": f"33333333-2222-4333-8444-77777777770{number}", "project": project, "hook_type": kind, "name": f"list-{number}", "status": status,
            "start_time": build.START, "pipeline_run_id": run, "step_run_id": step if number else None,
        })
    sweep(api, "/hook_invocations", {"user": "admin", "pipeline_run_id": run, "step_run_id": step}, ["user"], project=project)
