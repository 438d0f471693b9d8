"""The lists that an OpenAPI document describes, and the type of each of their filters."""

from __future__ import annotations

from typing import Any

NOT_FILTERS = {"hydrate", "sort_by", "logical_operator", "page", "size", "project_name_or_id", "include_full_metadata", "model_name_or_id"}


class Lists:
    """The list operations of an OpenAPI document: the type of each filter."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.templates: dict[str, str] = {}

    def alias(self, path: str, template: str) -> None:
        """Names the document's template of a path with an id in it."""
        self.templates[path] = template

    def filters(self, path: str) -> dict[str, str]:
        """Name and type (id, text, number, time, flag) of each filter of `GET path`."""
        parameters = self.document["paths"][f"/api/v1{self.templates.get(path, path)}"]["get"]["parameters"]
        return {
            parameter["name"]: filter_type(parameter["schema"])
            for parameter in parameters
            if parameter["in"] == "query" and parameter["name"] not in NOT_FILTERS
        }


def filter_type(schema: dict[str, Any]) -> str:
    kinds = [option.get("format") or option.get("type") for option in schema.get("anyOf", [schema])]
    for kind, name in (("uuid", "id"), ("date-time", "time"), ("boolean", "flag"), ("integer", "number"), ("number", "number")):
        if kind in kinds:
            return name
    return "text"
