"""Functions of texts (DMN 1.5, table 74)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bpmn.feel.library.registry import declare
from bpmn.feel.limits import Run, check_string
from bpmn.feel.regex import compile_pattern, replace_all, search, split_all
from bpmn.feel.values import to_int


def _substring(text: str, position: Decimal, length: Decimal | None = None) -> str | None:
    index = to_int(position) if position == int(position) else int(position)
    if index is None or index == 0 or abs(index) > len(text):
        return None
    start = index - 1 if index > 0 else len(text) + index
    if length is None:
        return text[start:]
    count = int(length)
    return text[start : start + count] if count >= 1 else None


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    if not match:
        return text
    return text.partition(match)[2] if match in text else ""


def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else search(compiled, text, 0, run) is not None


def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else replace_all(compiled, text, replacement, run)


def _split(run: Run, text: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter, "")
    return None if compiled is None else split_all(compiled, text, run)


def _join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    texts = [item for item in items if item is not None]
    if any(type(item) is not str for item in texts):
        return None
    length = sum(map(len, texts)) + len(texts) * len(delimiter or "")
    check_string(length)
    run.charge(length // 16)
    return (delimiter or "").join(texts)


_PAIR = "string:string, match:string"
FUNCTIONS = {
    "substring": (declare("string:string, start position:number, length?:number", _substring),),
    "string length": (declare("string:string", lambda text: Decimal(len(text))),),
    "upper case": (declare("string:string", str.upper),),
    "lower case": (declare("string:string", str.lower),),
    "substring before": (declare(_PAIR, _before),),
    "substring after": (declare(_PAIR, _after),),
    "contains": (declare(_PAIR, lambda text, match: match in text),),
    "starts with": (declare(_PAIR, lambda text, match: text.startswith(match)),),
    "ends with": (declare(_PAIR, lambda text, match: text.endswith(match)),),
    "matches": (declare("input:string, pattern:string, flags?:string", _matches, wants_run=True),),
    "replace": (
        declare("input:string, pattern:string, replacement:string, flags?:string", _replace, wants_run=True),
    ),
    "split": (declare("string:string, delimiter:string", _split, wants_run=True),),
    "string join": (declare("list:list, delimiter?:string", _join, wants_run=True),),
}
