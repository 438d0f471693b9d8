"""Every filter and sort key that the peer's OpenAPI document names for a list, with every operator that its type has."""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator

from api import Api, Order

ABSENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
# What the peer sorts by alone, without ids behind it.
UNTIED = {"user", "tags"}
PAST, FUTURE = "2020-01-01 00:00:00", "2199-01-01 00:00:00"


def middle(value: str) -> str:
    """A part of a text that no id has in it."""
    rest = value[len(value) // 3 :]
    return next((rest[:end] for end in range(max(1, len(value) // 3), len(rest)) if not set(rest[:end]) <= set("0123456789abcdef")), rest)


def text_values(value: str) -> Iterator[str]:
    part = middle(value)
    yield value
    for operator in ("equals", "notequals"):
        yield f"{operator}:{value}"
    yield from (f"contains:{part}", f"contains:{part.upper()}", f"notcontains:{part}")
    yield from (f"startswith:{value[:3]}", f"endswith:{value[-3:]}", f"startswith:{value[-3:]}")
    yield from (f"oneof:{json.dumps([value, 'absent'])}", f"notoneof:{json.dumps([value])}", "oneof:[]", f"oneof:{value}")
    yield from ("isnull:", "isnotnull:", "isnull:yes", "gt:0.5", "lte:5.5", "in:a,b", "absent", "", "equals:")


def id_values(value: str) -> Iterator[str]:
    yield value
    yield value.replace("-", "")
    yield from (f"equals:{value}", f"notequals:{value}", "equals:no-id", "notequals:no-id", "no-id")
    yield from (f"startswith:{value[:13]}", f"contains:{value[9:18]}", f"notcontains:{value[:18]}", f"endswith:{value[-12:]}")
    yield from (f"oneof:{json.dumps([value, ABSENT_ID])}", f"notoneof:{json.dumps([value])}", f"oneof:{value}")
    yield from ("isnull:", "isnotnull:", "in:a,b", ABSENT_ID)


def number_values(value: int) -> Iterator[str]:
    yield str(value)
    for operator in ("equals", "notequals", "gt", "gte", "lt", "lte"):
        yield f"{operator}:{value}"
    yield from ("isnull:", "isnotnull:", f"contains:{value}", "oneof:[1]", "many", "gte:many", "in:1,2", "1.5", "")


def time_values() -> Iterator[str]:
    yield from (PAST, f"equals:{PAST}", f"notequals:{PAST}", f"gt:{PAST}", f"gte:{FUTURE}", f"lt:{PAST}", f"lte:{FUTURE}")
    yield from (f"in:{PAST},{FUTURE}", f"in:{FUTURE},{PAST}", f"in:{PAST}", "isnull:", "isnotnull:", "contains:2020", "yesterday")
    yield from ("gt:2020-01-01", "2020-01-01T00:00:00", "gt:2020-01-01T00:00:00", "")


def flag_values() -> Iterator[str]:
    yield from ("True", "false", "1", "0", "equals:true", "notequals:true", "isnull:", "isnotnull:", "perhaps", "gt:1", "")


def values(kind: str, examples: Iterable[Any]) -> list[str]:
    """What to ask for, for a filter of this type, with values that items have."""
    if kind == "time":
        return list(time_values())
    if kind == "flag":
        return list(flag_values())
    found: list[str] = []
    for example in examples:
        if kind == "number":
            found += number_values(example)
        elif kind == "id" and example.count("-") == 4 and len(example) == 36:
            found += id_values(example)
        else:
            found += text_values(example)
    return list(dict.fromkeys(found))


def example(items: list[dict[str, Any]], name: str) -> Any:
    """A value that one of the items has for a filter, of the middle-most item that has one."""
    found = []
    for item in items:
        for part in (item, item.get("body"), item.get("metadata")):
            if isinstance(part, dict) and isinstance(part.get(name), (str, int)) and part[name] != "":
                found.append(part[name])
                break
        else:
            resource = (item.get("resources") or {}).get(name.removesuffix("_id"))
            if isinstance(resource, dict) and "id" in resource:
                found.append(resource["id"])
    return found[len(found) // 2] if found else None


def sweep(api: Api, path: str, examples: dict[str, Any] | None = None, sorts: Iterable[str] = (), **scope: Any) -> None:
    """Asks for the list with each filter, each sort key and each way of paging.

    `examples` gives values for filters that are not fields of an item, one or a list of them; `sorts` names sort keys that are no
    filters; `scope` is sent with each request.
    """
    filters = api.lists.filters(path)
    api.get(path, hydrate=False, **scope)
    items = api.get(path, hydrate=True, size=1000, **scope)["items"]
    given = examples or {}
    for name, kind in filters.items():
        if name in scope:
            continue
        known = given.get(name, example(items, name))
        known = known if isinstance(known, list) else [known] if known is not None else []
        fallback = {"id": ABSENT_ID, "number": 1}.get(kind, "absent")
        for number, value in enumerate(values(kind, known or [fallback])):
            if api.lists.wanted(path, name, str(number)):
                api.ids(path, size=1000, **scope, **{name: value})
        if api.lists.wanted(path, name, "several"):
            api.ids(path, size=1000, **scope, **{name: [str(value) for value in (known or [fallback])] + ["absent"]})
    for key in dict.fromkeys([*filters, *sorts]):
        by_value_alone = key in sorts or key in UNTIED
        order = Order.VALUE if by_value_alone else Order.CHANCE if filters.get(key) == "id" else Order.VALUE_AND_ID
        for direction in ("", "asc:", "desc:"):
            if api.lists.wanted(path, key, direction):
                api.ids(path, order, size=1000, sort_by=direction + key, **scope)
    for key in ("nothing", "", "up:created", "created:desc", "asc:", "id,created"):
        if api.lists.wanted(path, "sort_by", key):
            api.ids(path, sort_by=key, **scope)
    for page, size in ((1, 2), (2, 2), (1000, 2), (0, 2), (1, 0), (1, 10001), ("x", 2), (1, "x")):
        if api.lists.wanted(path, "page", f"{page} of {size}"):
            api.ids(path, page=page, size=size, **scope)
    combine(api, path, filters, items, **scope)


def combine(api: Api, path: str, filters: dict[str, str], items: list[dict[str, Any]], **scope: Any) -> None:
    """Two filters at once, one filter twice, and what a list does not know."""
    first = {name: example(items, name) for name, kind in filters.items() if kind in ("text", "id") and name not in scope}
    known = [(name, value) for name, value in first.items() if isinstance(value, str)][:3]
    # What holds of all that one scenario made, holds of what others made too, once one filter is enough.
    is_alone = set(scope) <= {"project"}
    for operator in ("and", "or", "xor", "") if is_alone else ("and", "xor", ""):
        for name, value in known:
            if api.lists.wanted(path, name, f"first {operator}"):
                api.ids(path, size=1000, logical_operator=operator, created=f"lt:{PAST}", **{**scope, name: value})
    for name, value in known:
        for operator in ("and", "or") if is_alone else ("and",):
            if api.lists.wanted(path, name, f"twice {operator}"):
                api.ids(path, size=1000, logical_operator=operator, **{**scope, name: [f"equals:{value}", f"startswith:{value[:9]}"]})
    api.ids(path, no_such_filter="x", **scope)
