"""Comparing two JSON answers: the same keys, types, formats of ids and times, lengths of lists; and the same values, where a
value does not depend on the day, on chance or on the wording of a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterator

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Naive UTC with microseconds that are left out when zero, as the client expects.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?")
# Stands in the recording for every token.
BLANKED_TOKEN = "<JWT>"
# Parts of names that are made from the current time.
NOW = re.compile(r"\d{4}_\d\d_\d\d[-_]\d\d_\d\d_\d\d_\d{6}")
# Places whose value depends on chance, on the day, on the address of the server or on how fast it is.
VARYING = re.compile(r".*(color|substitutions\.(date|time)|server_url|verification_uri(_complete)?|csrf_token|duration)|body\.key")


@dataclass(frozen=True)
class Difference:
    """One place where the answers differ; list indices in the path are written as `[]`."""

    path: str
    kind: str
    recorded: Any
    answered: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: recorded {short(self.recorded)}, answered {short(self.answered)}"


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
        return "id" if UUID.fullmatch(value) else "time" if TIME.fullmatch(value) else "string"
    return "list" if isinstance(value, list) else "object"


def differences(recorded: Any, answered: Any, path: str = "") -> Iterator[Difference]:
    """Everything in which `answered` is otherwise than `recorded`, in which ids are already the answering server's."""
    if kind(recorded) != kind(answered):
        yield Difference(path, f"{kind(recorded)} became {kind(answered)}", recorded, answered)
    elif isinstance(recorded, dict):
        for key in recorded.keys() | answered.keys():
            below = f"{path}.{key}" if path else key
            if key not in answered:
                yield Difference(below, "missing", recorded[key], None)
            elif key not in recorded:
                yield Difference(below, "additional", None, answered[key])
            else:
                yield from differences(recorded[key], answered[key], below)
    elif isinstance(recorded, list):
        if len(recorded) != len(answered):
            yield Difference(path, f"{len(recorded)} items became {len(answered)}", recorded, answered)
        for one, other in zip(recorded, answered):
            yield from differences(one, other, f"{path}[]")
    elif kind(recorded) != "time" and recorded != BLANKED_TOKEN and not VARYING.fullmatch(path) and comparable(recorded) != comparable(answered):
        yield Difference(path, "value", recorded, answered)


def comparable(value: Any) -> Any:
    """The value without what is different at every run; a sentence counts as one, whatever it says."""
    if isinstance(value, str):
        return "(sentence)" if value.count(" ") > 3 else NOW.sub("(now)", value)
    return value
