"""Every scenario ends alike on the peer and on Darkroom, but for the listed differences.

`CONFORM=whole` asks for every value of every filter and checks that RESULTS.md says what was found (`CONFORM=write` writes it);
otherwise a fixed part of the filters' values is asked for.
"""

from __future__ import annotations

import os
from typing import Iterator

import pytest
import results
from differences import EVERYWHERE, IN_CONFORMANCE
from driver import Conformance, all_scenarios, both_servers, conform

FORM = os.environ.get("CONFORM", "part")


@pytest.fixture(scope="session")
def conformance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conformance]:
    """The outcomes of all scenarios."""
    with both_servers(tmp_path_factory.mktemp("conform")) as (peer, here):
        yield conform(peer, here, all_scenarios(), whole=FORM != "part")


@pytest.mark.parametrize("scenario", all_scenarios())
def test_answers_like_the_peer(conformance: Conformance, scenario: str) -> None:
    different = [outcome for outcome in conformance.outcomes[scenario] if outcome.unexplained]
    assert not different, "\n".join(map(str, different[:20]))


def test_every_intended_difference_is_still_needed(conformance: Conformance) -> None:
    if FORM == "part":
        pytest.skip("only the whole run meets them all")
    seen = {known for group in conformance.outcomes.values() for outcome in group for _, known in outcome.intended}
    assert not [known.reason for known in EVERYWHERE + IN_CONFORMANCE if known not in seen]


def test_results_are_current(conformance: Conformance) -> None:
    """The tables in RESULTS.md and in the README are those of this run."""
    if FORM == "write":
        results.write(conformance)
    if FORM == "part":
        assert results.operations_in_file() == results.operations(conformance), "run `make conform`"
    else:
        assert results.current(conformance), "RESULTS.md or the table in README.md is not that of this run: run `make conform`"
