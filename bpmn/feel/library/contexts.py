"""Functions of contexts, and negation (DMN 1.5, tables 73 and 81)."""

from __future__ import annotations

from typing import Any

from bpmn.feel.library.registry import declare
from bpmn.feel.limits import check_items


def _entries(context: dict[str, Any]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in context.items()]


def _context(entries: list[Any]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return None
        if entry["key"] in result:
            return None
        result[entry["key"]] = entry["value"]
    return result


def _put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    check_items(len(context) + 1)
    return {**context, key: value}


def _put_deep(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not keys or any(type(key) is not str for key in keys):
        return None
    result = top = dict(context)
    for key in keys[:-1]:
        inner = result.get(key)
        if type(inner) is not dict:
            return None
        result[key] = dict(inner)
        result = result[key]
    result[keys[-1]] = value
    return top


def _get(context: dict[str, Any], key: str) -> Any:
    return context.get(key)


def _get_deep(context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value


def _merge(contexts: list[Any]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        result.update(context)
    return result


FUNCTIONS = {
    "not": (declare("negand:boolean", lambda value: not value),),
    "get value": (declare("m:context, key:string", _get), declare("m:context, key:list", _get_deep)),
    "get entries": (declare("m:context", _entries),),
    "context": (
        declare("entries:list", _context),
        declare("entries:context", lambda entry: _context([entry])),
    ),
    "context put": (
        declare("context:context, key:string, value:any", _put),
        declare("context:context, keys:list, value:any", _put_deep),
    ),
    "context merge": (
        declare("contexts:list", _merge),
        declare("contexts:context", lambda context: _merge([context])),
    ),
}
