"""How points and ranges lie to each other (DMN 1.5, table 78)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.feel.library.registry import declare
from bpmn.feel.limits import Run
from bpmn.feel.operators import contains, order
from bpmn.feel.values import Range


class _UnorderedError(ValueError):
    """The two values cannot be compared, so the answer is null."""


def _rank(a: Any, b: Any) -> int:
    rank = order(a, b)
    if rank is None:
        raise _UnorderedError
    return rank


def _lower(a: Range, b: Range) -> int:
    """Which range starts first: -1, 0 or 1."""
    if a.start is None or b.start is None:
        return (a.start is not None) - (b.start is not None)
    return _rank(a.start, b.start) or int(b.start_included) - int(a.start_included)


def _upper(a: Range, b: Range) -> int:
    """Which range ends first: -1, 0 or 1."""
    if a.end is None or b.end is None:
        return (b.end is not None) - (a.end is not None)
    return _rank(a.end, b.end) or int(a.end_included) - int(b.end_included)


def _gap(a: Range, b: Range) -> int:
    """1 where the first range ends before the second begins, 0 where they share one point, else -1."""
    if a.end is None or b.start is None:
        return -1
    rank = _rank(b.start, a.end)
    if rank == 0 and not (a.end_included and b.start_included):
        return 1
    return rank


def _before(a: Any, b: Any) -> bool:
    return _gap(_as_range(a), _as_range(b)) > 0


def _as_range(value: Any) -> Range:
    if type(value) is Range:
        return value
    if value is None:
        raise _UnorderedError
    return Range(value, value)


def _after(a: Any, b: Any) -> bool:
    return _before(b, a)


def _meets(a: Range, b: Range) -> bool:
    return _gap(a, b) == 0


def _overlaps(a: Range, b: Range) -> bool:
    return _gap(a, b) <= 0 and _gap(b, a) <= 0


def _overlaps_before(a: Range, b: Range) -> bool:
    return _lower(a, b) < 0 and _gap(a, b) <= 0 and _upper(a, b) <= 0


def _finishes(a: Any, b: Range) -> bool:
    if type(a) is not Range:
        return b.end_included and b.end is not None and _rank(a, b.end) == 0
    return _upper(a, b) == 0 and _lower(a, b) >= 0


def _starts(a: Any, b: Range) -> bool:
    if type(a) is not Range:
        return b.start_included and b.start is not None and _rank(a, b.start) == 0
    return _lower(a, b) == 0 and _upper(a, b) <= 0


def _during(a: Any, b: Range) -> bool | None:
    if type(a) is not Range:
        return contains(b, a)
    return _lower(b, a) <= 0 and _upper(a, b) <= 0


def _coincides(a: Any, b: Any) -> bool | None:
    if (type(a) is Range) != (type(b) is Range):
        return None
    if type(a) is Range:
        return _lower(a, b) == 0 and _upper(a, b) == 0
    return _rank(a, b) == 0


def _swapped(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(b, a)


def _range_from(run: Run, text: str) -> Range | None:
    """A range from its text, whose end points are literals."""
    from bpmn.feel.ranges import parse_range

    run.charge(20 + 2 * len(text))  # reading takes longer than looking
    return parse_range(text)


_PAIR = "range1:range, range2:range"
_PLACES = (
    "point1:any, point2:any",
    "point:any, range:range",
    "range:range, point:any",
    _PAIR,
)


def _any_places(function: Callable[[Any, Any], Any]) -> Any:
    # The bodies look at the arguments; the signatures only tell the names.
    return tuple(declare(signature, function) for signature in (*_PLACES[1:], _PLACES[0]))


FUNCTIONS = {
    "before": _any_places(_before),
    "after": _any_places(_after),
    "meets": (declare(_PAIR, _meets),),
    "met by": (declare(_PAIR, _swapped(_meets)),),
    "overlaps": (declare(_PAIR, _overlaps),),
    "overlaps before": (declare(_PAIR, _overlaps_before),),
    "overlaps after": (declare(_PAIR, _swapped(_overlaps_before)),),
    "finishes": (declare(_PAIR, _finishes), declare("point:any, range:range", _finishes)),
    "finished by": (
        declare(_PAIR, _swapped(_finishes)),
        declare("range:range, point:any", _swapped(_finishes)),
    ),
    "includes": (declare(_PAIR, _swapped(_during)), declare("range:range, point:any", _swapped(_during))),
    "during": (declare(_PAIR, _during), declare("point:any, range:range", _during)),
    "starts": (declare(_PAIR, _starts), declare("point:any, range:range", _starts)),
    "started by": (declare(_PAIR, _swapped(_starts)), declare("range:range, point:any", _swapped(_starts))),
    "coincides": (declare(_PAIR, _coincides), declare("point1:any, point2:any", _coincides)),
    "range": (declare("from:string", _range_from, wants_run=True),),
}
