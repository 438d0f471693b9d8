"""Prints the service connector types of the installed zenml as the catalogue that the server embeds.

    python end2end/scripts/connector_types.py > src/server/service/service_connector_types.json

Packages of the clouds need not be installed: whatever zenml's connector modules import and is missing is replaced by an
empty stand-in, because the specifications are plain data. Descriptions are left out; names, methods, resource types and
configuration schemas are kept.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
from typing import Any
from unittest.mock import MagicMock

MODULES = [
    "zenml.integrations.aws.service_connectors.aws_service_connector",
    "zenml.integrations.gcp.service_connectors.gcp_service_connector",
    "zenml.integrations.azure.service_connectors.azure_service_connector",
    "zenml.integrations.kubernetes.service_connectors.kubernetes_service_connector",
    "zenml.service_connectors.docker_service_connector",
    "zenml.service_connectors.oauth2_service_connector",
    "zenml.integrations.hyperai.service_connectors.hyperai_service_connector",
]
CLOUD_PACKAGES = {
    "aws_profile_manager", "azure", "boto3", "botocore", "docker", "google", "googleapiclient", "kubernetes", "paramiko",
}


class StandIn(MagicMock):
    """A module whose every attribute exists; classes derived from its attributes are plain classes."""

    __path__: list[str] = []

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the packages of the clouds, after every real finder has failed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in CLOUD_PACKAGES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        return StandIn(name=spec.name)

    def exec_module(self, module: Any) -> None:
        pass


def without_descriptions(value: Any, in_properties: bool = False) -> Any:
    """The same schema without its prose; a property may itself be called `description`."""
    if isinstance(value, list):
        return [without_descriptions(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if in_properties or key != "description" or not isinstance(item, str)}
    return {key: without_descriptions(item, in_properties=key in ("properties", "$defs") and not in_properties) for key, item in kept.items()}


def described(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with an empty description where it had one: clients may show the field, but the prose is not ours."""
    return {key: "" if key == "description" else item for key, item in entry.items()}


def entry(specification: Any) -> dict[str, Any]:
    kind = described(specification.model_dump(mode="json"))
    kind["resource_types"] = [described(item) for item in kind["resource_types"]]
    methods = [described(item) for item in kind["auth_methods"]]
    for method in methods:
        method["config_schema"] = without_descriptions(method["config_schema"])
    kind["auth_methods"] = methods
    kind["local"], kind["remote"] = True, False
    return kind


def main() -> None:
    sys.meta_path.append(StandIns())
    from zenml.service_connectors.service_connector_registry import service_connector_registry

    service_connector_registry.initialized = True
    for module in MODULES:
        importlib.import_module(module)
    known = list(service_connector_registry.service_connector_types.values())
    known.sort(key=lambda kind: MODULES.index(kind.connector_class.__module__))
    types = [entry(kind) for kind in known]
    print("[")
    print(",\n".join(json.dumps(kind, ensure_ascii=False) for kind in types))
    print("]")


if __name__ == "__main__":
    main()
