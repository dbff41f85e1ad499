"""The digest of a list sees every change, and its sums are exact."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieban.payments.lines import Line, digest_of, in_fen, total_of
from jieban.payments.lists import parts_of

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
_AMOUNT = st.integers(1, 10**9).map(lambda fen: Decimal(fen).scaleb(-2))
_LINE = st.builds(
    Line,
    number=st.integers(1, 10**6),
    benefit_id=st.uuids(),
    month=st.sampled_from(["2026-01", "2026-02"]),
    round=st.integers(1, 9),
    town_code=st.sampled_from(["379901001", "379901002"]),
    holder=_TEXT,
    account_holder=_TEXT,
    account_bank=_TEXT,
    account_number=st.text("0123456789", max_size=19),
    amount=_AMOUNT,
    state=st.sampled_from(["listed", "held"]),
)
_LIST = st.lists(_LINE, min_size=1, max_size=8).map(
    lambda lines: [replace(line, number=number) for number, line in enumerate(lines, 1)]
)
CHANGES = {
    "number": 99,
    "benefit_id": UUID(int=7),
    "month": "2027-01",
    "round": 77,
    "town_code": "379901999",
    "holder": "另一个人的名字啊啊啊啊啊啊啊啊",
    "account_holder": "另一个人的名字啊啊啊啊啊啊啊啊",
    "account_bank": "另一家很远的银行啊啊啊啊啊啊啊",
    "account_number": "00000000000000000000001",
}


@given(lines=_LIST, data=st.data())
def test_the_digest_changes_with_any_change_of_a_line(lines: list[Line], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    name = data.draw(st.sampled_from([*CHANGES, "amount", "state"]))
    line = lines[place]
    other = {"amount": line.amount + Decimal("0.01"), "state": "held" if line.state == "listed" else "listed"}
    changed = [*lines]
    changed[place] = replace(line, **{name: {**CHANGES, **other}[name]})

    assert digest_of(changed) != digest_of(lines)


@given(lines=_LIST)
def test_the_digest_does_not_hang_on_the_order_or_on_what_the_bank_answered(lines: list[Line]) -> None:
    answered = [
        replace(line, state="paid" if line.number % 2 else "returned", reason="销户")
        if line.state == "listed"
        else line
        for line in lines
    ]

    assert digest_of(reversed(answered)) == digest_of(lines)


@given(holder=_TEXT, bank=_TEXT)
def test_no_text_passes_for_the_border_between_two_fields(holder: str, bank: str) -> None:
    line = Line(1, UUID(int=1), "2026-01", 1, "379901001", "甲", holder, bank, "1", Decimal(1), "listed")
    moved = replace(line, account_holder=holder + bank, account_bank="")

    assert (digest_of([moved]) == digest_of([line])) is (bank == "")


@given(lines=_LIST)
def test_the_total_is_the_sum_of_the_lines_and_of_the_parts(lines: list[Line]) -> None:
    fen = sum(in_fen(line.amount) for line in lines)

    assert in_fen(total_of(lines)) == fen
    assert sum(in_fen(part.total) for part in parts_of(lines).values()) == fen
    assert sum(part.count for part in parts_of(lines).values()) == len(lines)


def test_a_part_of_a_fen_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number of fen"):
        in_fen(Decimal("1.005"))
