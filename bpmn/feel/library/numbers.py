"""Functions of numbers (DMN 1.5, table 76)."""

from __future__ import annotations

import datetime as dt
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from bpmn.feel.library.registry import declare
from bpmn.feel.operators import negate
from bpmn.feel.values import NUMBERS, ZERO, Months, to_int

_MIN_SCALE, _MAX_SCALE = -6111, 6176
# Rounding to a scale may need more digits for a moment than the result may have.
_WIDE = Context(prec=12_500, Emin=-20_000, Emax=20_000)


def _round(value: Decimal, scale: Decimal | None, mode: str) -> Decimal | None:
    places = to_int(scale) if scale is not None else None
    if places is None and scale is not None:
        places = int(scale)
    if places is None or not _MIN_SCALE <= places <= _MAX_SCALE:
        return None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return value
    return NUMBERS.plus(value.quantize(Decimal((0, (1,), -places)), rounding=mode, context=_WIDE))


def _rounding(mode: str) -> Any:
    def rounded(value: Decimal, scale: Decimal | None = ZERO) -> Decimal | None:
        return _round(value, scale, mode)

    return rounded


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor:
        return None
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return NUMBERS.plus(rest)


def _abs(value: Any) -> Any:
    if type(value) is Decimal:
        return NUMBERS.abs(value)
    zero = Months(0) if type(value) is Months else dt.timedelta()
    return negate(value) if value < zero else value


def _sqrt(value: Decimal) -> Decimal | None:
    return NUMBERS.sqrt(value) if value >= 0 else None


def _log(value: Decimal) -> Decimal | None:
    return NUMBERS.ln(value) if value > 0 else None


def _odd(value: Decimal) -> bool | None:
    return value % 2 != 0 if value == value.to_integral_value() and value.adjusted() < NUMBERS.prec else None


def _even(value: Decimal) -> bool | None:
    odd = _odd(value)
    return None if odd is None else not odd


_SCALED = "n:number, scale:number"
FUNCTIONS = {
    "decimal": (declare(_SCALED, _rounding(ROUND_HALF_EVEN)),),
    "floor": (declare("n:number", _rounding(ROUND_FLOOR)), declare(_SCALED, _rounding(ROUND_FLOOR))),
    "ceiling": (declare("n:number", _rounding(ROUND_CEILING)), declare(_SCALED, _rounding(ROUND_CEILING))),
    "round up": (declare(_SCALED, _rounding(ROUND_UP)),),
    "round down": (declare(_SCALED, _rounding(ROUND_DOWN)),),
    "round half up": (declare(_SCALED, _rounding(ROUND_HALF_UP)),),
    "round half down": (declare(_SCALED, _rounding(ROUND_HALF_DOWN)),),
    "abs": (declare("n:quantity", _abs),),
    "modulo": (declare("dividend:number, divisor:number", _modulo),),
    "sqrt": (declare("number:number", _sqrt),),
    "log": (declare("number:number", _log),),
    "exp": (declare("number:number", NUMBERS.exp),),
    "odd": (declare("number:number", _odd),),
    "even": (declare("number:number", _even),),
}
