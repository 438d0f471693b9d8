"""Comparing two JSON answers: the same keys, types, formats of ids and times, lengths of lists; and the same values, where a
value does not depend on the day, on chance or on the wording of a message."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Iterator

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Naive UTC with microseconds that are left out when zero, as the client expects; in a few places with its zone.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z?)")
# Stands in the recording for every token.
BLANKED_TOKEN = "<JWT>"
# Parts of names that are made from the current time.
NOW = re.compile(r"\d{4}_\d\d_\d\d[-_]\d\d_\d\d_\d\d_\d{6}")
# Places whose value depends on chance, on the day, on the address of the server or on how fast it is.
VARYING = re.compile(r".*(color|substitutions\.(date|time)|server_url|verification_uri(_complete)?|csrf_token|duration|execution_time|pid)|body\.key")


@dataclass(frozen=True)
class Difference:
    """One place where the answers differ; list indices in the path are written as `[]`."""

    path: str
    kind: str
    peer: Any
    here: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: the peer has {short(self.peer)}, here is {short(self.here)}"


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 140 else text[:137] + "…"


def kind(value: Any) -> str:
    """The type of a JSON value; strings are told apart where their format is part of the contract."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        time = TIME.fullmatch(value)
        return "id" if UUID.fullmatch(value) else "string" if not time else "time with zone" if time[2] else "time"
    return "list" if isinstance(value, list) else "object"


def differences(peer: Any, here: Any, path: str = "") -> Iterator[Difference]:
    """Everything in which our answer is otherwise than the peer's, in which ids are already ours."""
    if kind(peer) != kind(here):
        yield Difference(path, f"{kind(peer)} became {kind(here)}", peer, here)
    elif isinstance(peer, dict):
        for key in peer.keys() | here.keys():
            below = f"{path}.{key}" if path else key
            if key not in here:
                yield Difference(below, "missing", peer[key], None)
            elif key not in peer:
                yield Difference(below, "additional", None, here[key])
            else:
                yield from differences(peer[key], here[key], below)
    elif isinstance(peer, list):
        if len(peer) != len(here):
            yield Difference(path, f"{len(peer)} items became {len(here)}", peer, here)
            return
        for one, other in zip(peer, here):
            yield from differences(one, other, f"{path}[]")
    elif not kind(peer).startswith("time") and peer != BLANKED_TOKEN and not VARYING.fullmatch(path) and comparable(peer) != comparable(here):
        yield Difference(path, "value", peer, here)


def comparable(value: Any) -> Any:
    """The value without what is different at every run; a sentence counts as one, whatever it says."""
    if isinstance(value, str):
        return "(sentence)" if value.count(" ") > 3 else NOW.sub("(now)", value)
    return value


class Names:
    """Which ids and codes of one server stand for which of the other: paired where they first stand at the same place."""

    def __init__(self, fields: frozenset[str] = frozenset()) -> None:
        """`fields` are keys whose whole values are such names too."""
        self.fields = fields
        self.ids: dict[str, str] = {}
        self.codes: dict[str, str] = {}

    def mapped(self, text: str) -> str:
        """The text with the answering server's ids and codes in it."""
        text = UUID.sub(lambda id_: self.ids.get(id_[0], id_[0]), text)
        for known, value in self.codes.items():
            text = text.replace(known, value)
        return text

    def mapped_json(self, value: Any) -> Any:
        return json.loads(self.mapped(json.dumps(value)))

    def learn(self, one: Any, other: Any, key: str = "") -> None:
        """Pairs ids and codes that stand at the same place; the first pairing stays."""
        if isinstance(one, dict) and isinstance(other, dict):
            for name in one:
                self.learn(one[name], other.get(name), name)
        elif isinstance(one, list) and isinstance(other, list):
            for first, second in zip(one, other):
                self.learn(first, second, key)
        elif isinstance(one, str) and isinstance(other, str):
            if key in self.fields and one and not UUID.fullmatch(one):
                self.codes.setdefault(one, other)
            for first, second in zip(UUID.findall(one), UUID.findall(other)):
                self.ids.setdefault(first, second)
