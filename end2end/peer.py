"""The peer: the stock server of the `zenml` package, on SQLite in a folder of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import ADMIN_PASSWORD, REPOSITORY, Process, Rest


def peer_python() -> str:
    """The interpreter of the peer's environment: `PEER_PYTHON`, else the cached one, made when it is missing."""
    script = REPOSITORY / "end2end/scripts/python.sh"
    return subprocess.run([script, "peer"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


@dataclass
class Peer(Process):
    """ZenML's server, with the admin that Darkroom has in tests, and allowed to read local files as Darkroom is."""

    server_name: str = "peer"
    # Whether it has the routes that launch runs: they come with its workload manager for tests.
    launches: bool = False
    # The key of its secrets, where they have to be read later.
    encryption_key: str | None = None

    @property
    def local_stores(self) -> Path:
        return self.folder / "local_stores"

    @property
    def database(self) -> Path:
        """Its SQLite file, which outlives the process."""
        return self.local_stores / "default_zen_store/zenml.db"

    def _command(self) -> list[str]:
        application = "zenml.zen_server.zen_server_api:app"
        return [peer_python(), "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"]

    def _variables(self) -> dict[str, str]:
        variables = {
            "ZENML_CONFIG_PATH": str(self.folder / "config"),
            "ZENML_LOCAL_STORES_PATH": str(self.local_stores),
            "ZENML_ANALYTICS_OPT_IN": "false",
            "ZENML_LOGGING_VERBOSITY": "WARN",
            "ZENML_DEFAULT_USER_NAME": "admin",
            "ZENML_DEFAULT_USER_PASSWORD": ADMIN_PASSWORD,
            "ZENML_SERVER_AUTO_ACTIVATE": "true",
            "ZENML_SERVER_SERVER_NAME": self.server_name,
            "ZENML_SERVER_DEPLOYMENT_TYPE": "other",
            "ZENML_SERVER_ALLOW_LOCAL_FILE_ACCESS": "true",
        }
        if self.launches:
            manager = "zenml.zen_server.pipeline_execution.in_memory_workload_manager.InMemoryWorkloadManager"
            variables["ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE"] = manager
        if self.encryption_key:
            variables |= {"ZENML_SECRETS_STORE_TYPE": "sql", "ZENML_SECRETS_STORE_ENCRYPTION_KEY": self.encryption_key}
        return variables

    def rest(self, user: str = "admin", password: str = ADMIN_PASSWORD) -> Rest:
        return Rest(self.url, user, password)
