"""The parts the tests are made of: a Darkroom server process, a client with its own home, and plain REST."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import requests

if TYPE_CHECKING:
    from typing import Self

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = Path(__file__).resolve().parent / "client/project"
ZENML = str(Path(sys.executable).with_name("zenml"))
ADMIN_PASSWORD = "Acceptance-1"
FINISHED = {"completed", "failed", "stopped", "cancelled"}


def binary() -> Path:
    """The program under test: `DARKROOM_BINARY`, else the release build."""
    path = Path(os.environ.get("DARKROOM_BINARY", REPOSITORY / "target/release/darkroom")).resolve()
    assert path.exists(), f"{path} is missing: run `make build`, or set DARKROOM_BINARY"
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], Any], seconds: float, what: str | Callable[[], str]) -> Any:
    """The condition's first true value; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what if isinstance(what, str) else what()}")


def copy_project(folder: Path) -> Path:
    """A copy of the sample project that a test may change."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".zen"))
    return folder


@dataclass
class Process:
    """A server process with a folder of its own, on a free port of this machine."""

    folder: Path

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _variables(self) -> dict[str, str]:
        """Environment variables on top of those of the tests."""
        return {}

    def start(self) -> Self:
        self.launch()
        wait_until(self._ready, 120, lambda: f"the server is ready\n{self.tail()}")
        return self

    def launch(self) -> None:
        """Starts the process without waiting for its first answer."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ZENML_", "DARKROOM_"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, env=environment | self._variables(), cwd=self.folder, start_new_session=True
            )

    def _ready(self) -> bool:
        assert self.process and self.process.poll() is None, f"the server ended\n{self.tail()}"
        try:
            return requests.get(f"{self.url}/ready", timeout=2).ok
        except requests.RequestException:
            return False

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """As a power cut: no chance to clean up."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)


@dataclass
class Server(Process):
    """Darkroom."""

    local_stores: Path
    source_roots: list[Path] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    runner_python: str | None = sys.executable

    def _command(self) -> list[str]:
        command = [str(binary()), "serve", "--addr", f"127.0.0.1:{self.port}", "--data-dir", str(self.folder / "data")]
        command += ["--local-stores", str(self.local_stores)]
        command += [word for root in self.source_roots for word in ("--source-root", str(root))]
        command += ["--runner-python", self.runner_python] if self.runner_python else []
        return command + self.options

    def _variables(self) -> dict[str, str]:
        return {"DARKROOM_ADMIN_PASSWORD": ADMIN_PASSWORD} | self.environment

    def rest(self, user: str = "admin", password: str = ADMIN_PASSWORD) -> Rest:
        return Rest(self.url, user, password)


class Rest:
    """REST as curl or CI would use it: logged in by password, JSON in and out."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.session = requests.Session()
        answer = requests.post(f"{url}/api/v1/login", data={"username": user, "password": password}, timeout=10)
        assert answer.status_code == 200, f"login of {user}: {answer.status_code} {answer.text}"
        self.token = answer.json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def send(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON answer; fails if the status is another than expected."""
        answer = self.session.request(method, f"{self.url}/api/v1{path}", timeout=30, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json()

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        return self.send("GET", path, status, params=params)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return self.send("POST", path, status, json=body)

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        return self.send("PUT", path, status, json=body)

    def items(self, path: str, **params: Any) -> list[dict]:
        """The first page of a list."""
        return self.get(path, **params)["items"]

    def new_api_key(self, account: str) -> str:
        """The secret value of a fresh API key of a fresh service account."""
        made = self.post("/service_accounts", {"name": account, "description": "", "active": True})
        key = self.post(f"/service_accounts/{made['id']}/api_keys", {"name": "key", "description": ""})
        return key["body"]["key"]

    def wait_for_run(self, run_id: str, seconds: float = 90, statuses: set[str] = FINISHED) -> dict:
        """The run, once its status is one of these."""

        def reached() -> dict | None:
            run = self.get(f"/runs/{run_id}")
            return run if run["body"]["status"] in statuses else None

        def where() -> str:
            run = self.get(f"/runs/{run_id}")
            return f"run is {statuses}: is {run['body']['status']!r} ({run['body'].get('status_reason')})\n{self.run_log(run_id)}"

        return wait_until(reached, seconds, where)

    def run_log(self, run_id: str, source: str = "runner") -> str:
        answer = self.session.get(f"{self.url}/api/v1/runs/{run_id}/logs", params={"source": source}, timeout=10)
        return messages(answer.json()) if answer.ok else f"(no {source} log: {answer.status_code} {answer.text[:300]})"

    def step_log(self, step_id: str) -> str:
        return messages(self.get(f"/steps/{step_id}/logs", source="step"))


def messages(entries: list[dict]) -> str:
    return "\n".join(entry["message"] for entry in entries)


class CommandFailed(AssertionError):
    """A client command ended with another exit code than 0."""


@dataclass
class Client:
    """A user's client: its own ZenML configuration folder, working in a project folder."""

    server: Server
    folder: Path
    project: Path
    environment: dict[str, str] = field(default_factory=dict)
    # Of the environment that `zenml` and the actions run in.
    python: str = sys.executable

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("ZENML_", "DARKROOM_"))}
        return kept | {
            "ZENML_CONFIG_PATH": str(self.folder),
            "ZENML_LOCAL_STORES_PATH": str(self.server.local_stores),
            "ZENML_ANALYTICS_OPT_IN": "false",
            "ZENML_LOGGING_COLORS_DISABLED": "true",
            "ZENML_ENABLE_RICH_TRACEBACK": "false",
            "AUTO_OPEN_DASHBOARD": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "300",
        } | self.environment

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """A client command in the background; what it prints goes to a pipe."""
        return subprocess.Popen(
            words, cwd=self.project, env=self._environment(), text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
        )

    def run(self, words: list[str], typed: str = "", seconds: float = 120) -> str:
        """What a command printed that ran in the project; fails if it ends badly or not in time."""
        process = self.start(*words)
        try:
            output, _ = process.communicate(typed, timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            raise AssertionError(f"{' '.join(words)}: still running after {seconds} s\n{output}") from None
        if process.returncode != 0:
            raise CommandFailed(f"{' '.join(words)}: exit code {process.returncode}\n{output}\n--- server\n{self.server.tail(15)}")
        return output

    def zenml(self, *words: str, typed: str = "", seconds: float = 120) -> str:
        """A `zenml` command; what it printed."""
        return self.run([str(Path(self.python).with_name("zenml")), *words], typed, seconds)

    def call(self, action: str, seconds: float = 120, **arguments: Any) -> Any:
        """The answer of one of the functions in project/actions.py."""
        answer = self.folder / f"answer-{time.monotonic_ns()}.json"
        self.run([self.python, "actions.py", action, str(answer)], json.dumps(arguments), seconds)
        return json.loads(answer.read_text())

    def login_with_api_key(self, key: str) -> str:
        return self.zenml("login", self.server.url, "--api-key", "--project", "default", typed=f"{key}\n")
