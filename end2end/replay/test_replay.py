"""Every endpoint of the recorded traffic answers as the peer did, but for the listed differences."""

from __future__ import annotations

import stat
import sys
from collections import defaultdict
from typing import Iterator

import pytest
from differences import EVERYWHERE, IN_REPLAY, Outcome
from harness import Server
from play import Replay, recorded, table, write_sources

ENDPOINTS = sorted({request.endpoint for request in recorded()})


@pytest.fixture(scope="session")
def runner_stand_in(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python for runners that only waits: the recording holds what the runners did."""
    path = tmp_path_factory.mktemp("runner") / "python"
    path.write_text(f'#!/bin/sh\ncase "$*" in *--run_id*) exec sleep 300;; *) exec {sys.executable} "$@";; esac\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture(scope="session")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, runner_stand_in: str, pytestconfig: pytest.Config
) -> Iterator[dict[str, list[Outcome]]]:
    """The outcomes of all requests, by endpoint."""
    folder = tmp_path_factory.mktemp("replay")
    write_sources(recorded(), folder / "sources")
    server = Server(
        folder / "server",
        folder / "local_stores",
        [folder / "sources"],
        options=["--max-concurrent-runs", "100", "--server-name", "recsrv"],
        environment={"DARKROOM_ADMIN_PASSWORD": "Adm1n-pass!"},
        runner_python=runner_stand_in,
    ).start()
    try:
        all_outcomes = Replay(server.url).run(recorded())
    finally:
        server.stop()
    pytestconfig.get_terminal_writer().line("\n" + table(all_outcomes))
    grouped = defaultdict(list)
    for outcome in all_outcomes:
        grouped[outcome.endpoint].append(outcome)
    yield grouped


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_answers_like_the_peer(outcomes: dict[str, list[Outcome]], endpoint: str) -> None:
    different = [outcome for outcome in outcomes[endpoint] if outcome.unexplained]
    assert not different, "\n".join(map(str, different[:10]))


def test_every_intended_difference_is_still_needed(outcomes: dict[str, list[Outcome]]) -> None:
    seen = {known for group in outcomes.values() for outcome in group for _, known in outcome.intended}
    assert not [known.reason for known in EVERYWHERE + IN_REPLAY if known not in seen]
