"""The tables of what was found: end2end/conform/RESULTS.md by operation, and by resource in README.md."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from differences import EVERYWHERE, IN_CONFORMANCE, Intended
from driver import Conformance
from harness import REPOSITORY
from judge import CLIENT_METHODS, is_client_call

FILE = REPOSITORY / "end2end/conform/RESULTS.md"
README = REPOSITORY / "README.md"
MARKERS = ("<!-- conform: made by `make conform` -->", "<!-- /conform -->")
NOT_ASKED = "not asked for"


@dataclass
class Found:
    """What the requests for one operation came to."""

    requests: int = 0
    same: int = 0
    intended: set[Intended] = field(default_factory=set)


def found(conformance: Conformance) -> dict[str, Found]:
    """By operation of the peer's OpenAPI document, and by call of the client; operations that no scenario asks for have no requests."""
    by_operation: dict[str, Found] = {operation: Found() for operation in conformance.routes.operations}
    for group in conformance.outcomes.values():
        for outcome in group:
            if is_client_call(outcome.endpoint):
                by_operation.setdefault(outcome.endpoint, Found())
            if row := by_operation.get(outcome.endpoint):
                row.requests += 1
                row.same += not outcome.intended and not outcome.unexplained
                row.intended |= {known for _, known in outcome.intended}
    return by_operation


def resource(operation: str) -> str:
    method, path = operation.split(" ", 1)
    return CLIENT_METHODS[method] if is_client_call(operation) else path.split("/")[1]


def operations(conformance: Conformance) -> dict[str, bool]:
    """The operations, and whether any scenario asks for them."""
    return {operation: bool(row.requests) for operation, row in found(conformance).items()}


def operations_in_file() -> dict[str, bool]:
    return {operation: NOT_ASKED not in rest for operation, rest in re.findall(r"^\| `(\w+ [^`]+)` \|(.*)$", FILE.read_text(), re.MULTILINE)}


def details(conformance: Conformance) -> str:
    """The text of RESULTS.md."""
    rows = found(conformance)
    reasons = [known for known in dict.fromkeys(EVERYWHERE + IN_CONFORMANCE) if any(known in row.intended for row in rows.values())]
    lines = [
        "# Conformance",
        "Each operation of the ZenML 0.98.0 server: the same requests were sent to it and to Darkroom, and status and JSON of the answers",
        "compared. Then calls of the unmodified Python client and `zenml` commands, made with either server, and what they returned.",
        "Numbers name the differences at the end. `make conform` asks again and writes this file.",
        "",
        "| operation | requests | result |",
        "|---|---:|---|",
    ]
    for operation, row in sorted(rows.items(), key=lambda item: item[0].split(" ")[::-1]):
        numbers = sorted(reasons.index(known) + 1 for known in row.intended)
        result = NOT_ASKED if not row.requests else "same" if not numbers else "same, but for " + ", ".join(map(str, numbers))
        lines.append(f"| `{operation}` | {row.requests or ''} | {result} |")
    lines += ["", "## Differences", *(f"{number}. {known.reason}" for number, known in enumerate(reasons, 1)), ""]
    return "\n".join(lines)


def summary(conformance: Conformance) -> str:
    """The table of the README, by resource."""
    rows = found(conformance)
    groups: dict[str, list[Found]] = defaultdict(list)
    for operation, row in rows.items():
        groups[resource(operation)].append(row)
    lines = ["| resource | operations | same | with a listed difference | not asked for |", "|---|---:|---:|---:|---:|"]
    for name, group in sorted(groups.items()):
        asked = [row for row in group if row.requests]
        different = sum(bool(row.intended) for row in asked)
        numbers = (len(asked) - different, different, len(group) - len(asked))
        lines.append(f"| {name} | {len(group)} | " + " | ".join(str(number or "") for number in numbers) + " |")
    return "\n".join(lines)


def _readme(conformance: Conformance) -> str:
    before, rest = README.read_text().split(MARKERS[0])
    return f"{before}{MARKERS[0]}\n{summary(conformance)}\n{MARKERS[1]}{rest.split(MARKERS[1])[1]}"


def write(conformance: Conformance) -> None:
    FILE.write_text(details(conformance))
    README.write_text(_readme(conformance))


def current(conformance: Conformance) -> bool:
    return FILE.read_text() == details(conformance) and README.read_text() == _readme(conformance)
