"""Runs scenarios against the peer and against Darkroom and compares: `python driver.py [PATTERN…]`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "replay")]

import scenarios
from api import BROKEN, Api, Broken, Exchange
from differences import Outcome
from harness import Process, Server
from judge import Judge, Routes
from lists import Lists
from peer import Peer

SERVER_NAME = "conform"
Scenario = Callable[[Api], None]


def all_scenarios() -> dict[str, Scenario]:
    """The public functions of the modules in scenarios/, in the order in which they run."""
    found: dict[str, Scenario] = {}
    for module_info in sorted(pkgutil.iter_modules(scenarios.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"scenarios.{module_info.name}")
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == module.__name__ and not name.startswith("_"):
                found[f"{module_info.name}.{name}"] = value
    return found


@contextmanager
def both_servers(folder: Path) -> Iterator[tuple[Peer, Server]]:
    """The peer and Darkroom, started afresh, with the same admin."""
    peer = Peer(folder / "peer", server_name=SERVER_NAME, launches=True)
    here = Server(folder / "darkroom", folder / "local_stores", options=["--server-name", SERVER_NAME])
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda server: server.start(), (peer, here)))
        yield peer, here
    finally:
        for server in (peer, here):
            if server.process and server.process.poll() is None:
                server.stop()


def play(server: Process, lists: Lists, wanted: dict[str, Scenario]) -> dict[str, list[Exchange]]:
    """The transcript of each scenario on one server. A scenario that cannot go on ends there; the last exchange says why."""
    api = Api(server, lists)
    transcripts: dict[str, list[Exchange]] = {}
    for name, scenario in wanted.items():
        api.scenario, api.transcript = name, []
        try:
            scenario(api)
        except Broken as broken:
            api.transcript.append(Exchange(name, BROKEN, "", "", 0, str(broken)))
        except Exception:
            api.transcript.append(Exchange(name, BROKEN, "", "", 0, traceback.format_exc(limit=-4)))
        transcripts[name] = api.transcript
    return transcripts


@dataclass(frozen=True)
class Conformance:
    """What a run came to: the outcomes of each scenario."""

    routes: Routes
    outcomes: dict[str, list[Outcome]]


def conform(peer: Peer, here: Server, wanted: dict[str, Scenario], whole: bool) -> Conformance:
    """Plays the scenarios on both at the same time; `whole` with every value of every filter."""
    document = requests.get(f"{peer.url}/openapi.json", timeout=60).json()
    lists, routes = Lists(document, whole), Routes(document)
    with ThreadPoolExecutor() as pool:
        expected, got = pool.map(lambda server: play(server, lists, wanted), (peer, here))
    judge = Judge(routes)
    return Conformance(routes, {name: list(judge.compare(expected[name], got[name])) for name in wanted})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pattern", nargs="*", help="run the scenarios whose names match one of these (regular expressions)")
    parser.add_argument("--part", action="store_true", help="with a part of the filters' values")
    parser.add_argument("--all", action="store_true", help="print the intended differences too")
    options = parser.parse_args()
    wanted = {
        name: scenario for name, scenario in all_scenarios().items() if not options.pattern or any(re.match(p, name) for p in options.pattern)
    }
    with tempfile.TemporaryDirectory() as folder, both_servers(Path(folder)) as (peer, here):
        conformance = conform(peer, here, wanted, whole=not options.part)
    different = 0
    for name, group in conformance.outcomes.items():
        unexplained = [outcome for outcome in group if outcome.unexplained]
        different += len(unexplained)
        print(f"{name}: {len(group)} requests, {len(unexplained)} different")
        for outcome in group if options.all else unexplained:
            if outcome.unexplained or outcome.intended:
                print("  " + str(outcome).replace("\n", "\n  "))
            for difference, intended in outcome.intended if options.all else ():
                print(f"      intended: {difference}\n        {intended.reason}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
