"""Comparing the transcripts of the two servers, exchange by exchange."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any, Iterator

from api import BROKEN, Exchange, Order
from compare import UUID, Difference, Names, differences
from differences import EVERYWHERE, IN_CONFORMANCE, Outcome

# Calls of the client, which are none of the document's operations: what they are.
CLIENT_METHODS = {"Client": "(calls of the Python client)", "zenml": "(`zenml` commands)"}
# Whole values that are other for each server: keys and codes.
NAMED_FIELDS = frozenset({"access_token", "device_code", "user_code", "csrf_token", "activation_token", "key", "secret"})


class Routes:
    """Which operation of an OpenAPI document a request is for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.operations = [f"{method.upper()} {short(path)}" for path, methods in document["paths"].items() for method in methods]
        # Templates with fewer parameters first: /runs/statistics is not /runs/{run_id}.
        by_parameters = sorted(document["paths"], key=lambda path: path.count("{"))
        self.templates = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", short(path))), short(path)) for path in by_parameters]

    def operation(self, method: str, path: str) -> str:
        if is_client_call(called := f"{method} {path}"):
            return called
        template = next((template for pattern, template in self.templates if pattern.fullmatch(path)), "(no such path)")
        return f"{method} {template}"


def is_client_call(operation: str) -> bool:
    return operation.split(" ")[0] in CLIENT_METHODS


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
            heading = f"{exchange.scenario}: {exchange.method} {exchange.path} {exchange.sent[:300]}"
            outcome = Outcome(self.routes.operation(exchange.method, exchange.path), heading)
            outcome.add(self._differences(one, other), EVERYWHERE + IN_CONFORMANCE, exchange.scenario, exchange.sent)
            yield outcome

    def _differences(self, peer: Exchange | None, here: Exchange | None) -> Iterator[Difference]:
        if peer is None or here is None:
            yield Difference("scenario", "one side did not get this far", peer, here)
        elif BROKEN in (peer.method, here.method):
            broken = [f"on {name}: {one.answer}" for name, one in (("the peer", peer), ("Darkroom", here)) if one.method == BROKEN]
            yield Difference("scenario", f"cannot go on {' and '.join(broken)}", peer.path, here.path)
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
