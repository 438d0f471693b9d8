"""A snapshot carries its code: what it runs does not change with the files, and code can come from another machine."""

import json
import subprocess
from pathlib import Path

import pytest
from harness import Client, Rest, Server, binary, copy_project


def test_editing_the_files_changes_nothing(client: Client, snapshot: dict, project: Path) -> None:
    file = project / "training.py"
    before = file.read_text()
    file.write_text(before.replace("weight = bias = 0.0", "raise RuntimeError('edited')"))
    points = (project / "points.csv").read_text()
    (project / "points.csv").write_text("x,label\n")
    try:
        run = client.call("trigger", snapshot_name_or_id=snapshot["id"])
    finally:
        file.write_text(before)
        (project / "points.csv").write_text(points)
    assert run["status"] == "completed", run["status_reason"]
    assert run["steps"]["data_loader"]["metadata"]["rows"] == 8


@pytest.fixture(scope="module")
def elsewhere(server: Server, workspace: Path, rest: Rest) -> Client:
    """A client whose project folder the server does not know."""
    project = copy_project(workspace / "elsewhere")
    (project / "training.py").write_text((project / "training.py").read_text().replace("training_pipeline", "elsewhere_pipeline"))
    client = Client(server, workspace / "client-elsewhere", project)
    client.login_with_api_key(rest.new_api_key("elsewhere"))
    return client


def test_code_from_another_machine(elsewhere: Client, rest: Rest, server: Server, workspace: Path) -> None:
    made = elsewhere.call("create_snapshot", module="training", pipeline="elsewhere_pipeline", name="elsewhere")
    assert made["runnable"] is False
    refused = rest.post(f"/pipeline_snapshots/{made['id']}/runs", {}, status=400)
    assert "code" in refused["detail"][1] and "push" in refused["detail"][1], refused

    subprocess.run(
        [str(binary()), "code", "push", made["id"], "--root", str(elsewhere.project), "--server", server.url],
        env={"PATH": "/usr/bin:/bin", "DARKROOM_API_KEY": rest.new_api_key("code-push")},
        check=True, timeout=60, cwd=workspace,
    )  # fmt: skip
    assert elsewhere.call("describe_snapshot", snapshot=made["id"])["runnable"] is True
    run = elsewhere.call("trigger", snapshot_name_or_id=made["id"])
    assert run["status"] == "completed", run["status_reason"]
    assert run["pipeline"] == "elsewhere_pipeline"
    assert json.dumps(run["steps"]["evaluator"]["outputs"]["accuracy"]) == "[1.0]"
