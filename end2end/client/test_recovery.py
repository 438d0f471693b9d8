"""The server is killed while runs are queued and running: nothing is lost, nothing runs twice."""

import os
import signal
from pathlib import Path

from harness import Client, Rest, Server, wait_until


def start_sleeper(client: Client, rest: Rest, snapshot: dict, seconds: float, mark: Path) -> str:
    body = {"run_configuration": {"steps": {"sleep": {"parameters": {"seconds": seconds, "mark": str(mark)}}}}}
    return rest.post(f"/pipeline_snapshots/{snapshot['id']}/runs", body)["id"]


def test_killed_server(own_server, tmp_path: Path) -> None:
    server: Server
    server, client = own_server(options=["--max-concurrent-runs", "1"])
    rest = server.rest()
    snapshot = client.call("create_snapshot", module="failing", pipeline="sleeping_pipeline", name="sleeping")
    running = start_sleeper(client, rest, snapshot, 12, tmp_path / "running")
    queued = start_sleeper(client, rest, snapshot, 0, tmp_path / "queued")
    wait_until((tmp_path / "running").exists, 60, lambda: f"the first run is in its step\n{rest.run_log(running)}")
    assert rest.get(f"/runs/{queued}")["body"]["status"] == "initializing"

    server.kill()
    server.start()
    rest = server.rest()

    assert rest.wait_for_run(running)["body"]["status"] == "completed"
    assert rest.wait_for_run(queued)["body"]["status"] == "completed"
    for mark in ("running", "queued"):
        assert (tmp_path / mark).read_text() == "started\n", f"the {mark} run's step started more than once"
    assert rest.get("/runs", project="default", pipeline="sleeping_pipeline")["total"] == 2


def test_run_that_ends_while_the_server_is_away(own_server, tmp_path: Path) -> None:
    """The runner dies with nobody watching: after the restart the run is failed, not running for ever."""
    server: Server
    server, client = own_server()
    rest = server.rest()
    snapshot = client.call("create_snapshot", module="failing", pipeline="sleeping_pipeline", name="sleeping")
    run = start_sleeper(client, rest, snapshot, 600, tmp_path / "mark")
    wait_until((tmp_path / "mark").exists, 60, lambda: f"the run is in its step\n{rest.run_log(run)}")
    server.kill()
    kill_processes_of(run)
    server.start()
    ended = server.rest().wait_for_run(run, 60)
    assert ended["body"]["status"] == "failed"
    assert ended["body"]["status_reason"]


def kill_processes_of(run: str) -> None:
    """Kills what was started with this run's id on its command line, as the kernel does when memory runs out."""
    killed = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if folder.name.isdigit() and int(folder.name) != os.getpid() and any(run.encode() in word for word in words):
            os.kill(int(folder.name), signal.SIGKILL)
            killed.append(folder.name)
    assert killed, "no process of the run was found"
