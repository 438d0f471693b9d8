"""Puts a snapshot's code in place and hands over to ZenML's own runner.

Darkroom writes this file into a run's folder and starts it there with `--snapshot_id` and `--run_id`. The working
directory holds the unpacked code of the snapshot, or nothing where the code comes from elsewhere.
"""

import os
import signal
import sys


def end_on_signal(number, frame):
    # Once: what is being tidied up is not interrupted by a second signal.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main():
    root = os.getcwd()
    sys.path[0] = root

    from zenml.execution.pipeline.utils import prevent_pipeline_execution
    from zenml.integrations.registry import integration_registry
    from zenml.utils import code_utils, source_utils
    from zenml.zen_server.pipeline_execution.runner_entrypoint_configuration import (
        RunnerEntrypointConfiguration,
    )

    class Runner(RunnerEntrypointConfiguration):
        def run(self):
            snapshot = self.snapshot
            if snapshot.code_path:
                code_utils.download_code_from_artifact_store(
                    snapshot.code_path, self._load_active_artifact_store()
                )
            elif snapshot.code_reference:
                self.download_code_from_code_repository(snapshot.code_reference)
            else:
                source_utils.set_custom_source_root(root)
            integration_registry.activate_integrations()
            super().run()

    # A module of the user's may call its pipeline when it is imported.
    with prevent_pipeline_execution():
        Runner(sys.argv[1:]).run()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_on_signal)
    main()
