"""Functions of lists, and sorting (DMN 1.5, tables 75 and 80)."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from bpmn.feel.library.registry import Body, Builtin, declare, invoke
from bpmn.feel.limits import Run, check_items
from bpmn.feel.operators import equal, order
from bpmn.feel.values import NUMBERS, FEELFunction, to_int


def _same(a: Any, b: Any, run: Run) -> bool:
    run.charge(1)
    return equal(a, b, run) is True


def _list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(_same(item, element, run) for item in items)


def _extreme(items: list[Any], sign: int) -> Any:
    if not items:
        return None
    best = items[0]
    if order(best, best) is None:
        return None
    for item in items[1:]:
        rank = order(item, best)
        if rank is None:
            return None
        if rank * sign > 0:
            best = item
    return best


def _numbers(items: list[Any]) -> bool:
    return bool(items) and all(type(item) is Decimal for item in items)


def _sum(items: list[Any]) -> Any:
    if not _numbers(items):
        return None
    total = items[0]
    for item in items[1:]:
        total = NUMBERS.add(total, item)
    return NUMBERS.plus(total)


def _product(items: list[Any]) -> Any:
    if not _numbers(items):
        return None
    total = items[0]
    for item in items[1:]:
        total = NUMBERS.multiply(total, item)
    return total


def _mean(items: list[Any]) -> Any:
    return NUMBERS.divide(_sum(items), Decimal(len(items))) if _numbers(items) else None


def _median(items: list[Any]) -> Any:
    if not _numbers(items):
        return None
    ranked = sorted(items)
    middle = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return NUMBERS.divide(NUMBERS.add(ranked[middle - 1], ranked[middle]), Decimal(2))


def _stddev(items: list[Any]) -> Any:
    if not _numbers(items) or len(items) < 2:
        return None
    mean = _mean(items)
    total = Decimal(0)
    for item in items:
        distance = NUMBERS.subtract(item, mean)
        total = NUMBERS.add(total, NUMBERS.multiply(distance, distance))
    return NUMBERS.sqrt(NUMBERS.divide(total, Decimal(len(items) - 1)))


def _mode(items: list[Any]) -> Any:
    if not items:
        return []
    if not _numbers(items):
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values())
    return sorted(item for item, count in counts.items() if count == most)


def _all(items: list[Any]) -> Any:
    return _fold(items, decided=False)


def _any(items: list[Any]) -> Any:
    return _fold(items, decided=True)


def _fold(items: list[Any], decided: bool) -> Any:
    if any(item is decided for item in items):
        return decided
    return (not decided) if all(item is (not decided) for item in items) else None


def _start(items: list[Any], position: Decimal) -> int | None:
    index = to_int(position)
    if index is None or index == 0 or abs(index) > len(items):
        return None
    return index - 1 if index > 0 else len(items) + index


def _sublist(items: list[Any], position: Decimal, length: Decimal | None = None) -> Any:
    start = _start(items, position)
    if start is None:
        return None
    if length is None:
        return items[start:]
    count = to_int(length)
    if count is None or not 1 <= count <= len(items) - start:
        return None
    return items[start : start + count]


def _append(items: list[Any], *more: Any) -> list[Any]:
    check_items(len(items) + len(more))
    return [*items, *more]


def _concatenate(*lists: list[Any]) -> list[Any]:
    check_items(sum(len(items) for items in lists))
    return [item for items in lists for item in items]


def _insert(items: list[Any], position: Decimal, item: Any) -> Any:
    start = _start(items, position)
    if start is None:
        return None
    check_items(len(items) + 1)
    return [*items[:start], item, *items[start:]]


def _remove(items: list[Any], position: Decimal) -> Any:
    start = _start(items, position)
    return None if start is None else [*items[:start], *items[start + 1 :]]


def _replace_at(items: list[Any], position: Decimal, item: Any) -> Any:
    start = _start(items, position)
    return None if start is None else [*items[:start], item, *items[start + 1 :]]


def _replace_matching(run: Run, items: list[Any], match: FEELFunction, new: Any) -> Any:
    result = []
    for item in items:
        found = call(match, [item, new], run)
        if type(found) is not bool:
            return None
        result.append(new if found else item)
    return result


def _index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index + 1) for index, item in enumerate(items) if _same(item, match, run)]


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    seen: set[Any] = set()
    for item in items:
        if type(item) in {Decimal, str, bool}:
            key = (type(item), item)
            if key not in seen:
                seen.add(key)
                result.append(item)
        elif not any(_same(known, item, run) for known in result):
            result.append(item)
    return result


def _union(run: Run, *lists: list[Any]) -> list[Any]:
    return _distinct(run, _concatenate(*lists))


def _flatten(run: Run, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            run.charge(1)
            if type(item) is list:
                stack.append(iter(item))
                break
            result.append(item)
            check_items(len(result))
        else:
            stack.pop()
    return result


def call(function: FEELFunction, values: list[Any], run: Run) -> Any:
    """Invoke a function value with positional arguments."""
    run.charge(5)
    from bpmn.feel.library import LIBRARY

    if function.name in LIBRARY:
        return invoke(LIBRARY[function.name], values, run)
    if len(function.parameters) != len(values):
        return None
    return function.call(values, run)


def _sort(run: Run, items: list[Any], precedes: FEELFunction | None = None) -> Any:
    failed = False

    def compare(a: Any, b: Any) -> int:
        nonlocal failed
        run.charge(2)
        if precedes is None:
            rank = order(a, b)
            failed = failed or rank is None
            return rank or 0
        first = call(precedes, [a, b], run)
        if first is True:
            return -1
        second = call(precedes, [b, a], run)
        failed = failed or type(first) is not bool or type(second) is not bool
        return 1 if second is True else 0

    result = sorted(items, key=cmp_to_key(compare))
    return None if failed else result


def _many(parameter: str, kind: str, body: Body) -> tuple[Builtin, Builtin]:
    """A function of one list, or of as many arguments as one likes."""
    return declare("list:list", body), declare(f"{parameter}:{kind}...", lambda *items: body(list(items)))


FUNCTIONS = {
    "list contains": (declare("list:list, element:any", _list_contains, wants_run=True),),
    "count": (declare("list:list", lambda items: Decimal(len(items))),),
    "min": _many("c", "any", lambda items: _extreme(items, -1)),
    "max": _many("c", "any", lambda items: _extreme(items, 1)),
    "sum": _many("n", "any", _sum),
    "mean": _many("n", "any", _mean),
    "product": _many("n", "any", _product),
    "median": _many("n", "any", _median),
    "stddev": _many("n", "any", _stddev),
    "mode": _many("n", "any", _mode),
    "all": _many("b", "any", _all),
    "any": _many("b", "any", _any),
    "sublist": (declare("list:list, start position:number, length?:number", _sublist),),
    "append": (declare("list:list, item:any...", _append),),
    "concatenate": (declare("list:list...", _concatenate),),
    "insert before": (declare("list:list, position:number, newItem:any", _insert),),
    "remove": (declare("list:list, position:number", _remove),),
    "list replace": (
        declare("list:list, position:number, newItem:any", _replace_at),
        declare("list:list, match:function, newItem:any", _replace_matching, wants_run=True),
    ),
    "reverse": (declare("list:list", lambda items: items[::-1]),),
    "index of": (declare("list:list, match:any", _index_of, wants_run=True),),
    "union": (declare("list:list...", _union, wants_run=True),),
    "distinct values": (declare("list:list", _distinct, wants_run=True),),
    "flatten": (declare("list:list", _flatten, wants_run=True),),
    "sort": (declare("list:list, precedes?:function", _sort, wants_run=True),),
}
