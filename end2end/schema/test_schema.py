"""The server does what `/openapi.json` says: schemathesis sends it requests made from the description, right and wrong ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness import Server

HERE = Path(__file__).resolve().parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_answers_are_described(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", tmp_path / "stores", runner_python=None).start()
    try:
        rest = server.rest()
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml")]
        command += ["run", f"{server.url}/openapi.json", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"]
        # Deterministic stands for a fixed seed; the number of examples ends the run, not the time, so that every machine
        # sends the same. With more than one worker the tool itself breaks now and then.
        command += ["--generation-deterministic", "--max-examples", "5", "--workers", "1", "--no-shrink"]
        command += ["--generation-with-security-parameters", "false", "--continue-on-failure"]
        command += ["--header", f"Authorization: Bearer {rest.token}"]
        command += ["--suppress-health-check", "all", "--request-timeout", "20", "--no-color"]
        assert subprocess.run(command, cwd=tmp_path, timeout=300).returncode == 0, server.tail()
        assert server._ready()
    finally:
        server.stop()
