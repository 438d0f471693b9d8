"""Sends recorded requests to a server and compares its answers with the recorded ones: `python play.py URL`."""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from compare import BLANKED_TOKEN, UUID, Difference, Names, differences
from differences import EVERYWHERE, IN_REPLAY, Outcome

TRAFFIC = Path(__file__).with_name("traffic.jsonl.xz")
BLANKED_KEY = "ZENKEY_<base64>"
RECORDED_URL = "http://127.0.0.1:8080"
# Labels of launches that the peer carries out without what it does not know.
REFUSED_HERE = {"unknown-step"}
# Answers carry these; later requests repeat them.
MAPPED_FIELDS = frozenset({"device_code", "user_code", "csrf_token"})


@dataclass(frozen=True)
class Recorded:
    n: int
    scenario: str
    label: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any

    @property
    def endpoint(self) -> str:
        """Method and route, ids written as `{id}`."""
        return f"{self.method} {UUID.sub('{id}', self.path.removeprefix('/api/v1'))}"


def recorded() -> list[Recorded]:
    """All requests but those that the peer refused and we carry out, since the recording goes on without what they make:
    launches beyond its two slots (we queue them) and on local stacks (which we run).
    """
    with lzma.open(TRAFFIC, "rt") as lines:
        requests_ = [Recorded(**json.loads(line)) for line in lines]
    refusals = ("Maximum number of concurrent snapshot tasks", "a stack that includes local stack components")
    return [request for request in requests_ if not (request.status >= 400 and any(text in str(request.answer) for text in refusals))]


def write_sources(requests_: list[Recorded], folder: Path) -> None:
    """Writes the modules of the recorded pipelines, put together from the texts that were sent along."""
    modules: dict[str, list[str]] = defaultdict(list)
    module_of_step: dict[str, str] = {}
    for request in requests_:
        if request.method == "POST" and request.path.endswith("/pipeline_snapshots"):
            modules[request.body["pipeline_spec"]["source"]["module"]].append(request.body["source_code"])
            module_of_step |= {name: step["spec"]["source"]["module"] for name, step in request.body["step_configurations"].items()}
        elif request.method == "POST" and request.path.endswith("/steps"):
            modules[module_of_step[request.body["name"]]].append(request.body["source_code"])
    folder.mkdir(parents=True)
    for module, texts in modules.items():
        (folder / f"{module}.py").write_text("\n\n".join(dict.fromkeys(texts)))


class Replay:
    """The state of one replay: which of the server's ids, tokens and codes stand for which recorded ones."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.names = Names(MAPPED_FIELDS)
        self.api_key = ""
        # The client and curl are logged in as different users; a device login is the client's.
        self.tokens: dict[str, str] = {}
        self.cookie = ""

    def run(self, requests_: list[Recorded]) -> list[Outcome]:
        return [self.send(request) for request in requests_]

    def send(self, request: Recorded) -> Outcome:
        path = self.names.mapped(request.path)
        agent = "curl" if request.headers.get("User-Agent", "").startswith("curl") else "client"
        headers = {name: value for name, value in request.headers.items() if name not in {"Authorization", "Cookie"}}
        if "Authorization" in request.headers:
            headers["Authorization"] = f"Bearer {self.tokens.get(agent, '')}"
        if "Cookie" in request.headers:
            headers["Cookie"] = self.names.mapped(request.headers["Cookie"]).replace(BLANKED_TOKEN, self.cookie)
        for name in {"X-CSRF-Token", "Origin", "Referer"} & headers.keys():
            headers[name] = self.names.mapped(headers[name]).replace(RECORDED_URL, self.url)
        answer = requests.request(
            request.method, f"{self.url}{path}", params=self.names.mapped(request.query), data=self.body(request), headers=headers, timeout=30,
        )
        try:
            answered = answer.json()
        except ValueError:
            answered = answer.text
        self.remember(request, agent, answered)
        if answer.status_code == 400 and request.label in REFUSED_HERE:
            self.names.learn(request.answer, self.launch_unchanged(path, headers))
        return self.judge(request, answer.status_code, answered)

    def launch_unchanged(self, path: str, headers: dict[str, str]) -> Any:
        """What the peer made of a configuration that we refuse: it dropped the unknown part. The recording goes on with that run."""
        headers = {name: value for name, value in headers.items() if name != "Idempotency-Key"}
        return requests.post(f"{self.url}{path}", data="{}", headers=headers, timeout=30).json()

    def body(self, request: Recorded) -> str | None:
        """What to send: a form (text) with the API key put in, or JSON."""
        if isinstance(request.body, str):
            return self.names.mapped(request.body.replace(BLANKED_KEY + "%3D%3D", quote(self.api_key, safe="")))
        return None if request.body is None else self.names.mapped(json.dumps(request.body))

    def remember(self, request: Recorded, agent: str, answered: Any) -> None:
        self.names.learn(request.answer, answered)
        if not isinstance(answered, dict):
            return
        if request.path.endswith("/api_keys") and request.method == "POST":
            self.api_key = answered.get("body", {}).get("key", "")
        if token := answered.get("access_token"):
            # A login from another site is used through its cookie only.
            if "Origin" not in request.headers:
                self.tokens[agent] = token
            if agent == "curl":
                self.cookie = token

    def judge(self, request: Recorded, status: int, answered: Any) -> Outcome:
        outcome = Outcome(request.endpoint, f"#{request.n} {request.label}: {request.endpoint}")
        if status != request.status:
            found = iter([Difference("status", f"{request.status} became {status}", request.answer, answered)])
        else:
            found = differences(self.names.mapped_json(request.answer), answered)
        outcome.add(found, EVERYWHERE + IN_REPLAY, request.label)
        return outcome


def table(outcomes: list[Outcome]) -> str:
    """Endpoint × result."""
    rows: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        rows[outcome.endpoint].append(outcome)
    width = max(map(len, rows))
    lines = [f"{'endpoint':{width}}  calls  same  intended  DIFFERENT"]
    for endpoint, group in sorted(rows.items(), key=lambda row: row[0].split(" ")[::-1]):
        different = sum(bool(outcome.unexplained) for outcome in group)
        intended = sum(bool(outcome.intended) and not outcome.unexplained for outcome in group)
        same = len(group) - different - intended
        lines.append(f"{endpoint:{width}}  {len(group):5}  {same:4}  {intended or '':8}  {different or ''}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default=RECORDED_URL)
    parser.add_argument("--sources", type=Path, metavar="FOLDER", help="write the recorded pipelines' modules there and stop")
    parser.add_argument("--verbose", action="store_true", help="print every difference")
    options = parser.parse_args()
    if options.sources:
        write_sources(recorded(), options.sources)
        return 0
    outcomes = Replay(options.url.rstrip("/")).run(recorded())
    for outcome in outcomes:
        if options.verbose and outcome.unexplained:
            print(outcome)
    print(table(outcomes))
    failed = sum(bool(outcome.unexplained) for outcome in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
