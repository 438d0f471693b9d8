"""What Darkroom answers otherwise than ZenML 0.98.0 on purpose, each with its reason.

The list is short and stays short: a difference that is not here fails the replay (end2end/replay) or the conformance
run (end2end/conform), and so does an entry that neither meets any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from compare import Difference


@dataclass(frozen=True)
class Intended:
    """A difference that is wanted: for these requests, at this path (regular expressions), for this reason."""

    reason: str
    endpoint: str = ".*"
    label: str = ".*"
    path: str = ".*"
    kind: str = ".*"

    def covers(self, endpoint: str, label: str, difference: Difference) -> bool:
        wanted = ((self.endpoint, endpoint), (self.label, label), (self.path, difference.path), (self.kind, difference.kind))
        return all(re.fullmatch(pattern, text) for pattern, text in wanted)


# Met by both.
EVERYWHERE: list[Intended] = []

# Met by the recorded traffic.
IN_REPLAY = [
    Intended(
        reason="The first admin comes from DARKROOM_ADMIN_PASSWORD; setting up over HTTP needs the token of the set-up link.",
        endpoint="PUT /activate",
        kind="200 became 403",
    ),
    Intended(
        reason="The same: the server is active and named before the recorded set-up.",
        endpoint="GET /info",
        label="",
        path="active|name",
    ),
    Intended(
        reason="Schemas of flavors come without the descriptions, which are ZenML's text.",
        endpoint="GET /flavors",
        path=r".*config_schema\..*description",
        kind="missing",
    ),
    Intended(
        reason="An id that is missing in the path is told as such.",
        endpoint="PUT /devices//verify",
        kind="405 became 422",
    ),
    Intended(
        reason="Snapshots of local stacks can be run here, if their code was captured.",
        path=r".*runnable",
        kind="value",
    ),
    Intended(
        reason="The same, in lists that are filtered by it.",
        label=r'sdk-list-\{"runnable": .*|nr-by-pipeline|ok-sync-by-pipeline',
        path="total|items",
    ),
    Intended(
        reason="A launched snapshot keeps the client environment of its source, from which its Python is made.",
        path=r".*client_environment\..*",
        kind="additional",
    ),
    Intended(
        reason="A step that the snapshot does not have is refused; the peer starts a run without the change that was asked for.",
        endpoint=r"POST /pipeline_snapshots/\{id\}/runs",
        label="unknown-step",
        kind="200 became 400",
    ),
    Intended(
        reason="The recording interleaves two launched runs of two users here; the replay speaks for one of them.",
        label="curl-run",
        path=r".*(user_id|resources\.user\..*)",
    ),
    Intended(
        reason="The peer counts runs that it then refused for want of a slot; the replay leaves those out.",
        label="run|dag",
        path=r".*(index|number|model_version\.name)",
        kind="value",
    ),
]

# Met by the conformance run.
IN_CONFORMANCE: list[Intended] = [
    Intended(
        reason="Types of service connectors come without the descriptions, which are ZenML's text.",
        endpoint=".* /service_connectors.*",
        path=r".*connector_type\..*description",
    ),
    Intended(
        reason="Service connectors are sorted as asked; the peer leaves them as they are.",
        endpoint="GET /service_connectors",
        path="ids",
        kind="other items or another order",
    ),
]
