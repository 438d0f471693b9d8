"""Comparing the transcripts of the two servers, exchange by exchange."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Iterator

from api import BROKEN, Exchange, Order
from compare import UUID, Difference, Names, differences
from differences import EVERYWHERE, IN_CONFORMANCE, Intended

# Whole values that are other for each server: keys and codes.
NAMED_FIELDS = frozenset({"access_token", "device_code", "user_code", "csrf_token", "activation_token", "key", "secret"})


@dataclass
class Outcome:
    """What one exchange came to."""

    endpoint: str
    exchange: Exchange
    unexplained: list[Difference] = field(default_factory=list)
    intended: list[tuple[Difference, Intended]] = field(default_factory=list)

    def __str__(self) -> str:
        heading = f"{self.exchange.scenario}: {self.exchange.method} {self.exchange.path} {self.exchange.sent[:300]}"
        return "\n    ".join([heading, *map(str, self.unexplained)])


class Routes:
    """Which operation of an OpenAPI document a request is for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.operations = [f"{method.upper()} {short(path)}" for path, methods in document["paths"].items() for method in methods]
        # Templates with fewer parameters first: /runs/statistics is not /runs/{run_id}.
        by_parameters = sorted(document["paths"], key=lambda path: path.count("{"))
        self.templates = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", short(path))), short(path)) for path in by_parameters]

    def operation(self, method: str, path: str) -> str:
        template = next((template for pattern, template in self.templates if pattern.fullmatch(path)), "(no such path)")
        return f"{method} {template}"


def short(path: str) -> str:
    return path.removeprefix("/api/v1")


class Judge:
    """Compares; remembers which ids of the peer stand for which of ours."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.names = Names(NAMED_FIELDS)

    def compare(self, peer: list[Exchange], here: list[Exchange]) -> Iterator[Outcome]:
        """The outcomes of one scenario. If one transcript is shorter, the scenario broke there, which its last exchange tells."""
        for one, other in zip_longest(peer, here):
            exchange = other or one
            outcome = Outcome(self.routes.operation(exchange.method, exchange.path), exchange)
            for difference in self._differences(one, other):
                known = (intended for intended in EVERYWHERE + IN_CONFORMANCE)
                explained = next((entry for entry in known if entry.covers(outcome.endpoint, exchange.scenario, difference, exchange.sent)), None)
                if explained:
                    outcome.intended.append((difference, explained))
                else:
                    outcome.unexplained.append(difference)
            yield outcome

    def _differences(self, peer: Exchange | None, here: Exchange | None) -> Iterator[Difference]:
        if peer is None or here is None:
            yield Difference("scenario", "one side did not get this far", peer, here)
        elif BROKEN in (peer.method, here.method):
            yield Difference("scenario", "cannot go on", peer.answer, here.answer)
        elif peer.status != here.status:
            yield Difference("status", f"{peer.status} became {here.status}", peer.answer, here.answer)
        elif here.order and here.status == 200:
            yield from self._list_differences(peer.answer, here.answer, here.order)
        else:
            self.names.learn(peer.answer, here.answer)
            yield from differences(self.names.mapped_json(peer.answer), here.answer)

    def _list_differences(self, peer: dict[str, Any], here: dict[str, Any], order: Order) -> Iterator[Difference]:
        expected = [self.names.ids.get(id_, id_) for id_ in peer["ids"]]
        if expected != here["ids"] and not same_but_for_chance(peer["ids"], expected, here["ids"], order):
            yield Difference("ids", "other items or another order", expected, here["ids"])
        yield from differences({**peer, "ids": []}, {**here, "ids": []})


def same_but_for_chance(peer: list[str], expected: list[str], here: list[str], order: Order) -> bool:
    """Whether the two differ only within groups of equal value: those that each server has sorted by its own ids, up or down.

    `expected` is `peer` in our ids.
    """
    if sorted(expected) != sorted(here):
        return False
    if order is Order.CHANCE:
        return True
    start = 0
    for end in range(1, len(here) + 1):
        if set(expected[start:end]) == set(here[start:end]):
            if end - start > 1:
                # Without an order of its own, the peer's group may stand in any.
                groups = (peer[start:end], here[start:end]) if order is Order.VALUE_AND_ID else (here[start:end],)
                if not (all(is_sorted(group) for group in groups) or all(is_sorted(group[::-1]) for group in groups)):
                    return False
            start = end
    return True


def is_sorted(ids: list[str]) -> bool:
    return all(UUID.fullmatch(id_) for id_ in ids) and ids == sorted(ids)
