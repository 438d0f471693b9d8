"""The lists that an OpenAPI document describes, and the type of each of their filters."""

from __future__ import annotations

from typing import Any
from zlib import crc32

NOT_FILTERS = {"hydrate", "sort_by", "logical_operator", "page", "size", "project_name_or_id", "include_full_metadata", "model_name_or_id"}


class Lists:
    """The list operations of an OpenAPI document: the type of each filter."""

    def __init__(self, document: dict[str, Any], whole: bool) -> None:
        """`whole`: every value of every filter is asked for, not a part of them."""
        self.document = document
        self.whole = whole
        self.templates: dict[str, str] = {}

    def alias(self, path: str, template: str) -> None:
        """Names the document's template of a path with an id in it."""
        self.templates[path] = template

    def wanted(self, path: str, name: str, value: str) -> bool:
        """Whether to ask for this value of a filter: of a part, about one in twelve, always the same and others for each list.

        `value` names the value without the ids in it, which are made by chance.
        """
        return self.whole or crc32(f"{self.templates.get(path, path)} {name} {value}".encode()) % 12 == 0

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
