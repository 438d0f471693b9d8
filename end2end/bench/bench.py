"""Measures Darkroom beside the peer, on the same data in the same minutes, and writes BENCHMARKS.md: `python bench.py`.

    bench.py [--sizes 2000,20000] [--large 1000000] [--seconds 5] [--only PATTERN] [--folder FOLDER [--seed | --add]]

The data takes longer to make than the measuring does: with `--folder` it is kept there for the next time, and `--seed` makes it and
measures nothing. `--add` keeps the measurements of other sizes, so that a long benchmark can be taken in parts.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "replay"), str(HERE.parent / "conform")]

from harness import ADMIN_PASSWORD, Process, Server
from load import Endpoint, Measured, measure, measure_once_each, memory
from peer import Peer
from seed import DARKROOM, PEER, Model, Table, add_peer_indexes, copies, grow, make_model, targets

CONNECTIONS = (1, 16)
STARTS = 3
# Turns that the smallest and the largest database take.
ROUNDS = 5
RUNS = "/api/v1/runs"


def endpoints(model: Model, total: int) -> list[Endpoint]:
    """What is measured. Runs and steps that are read by id are many different ones."""
    whole = total - targets(total)
    numbers = [2 + (whole - 2) * part // 200 for part in range(200)]
    running = [number for number in range(2, whole) if number % 100 >= 97][:200]
    runs = [copies(model.run, number) for number in numbers]
    newest = "sort_by=desc:created&size=20"
    bodies = [
        json.dumps({
            "project": model.project, "name": "data_loader", "pipeline_run_id": copies(model.run, number), "status": "running",
            "start_time": "2026-01-02T03:04:05", "inputs": {}, "outputs": {},
        })
        for number in range(whole + 1, total + 1)
    ]
    login = f"username=admin&password={ADMIN_PASSWORD}"
    return [
        Endpoint("runs list", [f"{RUNS}?{newest}&hydrate=false"]),
        Endpoint("runs list, hydrated", [f"{RUNS}?{newest}&hydrate=true"]),
        Endpoint("runs list, status=failed", [f"{RUNS}?{newest}&status=failed"]),
        Endpoint("runs list, oldest first", [f"{RUNS}?sort_by=asc:created&size=20"]),
        Endpoint("snapshots list", [f"/api/v1/pipeline_snapshots?{newest}"]),
        Endpoint("named snapshots list", [f"/api/v1/pipeline_snapshots?{newest}&named_only=true"]),
        Endpoint("steps list", [f"/api/v1/steps?{newest}"]),
        Endpoint("artifact versions list", [f"/api/v1/artifact_versions?{newest}"]),
        Endpoint("run detail", [f"{RUNS}/{run}?hydrate=true" for run in runs]),
        Endpoint("run DAG", [f"{RUNS}/{run}/dag" for run in runs]),
        Endpoint("step create", ["/api/v1/steps"], "POST", bodies),
        Endpoint("step update", [f"/api/v1/steps/{copies(model.step, number)}" for number in running], "PUT", ['{"status": "running"}']),
        Endpoint("login", ["/api/v1/login"], "POST", [login], "application/x-www-form-urlencoded"),
    ]


@dataclass
class Subject:
    """A server under load, with what was measured of it."""

    name: str
    total: int
    server: Process
    model: Model
    starts: list[float]
    idle: float = 0.0
    loaded: float = 0.0


def start(server: Process) -> float:
    """Starts a server; the seconds until it answers."""
    began = time.monotonic()
    server.launch()
    while time.monotonic() < began + 120:
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except OSError:
            time.sleep(0.002)
    raise AssertionError(f"the server does not answer\n{server.tail()}")


def seed(name: str, total: int, server: Process, database: Path, tables: list[Table], then: Callable[[Path], None], kept: Path | None) -> Model:
    """Fills a server's folder with its data, from a kept copy if there is one. The path is the same each time: the peer notes it."""
    note = server.folder / "model.json"
    if kept and kept.exists():
        shutil.copytree(kept, server.folder, dirs_exist_ok=True)
        return Model(**json.loads(note.read_text()))
    start(server)
    model = make_model(server)
    server.stop()
    began = time.monotonic()
    grow(database, model, total, tables)
    then(database)
    print(f"{name}, {total:,} runs: seeded in {time.monotonic() - began:.0f} s", flush=True)
    note.write_text(json.dumps(vars(model)))
    if kept:
        shutil.copytree(server.folder, kept)
    return model


def filled(root: Path, name: str, total: int, options: argparse.Namespace) -> tuple[Process, Model]:
    """A server with so many runs, not started."""
    label = f"{name.replace(' ', '-')}-{total}"
    if name == "Darkroom":
        (root / "stores").mkdir(parents=True, exist_ok=True)
        server = Server(root / "work" / label, local_stores=root / "stores")
        how = (server.folder / "data/darkroom.db", DARKROOM, lambda _: None)
    else:
        server = Peer(root / "work" / label)
        how = (server.database, PEER, add_peer_indexes if "indexes" in name else lambda _: None)
    return server, seed(name, total, server, *how, root / "kept" / label if options.folder else None)


def measure_start(name: str, total: int, server: Process, model: Model) -> Subject:
    """The server, started several times; it runs then."""
    subject = Subject(name, total, server, model, [])
    for _ in range(STARTS - 1):
        subject.starts.append(start(server))
        server.stop()
    subject.starts.append(start(server))
    time.sleep(2)
    subject.idle = memory(server.process.pid)
    return subject


def run(subject: Subject, only: str, seconds: float) -> dict[tuple[str, int], Measured]:
    """Every endpoint with every number of connections, after a warm-up."""
    token = subject.server.rest().token
    results = {}
    for endpoint in endpoints(subject.model, subject.total):
        if not re.search(only, endpoint.name):
            continue
        for connections in CONNECTIONS:
            where = (subject.server.url, subject.server.process.pid, endpoint, connections)
            if len(endpoint.bodies) > 1:
                part = len(endpoint.bodies) // 4
                bodies = endpoint.bodies[:part] if connections == 1 else endpoint.bodies[part:]
                result = measure_once_each(*where, bodies, token)
            else:
                measure(*where, 1, token)
                result = measure(*where, seconds, token)
            results[endpoint.name, connections] = result
            subject.loaded = max(subject.loaded, memory(subject.server.process.pid))
            print(
                f"{subject.name:24} {subject.total:>9,} {endpoint.name:26} c={connections:<2} {result.rate:9.1f}/s p50 {result.p50:8.2f} ms "
                f"p95 {result.p95:8.2f} ms n={result.requests} errors={result.errors} foreign={result.foreign:.0f} %", flush=True,
            )
    return results


def growth(small: Subject, large: Subject, only: str, seconds: float) -> list[dict]:
    """The latencies of what is read, in both databases by turns: the machine is not as fast in one minute as in the next."""
    latencies: dict[str, tuple[list[float], list[float]]] = {}
    for _ in range(ROUNDS):
        for place, subject in enumerate((small, large)):
            token = subject.server.rest().token
            for endpoint in endpoints(subject.model, subject.total):
                if endpoint.method == "GET" and re.search(only, endpoint.name):
                    where = (subject.server.url, subject.server.process.pid, endpoint, 1)
                    measure(*where, 1, token)
                    result = measure(*where, seconds, token)
                    assert not result.errors, endpoint.name
                    latencies.setdefault(endpoint.name, ([], []))[place].append(result.p50)
    medians = {name: [statistics.median(values) for values in both] for name, both in latencies.items()}
    return [{"endpoint": name, "small": before, "large": after} for name, (before, after) in medians.items()]


def machine() -> str:
    """The machine, in a sentence."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    cores = info.count("processor\t")
    memory_kb = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1))
    system = subprocess.run(["uname", "-sr"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return f"{model.group(1) if model else 'unknown processor'}, {cores} cores, {memory_kb / 1024 / 1024:.0f} GB, {system}"


def measure_growth(root: Path, size: int, large: Subject, options: argparse.Namespace) -> dict:
    """The largest database beside one of this size, which is made for it."""
    server, model = filled(root, "Darkroom", size, options)
    small = Subject("Darkroom", size, server, model, [start(server)])
    try:
        return {"sizes": [size, large.total], "rows": growth(small, large, options.only, options.seconds)}
    finally:
        server.stop()


def keep(record: dict, subject: Subject, results: dict[tuple[str, int], Measured], out: Path) -> None:
    """Writes down what was measured of a server, beside what there is of others."""
    record["subjects"].append({
        "name": subject.name, "total": subject.total, "start": statistics.median(subject.starts), "idle": subject.idle, "loaded": subject.loaded,
        "results": [{"endpoint": name, "connections": connections} | vars(result) for (name, connections), result in results.items()],
    })
    record["subjects"].sort(key=lambda one: one["total"])
    out.write_text(json.dumps(record, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="2000,20000")
    parser.add_argument("--large", type=int, default=1_000_000, help="runs of the largest database, for Darkroom alone; 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=HERE / "results.json", help="where the measurements are kept; report.py reads them")
    parser.add_argument("--folder", type=Path, help="where data is kept for the next time")
    parser.add_argument("--seed", action="store_true", help="only make the data")
    parser.add_argument("--add", action="store_true", help="keep the measurements of other sizes")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    record = {"machine": machine(), "time": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC", "seconds": options.seconds, "subjects": []}
    if options.add and options.out.exists():
        others = [subject for subject in json.loads(options.out.read_text())["subjects"] if subject["total"] not in [*sizes, options.large]]
        record["subjects"] = others
        record["growth"] = json.loads(options.out.read_text()).get("growth")
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as temporary:
        root = (options.folder or Path(temporary)).resolve()
        plan: list[tuple[str, int]] = [(name, size) for size in sizes for name in ("peer", "peer with indexes", "Darkroom")]
        plan += [("Darkroom", options.large)] if options.large else []
        for name, total in plan:
            shutil.rmtree(root / "work", ignore_errors=True)
            server, model = filled(root, name, total, options)
            if options.seed:
                continue
            subject = measure_start(name, total, server, model)
            try:
                results = run(subject, options.only, options.seconds)
                keep(record, subject, results, options.out)
                if total == options.large:
                    record["growth"] = measure_growth(root, min(sizes, default=2000), subject, options)
                    options.out.write_text(json.dumps(record, indent=1))
            finally:
                subject.server.stop()
        shutil.rmtree(root / "work", ignore_errors=True)
    if options.seed:
        return
    subprocess.run([sys.executable, HERE / "report.py", options.out], check=True)


if __name__ == "__main__":
    main()
