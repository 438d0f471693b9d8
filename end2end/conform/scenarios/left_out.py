"""What Darkroom leaves out, and says so: each operation of the paths that the README's table names."""

import re

import build
from api import Api
from sweep import ABSENT_ID

PATHS = re.compile(r"/api/v1(/stack-deployment/.*|/workspaces.*|/secrets_operations/.*)")


def operations(api: Api) -> None:
    for path, methods in sorted(api.lists.document["paths"].items()):
        if not PATHS.fullmatch(path):
            continue
        for method, operation in sorted(methods.items()):
            wanted = {parameter["name"]: "aws" for parameter in operation.get("parameters", []) if parameter["in"] == "query" and parameter["required"]}
            body = {} if "requestBody" in operation else None
            api.send(method.upper(), re.sub(r"\{\w+\}", ABSENT_ID, PATHS.fullmatch(path)[1]), params=wanted, json=body)


def of_runs_and_users(api: Api) -> None:
    project = build.project(api, "left-out")
    run = build.run(api, project, build.snapshot(api, project, build.pipeline(api, project)), "run")
    api.post(f"/runs/{run}/events", [])
    api.get(f"/runs/{run}/events/stream")
    api.post("/users/resource_membership", ["READ"], resource_type="project", resource_id=project, user_name_or_id="admin")
