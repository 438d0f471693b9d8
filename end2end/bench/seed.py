"""Data for the benchmark: one run made through REST, then copied inside the SQLite files of the servers.

A copy has its own snapshot, steps, artifact version, logs, metadata and tags, as a real run has. Ids of copies are the
original's with a number in front, so that what belongs together stays together.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import build
from api import Api
from harness import Process
from lists import Lists

STATUS = (
    "case when n > {whole} then 'running' when n % 100 < 82 then 'completed' when n % 100 < 94 then 'failed' "
    "when n % 100 < 97 then 'stopped' else 'running' end"
)


def targets(total: int) -> int:
    """How many of the runs, the newest, have no steps yet: the targets of the requests that create steps."""
    return min(total // 4, 4000)


@dataclass(frozen=True)
class Model:
    """The run that is copied."""

    project: str
    run: str
    # The step that still runs.
    step: str


def make_model(server: Process) -> Model:
    """A run of two steps with an artifact between them, logs, metadata and tags, the same on every server."""
    api = Api(server, Lists({}, whole=False))
    project = api.get("/projects/default").id
    pipeline = build.pipeline(api, project)
    snapshot = build.snapshot(api, project, pipeline)
    run = build.run(api, project, snapshot, "model", tags=["nightly", "eu"])
    loader = build.step(api, project, run)
    version = build.artifact_version(api, project, "rows", save_type="step_output", artifact_store_id=build.artifact_store(api))
    api.put(f"/steps/{loader}", {"status": "completed", "end_time": build.END, "outputs": {"output": [version]}})
    inputs = {"rows": [{"id": version, "type": "step_output", "input_type": "step_output"}]}
    trainer = api.post("/steps", build.step_request(project, run, "model_trainer", inputs=inputs))
    if trainer.status != 200:
        trainer = api.post("/steps", build.step_request(project, run, "model_trainer"))
    resources = [{"id": run, "type": "pipeline_run"}]
    api.post("/run-metadata", {"project": project, "resources": resources, "values": {"accuracy": 0.9}, "types": {"accuracy": "float"}})
    return Model(project, run, trainer.id)


@dataclass(frozen=True)
class Table:
    """How rows of a table are copied: which columns hold ids of things that are copied too, and what else differs."""

    name: str
    ids: tuple[str, ...]
    # Only rows that hang on the model run; `run`, `snapshot` and `steps` are bound.
    where: str
    other: dict[str, str]
    of_steps: bool = False


DARKROOM = [
    Table("pipeline_snapshots", ("id",), "id = :snapshot", {"name": "case when n % 10 = 0 then 'nightly-' || n end"}),
    Table(
        "pipeline_runs", ("id", "snapshot_id"), "id = :run",
        {"name": "'run-' || n", "orchestrator_run_id": "'run-' || n", "run_index": "n", "status": STATUS, "in_progress": f"({STATUS}) = 'running'"},
    ),
    Table("step_runs", ("id", "pipeline_run_id", "snapshot_id"), "pipeline_run_id = :run", {}, of_steps=True),
    Table("step_run_parents", ("parent_id", "child_id"), "child_id in {steps}", {}, of_steps=True),
    Table("artifact_versions", ("id",), "id in {versions}", {"version": "cast(n as text)", "version_number": "n"}, of_steps=True),
    Table("step_run_inputs", ("step_run_id", "artifact_version_id"), "step_run_id in {steps}", {}, of_steps=True),
    Table("step_run_outputs", ("step_run_id", "artifact_version_id"), "step_run_id in {steps}", {}, of_steps=True),
    Table("run_metadata", ("id", "resource_id"), "resource_id = :run", {}),
    Table("tag_resources", ("id", "resource_id"), "resource_id = :run", {}),
]

PEER = [
    Table("pipeline_snapshot", ("id",), "id = :snapshot", {"name": "case when n % 10 = 0 then 'nightly-' || n end"}),
    Table("step_configuration", ("id", "snapshot_id"), "snapshot_id = :snapshot", {}),
    Table(
        "pipeline_run", ("id", "snapshot_id"), "id = :run",
        {"name": "'run-' || n", "orchestrator_run_id": "'run-' || n", "index": "n", "status": STATUS, "in_progress": f"({STATUS}) = 'running'"},
    ),
    Table("step_run", ("id", "pipeline_run_id", "snapshot_id"), "pipeline_run_id = :run", {}, of_steps=True),
    Table("step_run_parents", ("parent_id", "child_id"), "child_id in {steps}", {}, of_steps=True),
    Table("artifact_version", ("id",), "id in {versions}", {"version": "cast(n as text)", "version_number": "n"}, of_steps=True),
    Table("step_run_input_artifact", ("step_id", "artifact_id"), "step_id in {steps}", {}, of_steps=True),
    Table("step_run_output_artifact", ("step_id", "artifact_id"), "step_id in {steps}", {}, of_steps=True),
    Table("run_metadata", ("id",), "id in (select run_metadata_id from run_metadata_resource where resource_id = :run)", {}),
    Table("run_metadata_resource", ("id", "resource_id", "run_metadata_id"), "resource_id = :run", {}),
    Table("tag_resource", ("id", "resource_id"), "resource_id = :run", {}),
]

# What SQLite misses of the peer's schema: its lists look these up, and MySQL indexes foreign keys by itself.
PEER_INDEXES = [
    "step_run (pipeline_run_id)", "step_run (snapshot_id)", "step_run_input_artifact (step_id)", "step_run_input_artifact (artifact_id)",
    "step_run_output_artifact (artifact_id)", "step_run_parents (child_id)", "logs (pipeline_run_id)", "logs (step_run_id)",
    "artifact_visualization (artifact_version_id)", "pipeline_run (stack_id)", "pipeline_run (parent_run_id)", "pipeline_run (root_run_id)",
    "pipeline_run (project_id, status, created, id)", "pipeline_snapshot (pipeline_id)", "step_configuration (snapshot_id)",
    "run_metadata_resource (run_metadata_id)", "artifact_version (artifact_id, created)",
]


def add_peer_indexes(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        for number, columns in enumerate(PEER_INDEXES):
            connection.execute(f"create index bench_{number} on {columns}")
        connection.execute("analyze")


def copies(original: str, number: int) -> str:
    """The id of a copy, as it is written on the wire."""
    digits = f"{number:08x}" + original.replace("-", "")[8:]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def grow(database: Path, model: Model, total: int, tables: list[Table]) -> None:
    """Copies the model run until there are `total`."""
    darkroom = tables is DARKROOM
    run_table, step_table = ("pipeline_runs", "step_runs") if darkroom else ("pipeline_run", "step_run")
    outputs, step, version = ("step_run_outputs", "step_run_id", "artifact_version_id") if darkroom else ("step_run_output_artifact", "step_id", "artifact_id")
    connection = sqlite3.connect(database, isolation_level=None)
    # The file is thrown away if this fails: nothing has to be written twice.
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    connection.execute("pragma cache_size = -400000")
    connection.execute("pragma temp_store = memory")
    connection.execute("pragma threads = 2")
    run = model.run.replace("-", "")
    (snapshot,) = connection.execute(f"select snapshot_id from {run_table} where id = ?", (run,)).fetchone()
    bound = {"run": run, "snapshot": snapshot}
    steps = f"(select id from {step_table} where pipeline_run_id = :run)"
    places = {"steps": steps, "versions": f"(select {version} from {outputs} where {step} in {steps})", "whole": total - targets(total)}
    # Indexes are quicker to make in one go than to keep current row by row; so are the totals that triggers keep.
    kind = "select type, name, sql from sqlite_master where type in ('index', 'trigger') and sql is not null"
    dropped = connection.execute(kind).fetchall()
    for what, name, _ in dropped:
        connection.execute(f'drop {what} "{name}"')
    connection.execute("begin")
    for table in tables:
        last = places["whole"] if table.of_steps else total
        connection.execute(f"create temp table originals as select * from {table.name} where {table.where.format(**places)}", bound)
        columns = [row[1] for row in connection.execute(f"pragma table_info({table.name})")]
        values = ", ".join(value(column, table, places, darkroom) for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        numbers = f"with recursive numbers (n) as (select 2 union all select n + 1 from numbers where n < {last})"
        connection.execute(f"insert into {table.name} ({names}) {numbers} select {values} from numbers cross join originals")
        connection.execute("drop table originals")
    if darkroom:
        connection.execute("delete from pipeline_run_counts")
        counts = "select project_id, coalesce(pipeline_id, ''), status, count(*) from pipeline_runs group by 1, 2, 3"
        connection.execute(f"insert into pipeline_run_counts (project_id, pipeline_id, status, total) {counts}")
        # Counted anew at the next start.
        connection.execute("delete from row_counts")
        connection.execute(f"update artifacts set version_count = {total}")
        connection.execute("update pipelines set run_count = (select count(*) from pipeline_runs r where r.pipeline_id = pipelines.id)")
    else:
        connection.execute("update pipeline set run_count = (select count(*) from pipeline_run r where r.pipeline_id = pipeline.id)")
    connection.execute("commit")
    for _, _, sql in dropped:
        connection.execute(sql)
    connection.execute("pragma journal_mode = wal" if darkroom else "pragma journal_mode = delete")
    connection.close()


def value(column: str, table: Table, places: dict[str, object], darkroom: bool) -> str:
    """The SQL expression of a copy's column."""
    if column in table.ids:
        return f"printf('%08x', n) || substr(\"{column}\", 9)"
    if column in table.other:
        return table.other[column].format(**places)
    if column in ("created", "updated"):
        separator = "T" if darkroom else " "
        return f"strftime('%Y-%m-%d{separator}%H:%M:%S', '2025-01-01 00:00:00', (n * 20) || ' seconds') || '.000000'"
    return f'"{column}"'
