"""Load and what it costs: `oha` for the requests, /proc for processor time and memory."""

from __future__ import annotations

import csv
import http.client
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

# Seconds that bodies are sent once each: the peer would take minutes for all of them.
LONGEST = 30


def oha() -> str:
    found = os.environ.get("OHA") or shutil.which("oha")
    assert found, "oha is missing: cargo install oha, or set OHA"
    return found


@dataclass(frozen=True)
class Endpoint:
    """A request, or many alike: `paths` are taken at random; each of several `bodies` is sent once."""

    name: str
    paths: list[str]
    method: str = "GET"
    bodies: list[str] = field(default_factory=list)
    content_type: str = "application/json"


@dataclass(frozen=True)
class Measured:
    """One window: milliseconds of each answered request, and what else happened."""

    rate: float
    p50: float
    p95: float
    requests: int
    bytes: int
    errors: int
    # Share of one core that neither the server nor the load took, in percent.
    foreign: float


def processor_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def busy_seconds() -> float:
    words = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(words[:8]) - words[3] - words[4]) / TICKS


def memory(pid: int) -> float:
    """Resident megabytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Meter:
    """Processor time in a window that neither the server nor the load took."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began, self.busy, self.used = time.monotonic(), busy_seconds(), processor_seconds(pid) + self._load()

    @staticmethod
    def _load() -> float:
        """Seconds of this process and of what it started."""
        return sum(os.times()[:4])

    def read(self) -> tuple[float, float]:
        """Seconds since the beginning, and the foreign share of one core in percent."""
        elapsed = time.monotonic() - self.began
        foreign = busy_seconds() - self.busy - (processor_seconds(self.pid) + self._load() - self.used)
        return elapsed, max(0.0, 100 * foreign / elapsed)


def measured(name: str, answers: list[tuple[float, int, bool]], elapsed: float, foreign: float) -> Measured:
    """From (milliseconds, bytes, success) of each request."""
    good = [answer for answer in answers if answer[2]]
    assert good, f"{name}: none of {len(answers)} requests succeeded"
    latencies = sorted(answer[0] for answer in good)
    at = lambda share: latencies[min(int(len(latencies) * share), len(latencies) - 1)]
    return Measured(len(good) / elapsed, at(0.5), at(0.95), len(good), good[0][1], len(answers) - len(good), foreign)


def measure(url: str, pid: int, endpoint: Endpoint, connections: int, seconds: float, token: str) -> Measured:
    """One window of closed-loop load by `oha`; latencies are raw, one for each request."""
    with tempfile.TemporaryDirectory() as folder:
        results, urls = Path(folder, "results.csv"), Path(folder, "urls")
        urls.write_text("\n".join(url + path for path in endpoint.paths))
        command = [oha(), "--no-tui", "-c", str(connections), "-z", f"{seconds}s", "-w", "-m", endpoint.method, "--disable-compression"]
        command += ["--output-format", "csv", "-o", str(results), "-H", f"Authorization: Bearer {token}", "-t", "60s"]
        command += ["-d", endpoint.bodies[0], "-T", endpoint.content_type] if endpoint.bodies else []
        command += ["--urls-from-file", str(urls)] if len(endpoint.paths) > 1 else [url + endpoint.paths[0]]
        meter = Meter(pid)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        elapsed, foreign = meter.read()
        with results.open() as lines:
            rows = list(csv.DictReader(lines))
    answers = [(float(row["request-duration"]) * 1000, int(row["bytes"]), row["status"].startswith("2")) for row in rows]
    return measured(endpoint.name, answers, elapsed, foreign)


def measure_once_each(url: str, pid: int, endpoint: Endpoint, connections: int, bodies: list[str], token: str) -> Measured:
    """Each body sent at most once, for half a minute at most. `oha` cannot do that: it takes lines at random."""
    host = url.removeprefix("http://")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": endpoint.content_type}
    waiting, answers = queue.SimpleQueue(), []
    for body in bodies:
        waiting.put(body)

    def work() -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not waiting.empty() and time.perf_counter() < end:
            try:
                body = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.perf_counter()
            connection.request(endpoint.method, endpoint.paths[0], body, headers)
            answer = connection.getresponse()
            text = answer.read()
            answers.append(((time.perf_counter() - began) * 1000, len(text), answer.status == 200))

    threads = [threading.Thread(target=work) for _ in range(connections)]
    end = time.perf_counter() + LONGEST
    meter = Meter(pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured(endpoint.name, answers, *meter.read())
