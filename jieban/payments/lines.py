"""The lines of a payment list as plain values, and the digest by which any change of one of them is seen (ZF-11)."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

_FEN = Decimal("0.01")


class AnyLine(Protocol):
    """What the digest covers of a line, whether it is still being made or read back."""

    @property
    def number(self) -> int: ...
    @property
    def benefit_id(self) -> uuid.UUID: ...
    @property
    def month(self) -> str: ...
    @property
    def round(self) -> int: ...
    @property
    def town_code(self) -> str: ...
    @property
    def holder(self) -> str: ...
    @property
    def account_holder(self) -> str: ...
    @property
    def account_bank(self) -> str: ...
    @property
    def account_number(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Line:
    """One payment that a list will hold."""

    number: int
    benefit_id: uuid.UUID
    month: str
    """the month that it is for"""
    round: int
    town_code: str
    holder: str
    account_holder: str
    account_bank: str
    account_number: str
    amount: Decimal
    """yuan, whole fen"""
    state: str
    """listed, held"""
    reason: str = ""


def digest_of(lines: Iterable[AnyLine]) -> str:
    """Give the SHA-256 over the lines in the order of their numbers.

    It says whether a line is paid or held, and not what the bank answered, so that it stays the same until the end.
    """
    total = hashlib.sha256()
    for line in sorted(lines, key=lambda one: one.number):
        total.update(_canonical(line))
    return total.hexdigest()


def total_of(lines: Sequence[AnyLine]) -> Decimal:
    """Add up the amounts of lines, in yuan."""
    return sum((line.amount for line in lines), Decimal(0)).quantize(_FEN)


def in_fen(amount: Decimal) -> int:
    """Turn yuan into whole fen; ValueError where a part of a fen would be lost."""
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{amount} yuan is not a whole number of fen")
    return int(fen)


def _canonical(line: AnyLine) -> bytes:
    # One line of JSON each: no character of a name or an account can pass for a separator.
    values = [
        line.number,
        str(line.benefit_id),
        line.month,
        line.round,
        line.town_code,
        line.holder,
        line.account_holder,
        line.account_bank,
        line.account_number,
        in_fen(line.amount),
        line.state == "held",
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
