"""`serve --demo` on an empty data folder: a newcomer finds a finished run and a snapshot that runs, in an environment made for it."""

from pathlib import Path

from harness import Server, wait_until


def test_first_start(tmp_path: Path) -> None:
    stores = tmp_path / "home/.config/zenml/local_stores"
    server = Server(
        tmp_path / "server", stores, options=["--demo"], environment={"HOME": str(tmp_path / "home")}, runner_python=None,
    ).start()
    try:
        rest = server.rest()

        def named() -> list[dict]:
            return rest.items("/pipeline_snapshots", project="default", named_only=True)

        snapshot = wait_until(named, 180, lambda: f"the sample is there\n{server.tail()}")[0]
        assert snapshot["name"] == "print-quality"
        assert snapshot["body"]["runnable"] is True
        first = rest.items("/runs", project="default")[0]
        assert first["body"]["status"] == "completed"

        run = rest.post(
            f"/pipeline_snapshots/{snapshot['id']}/runs",
            {"steps": {"model_trainer": {"parameters": {"model_type": "quadratic"}}}},
        )
        rest.wait_for_run(run["id"])
        judged = {step["name"]: step for step in rest.items("/steps", pipeline_run_id=run["id"], project="default", hydrate=True)}
        metadata = judged["evaluator"]["metadata"]["run_metadata"]
        assert metadata["model_type"] == "quadratic"
        assert metadata["accuracy"] > 0.9
        assert len(list((tmp_path / "server/data/environments").iterdir())) == 1, "the launched run shares the sample's environment"

        # The next start makes nothing twice.
        server.stop()
        server.start()
        rest = server.rest()
        assert len(rest.items("/runs", project="default")) == 2
        assert "no sample pipeline" not in server.log.read_text()
    finally:
        server.stop()
