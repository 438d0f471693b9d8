"""What Darkroom answers otherwise than ZenML 0.98.0 on purpose, each with its reason.

The list is short and stays short: a difference that is not here fails the replay (end2end/replay) or the conformance
run (end2end/conform), and so does an entry that neither meets any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from compare import Difference


@dataclass(frozen=True)
class Intended:
    """A difference that is wanted: for these requests, at this path (regular expressions), for this reason."""

    reason: str
    endpoint: str = ".*"
    label: str = ".*"
    # What was sent, in the conformance run: body or query as Python writes it.
    sent: str = ".*"
    path: str = ".*"
    kind: str = ".*"

    def covers(self, endpoint: str, label: str, difference: Difference, sent: str = "") -> bool:
        wanted = (
            (self.endpoint, endpoint), (self.label, label), (self.sent, sent), (self.path, difference.path), (self.kind, difference.kind),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in wanted)


@dataclass
class Outcome:
    """What one request came to: what is different, and which of it on purpose."""

    endpoint: str
    # Names the request to people.
    heading: str
    unexplained: list[Difference] = field(default_factory=list)
    intended: list[tuple[Difference, Intended]] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n    ".join([self.heading, *map(str, self.unexplained)])

    def add(self, found: Iterable[Difference], wanted: list[Intended], label: str, sent: str = "") -> None:
        """Sorts differences into those that are in the list and those that nobody wants."""
        for difference in found:
            known = next((entry for entry in wanted if entry.covers(self.endpoint, label, difference, sent)), None)
            if known:
                self.intended.append((difference, known))
            else:
                self.unexplained.append(difference)


# Met by both.
EVERYWHERE = [
    Intended(
        reason="Accounts have a role here; clients pass over the field.",
        path=r".*metadata\.role",
        kind="additional",
    ),
    Intended(
        reason="Schemas and types of flavors, connectors and run configurations come without the descriptions, which are ZenML's text.",
        endpoint=r"\w+ /(flavors|pipeline_snapshots|service_connector).*|Client (get|list)_(flavor|snapshot).*|zenml .* flavor describe",
        path=r".*(config_schema|connector_type|resource_types\[\]|auth_methods\[\])\..*description|(\[\]\.)?description|lines",
        kind=r"missing|value|\d items became \d",
    ),
    Intended(
        reason="Snapshots of local stacks can be run here, if their code was captured.",
        path=r".*runnable",
        kind="value",
    ),
]

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
        reason="An id that is missing in the path is told as such.",
        endpoint="PUT /devices//verify",
        kind="405 became 422",
    ),
    Intended(
        reason="Snapshots of local stacks can be run here, if their code was captured: in lists that are filtered by it.",
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
IN_CONFORMANCE = [
    Intended(
        reason="Service connectors are sorted as asked; the peer leaves them as they are.",
        endpoint="GET /service_connectors",
        path="ids",
        kind="other items or another order",
    ),
    Intended(
        reason="What breaks the peer (500) is told or done here.",
        path="status",
        kind=r"500 became [24]\d\d",
    ),
    Intended(
        reason="What this server leaves out is told with 501 and what to do instead: the table in README.md.",
        endpoint=r"\w+ /(stack-deployment|workspaces)/?.*|POST /users/.*",
        path="status",
        kind=r"\d+ became 501",
    ),
    Intended(
        reason="What is wrong with a run configuration is told in full, with each place (400); the peer tells the wrong types (422).",
        endpoint="POST /(pipeline_snapshots/.*/runs|runs/.*/replay)",
        path="status",
        kind="422 became 400",
    ),
    Intended(
        reason="Without a body a snapshot runs as it is.",
        endpoint="POST /pipeline_snapshots/.*/runs",
        sent="json=None.*",
        path="status",
        kind="422 became 404",
    ),
    Intended(
        reason="A launching step that does not exist is told first.",
        endpoint="POST /pipeline_snapshots/.*/runs",
        sent=".*'step_run': '0f0e0d0c-.*",
        path="status",
        kind="400 became 404",
    ),
    Intended(
        reason="The answer to a resolved wait condition shows its run as it is by now; the peer shows it as it was.",
        endpoint="PUT /run_wait_conditions/.*/resolve",
        path=r"resources\.run\.body\.(status|status_reason|in_progress)",
    ),
    Intended(
        reason="A running run whose process has yet to ask for the answer stays running; the peer calls it paused while it goes on.",
        endpoint=r"GET /(runs/\{run_id\}|run_wait_conditions)",
        label=r"run_wait_conditions\..*",
        path=r"(items\[\]\.resources\.run\.)?body\.status(_reason)?",
    ),
    Intended(
        reason="Logs can be read from either end and in parts; the peer reads them from the start alone.",
        endpoint="GET /logs/.*/entries",
        sent=".*'start': 'newest'.*",
        path="status",
        kind="400 became 40[34]",
    ),
    Intended(
        reason="A name of nothing, of spaces alone or of several lines is refused at every change; the peer looks at some of them.",
        endpoint="(POST|PUT) .*",
        sent=r".*'\w*name': '( *|[^']*\\t[^']*)'.*",
        path="status",
        kind="200 became 400",
    ),
    Intended(
        reason="A project that does not exist is told as such; the peer finds nothing in it, or says that the name is taken.",
        sent=r".*'project': '0f0e0d0c-.*",
        path="status",
        kind="(200|409) became 404",
    ),
    Intended(
        reason="A model that does not exist is told as such; the peer finds no versions.",
        endpoint=r"GET /models/\{model_name_or_id\}/model_versions",
        path="status",
        kind="200 became 404",
    ),
    Intended(
        reason="A project is changed by its name too, not by its id alone.",
        endpoint=r"PUT /projects/.*",
        path="status",
        kind="422 became (200|404)",
    ),
    Intended(
        reason="Times may be written as ISO 8601 in filters too.",
        endpoint="GET .*",
        sent=r".*'\d{4}-\d\d-\d\dT.*",
        path="status",
        kind="422 became 200",
    ),
    Intended(
        reason="`oneof:` of an empty list matches nothing; the peer leaves the filter out.",
        endpoint="GET .*",
        sent=r".*'oneof:\[\]'.*",
        path="ids|total|total_pages",
    ),
    Intended(
        reason="A malformed value is a malformed filter (422) in filters by name or id too.",
        endpoint="GET .*",
        sent=r".*(oneof:|isnull:yes|interval_second|pipeline_id|snapshot_id).*",
        path="status",
        kind="400 became 422",
    ),
    Intended(
        reason="What a server has been used for is read from what it has; the peer remembers it after it is deleted.",
        endpoint="GET /onboarding_state",
    ),
    Intended(
        reason="A service account has no address: null, which the peer sometimes writes as an empty text.",
        endpoint="(GET|PUT) /current-user",
        path=r"metadata\.email",
        kind="string became null",
    ),
    Intended(
        reason="Snapshots of local stacks can be run here, if their code was captured: in lists that are filtered by it.",
        endpoint="GET /pipeline_snapshots",
        sent=".*'runnable'.*",
        path="items|ids|total|total_pages",
    ),
    Intended(
        reason="Templates can be made of snapshots of local stacks, since these can be run.",
        endpoint="POST /run_templates",
        path="status",
        kind="400 became 200",
    ),
    Intended(
        reason="The server knows its own address; the peer has to be told.",
        endpoint=r"\w+ /webhooks.*|Client \w+_webhooks?",
        path=r".*endpoint_url",
        kind="null became string",
    ),
    Intended(
        reason="The name of an archived object ends with letters that are drawn by lot.",
        endpoint="(GET|DELETE) /(triggers|schedules)/.*",
        path=r"(body\.)?name",
        kind="value",
    ),
    Intended(
        reason="Times of a trigger that make no sense are a wrong request (400).",
        endpoint="POST /triggers",
        sent=".*nonsense.*",
        path="status",
        kind="422 became 400",
    ),
    Intended(
        reason="`not…` filters by a run find what another run made; the peer finds all.",
        endpoint="GET /artifact_versions",
        sent=".*'pipeline_run': .*",
        path="ids|total|total_pages",
    ),
    Intended(
        reason="The display name that a flavor was given can be asked for; the peer does not keep it.",
        endpoint="GET /flavors",
        sent=".*display_name.*",
        path="ids|total|total_pages",
    ),
    Intended(
        reason="Each server counts its own threads and connections.",
        endpoint="GET /load-info",
        kind="value",
    ),
    Intended(
        reason="Times in the past are refused for keeping an old API key.",
        endpoint="PUT /service_accounts/.*/rotate",
        path="status",
        kind="200 became 400",
    ),
    Intended(
        reason="Metadata without a type is a malformed request, not a missing object.",
        endpoint="POST /run-metadata",
        path="status",
        kind="404 became 422",
    ),
    Intended(
        reason="A component of another type than its place in the stack is refused.",
        endpoint="POST /stacks",
        sent=".*'name': 's5'.*",
        path="status",
        kind="200 became 400",
    ),
    Intended(
        reason="An activation token that was used is a wrong token; the peer cannot read the empty one that it stores then.",
        endpoint="PUT /users/.*/activate",
        path="status",
        kind="422 became 401",
    ),
    Intended(
        reason="A code repository's source can be changed; the peer drops it.",
        endpoint="(GET|POST|PUT) /(code_repositories|pipeline_snapshots).*",
        label="code_repositories.life",
        path=r".*source\.attribute",
        kind="value",
    ),
    Intended(
        reason="A source may be written as an import path wherever one is asked for.",
        endpoint="POST /code_repositories",
        sent=".*'source': '.*",
        path="status",
        kind="422 became 200",
    ),
    Intended(
        reason="A run's steps are found whatever its project; the peer looks in the default project.",
        endpoint=r"GET /runs/\{run_id\}/steps",
        path="items|ids|total|total_pages",
    ),
    Intended(
        reason="Linking again answers the whole link; the peer leaves its (empty) metadata out.",
        endpoint="POST /model_version_(artifacts|pipeline_runs)",
        path="metadata",
        kind="null became object",
    ),
    Intended(
        reason="Stages of model versions are checked when a version is made, too.",
        endpoint="POST /model_versions",
        sent=".*nonsense.*",
        path="status",
        kind="200 became 422",
    ),
    Intended(
        reason="Snapshots of local stacks have a schema of their run configuration, since they can be run.",
        endpoint="GET /pipeline_snapshots/.*",
        path=r"metadata\.config_(schema|template)",
        kind="null became object",
    ),
    Intended(
        reason="More can be sorted by: what runs and artifact versions hang on, the model, run or person of others, the kind of triggers.",
        endpoint="GET /(runs|artifact_versions|model_versions|run_wait_conditions|triggers)",
        sent=r".*'sort_by': '\w*:?(\w+_id|artifact|model|pipeline_run|resolved_by|flavor|type)'.*",
        path="status",
        kind="422 became 200",
    ),
    Intended(
        reason="`isnull:` and `not…` find what has none of something; the peer looks among what has one.",
        endpoint="GET .*",
        sent=r".*'(user|resolved_by|triggered_by_\w+|schedule_id|build_id)': '(isnull:|notequals:.*)'.*",
        path="ids|total|total_pages",
    ),
    Intended(
        reason="Texts and ids are greater or less than a number if they are numbers; the peer takes the digits that they begin with.",
        endpoint="GET .*",
        sent=r".*'(gt:0\.5|lte:5\.5)'.*",
        path="ids|total|total_pages",
    ),
]
