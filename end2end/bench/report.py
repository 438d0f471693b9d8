"""Writes BENCHMARKS.md from measurements: `python report.py results.json`. Notes stand in notes.md, which people write."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PEER, INDEXED, DARKROOM = "peer", "peer with indexes", "Darkroom"
# What issue 3 asks for, beside the peer in the same run at 16 connections.
AIMS = "Aims: 100 times the peer's requests per second and 1/50 of its p95 on lists and details at 16 connections, 1/8 of its memory, 1/50 of its start; lists of 1,000,000 runs at most 1.3 times as long as of 2,000."

Row = dict[str, Any]


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(value: float) -> str:
    return f"{number(value)} ×"


class Subject:
    """A server with a database of one size."""

    def __init__(self, record: Row) -> None:
        self.record = record
        self.rows = {(row["endpoint"], row["connections"]): row for row in record["results"]}

    def cell(self, key: tuple[str, int]) -> str:
        row = self.rows.get(key)
        return f"{number(row['rate'])} · {number(row['p50'])} · {number(row['p95'])}" if row else "-"


def comparison(size: int, subjects: dict[str, Subject], connections: int) -> str:
    """One table: a row for each endpoint, Darkroom beside the peer with and without the indexes it misses."""
    darkroom = subjects[DARKROOM]
    rows = []
    for name, count in darkroom.rows:
        if count != connections:
            continue
        cells, ratios = [], []
        for peer in (PEER, INDEXED):
            if peer not in subjects:
                continue
            cells.append(subjects[peer].cell((name, count)))
            theirs, ours = subjects[peer].rows.get((name, count)), darkroom.rows[name, count]
            ratios.append(f"{times(ours['rate'] / theirs['rate'])}, {times(theirs['p95'] / ours['p95'])}" if theirs else "-")
        rows.append([name, *cells, darkroom.cell((name, count)), *ratios])
    peers = [peer for peer in (PEER, INDEXED) if peer in subjects]
    header = ["requests/s · p50 ms · p95 ms", *peers, DARKROOM, *[f"against the {peer}: requests/s, p95" for peer in peers]]
    return f"### {size:,} runs, {connections} connection{'s' if connections > 1 else ''}\n\n{table(header, rows)}"


def growth(record: Row) -> str:
    """How Darkroom's latencies grow with its database."""
    rows = [[row["endpoint"], number(row["small"]), number(row["large"]), times(row["large"] / row["small"])] for row in record["rows"]]
    small, large = (f"{size:,} runs" for size in record["sizes"])
    table_of_both = table(["p50 ms, 1 connection", small, large, "ratio"], rows)
    return f"## Darkroom from {small} to {large}\n\nMeasured by turns, medians of the turns.\n\n{table_of_both}"


def costs(subjects: list[Subject]) -> str:
    rows = [
        [f"{s.record['name']}, {s.record['total']:,} runs", f"{s.record['start'] * 1000:,.0f} ms", f"{s.record['idle']:,.0f} MB", f"{s.record['loaded']:,.0f} MB"]
        for s in subjects
    ]
    return "## Start and memory\n\n" + table(["", "start to first answer", "memory idle", "under load"], rows)


def main() -> None:
    record = json.loads(Path(sys.argv[1]).read_text())
    subjects = [Subject(entry) for entry in record["subjects"]]
    by_size: dict[int, dict[str, Subject]] = {}
    for subject in subjects:
        by_size.setdefault(subject.record["total"], {})[subject.record["name"]] = subject
    foreign = [row["foreign"] for subject in subjects for row in subject.rows.values()]
    errors = sum(row["errors"] for subject in subjects for row in subject.rows.values())
    parts = [
        "# Benchmarks\n\nWritten by `make bench`. The peer is the stock server of `zenml==0.98.0`, one process, on SQLite; Darkroom is one process on "
        "SQLite. Both have the same data: copies of one run with its snapshot, two steps, an artifact version, metadata and tags. \"With indexes\" is "
        "the peer with the indexes added that SQLite lacks of its schema.\n\n"
        f"{record['machine']}; {record['time']}; windows of {record['seconds']:g} s after a warm-up, closed loop, raw latencies of each request (`oha`), "
        f"answers not compressed; the load runs on the same machine. Processor time taken by anything else during the windows: median "
        f"{sorted(foreign)[len(foreign) // 2]:.0f} %, at most {max(foreign):.0f} % of one core. Requests that failed: {errors}.\n\n{AIMS}",
        costs(subjects),
    ]
    for size, found in by_size.items():
        if PEER in found and DARKROOM in found:
            parts += [comparison(size, found, connections) for connections in (16, 1)]
    if record.get("growth"):
        parts.append(growth(record["growth"]))
    notes = HERE / "notes.md"
    parts += [notes.read_text().strip()] if notes.exists() else []
    text = "\n\n".join(parts) + "\n"
    (HERE / "BENCHMARKS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
