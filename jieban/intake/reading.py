"""From the rows of a file to applications: rows of one number belong together, and each field knows its cell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from jieban.intake.applications import NewApplication, NewIncome, NewMember, NewProperty
from jieban.intake.columns import (
    APPLICATIONS,
    CODE,
    EXAMPLE,
    INCOMES,
    KEYS,
    MEMBERS,
    PROPERTIES,
    SHEETS,
    Column,
)
from jieban.intake.grid import Row, Rows
from jieban.intake.rejections import Rejection
from jieban.intake.values import BadCellError, read_cell, shown

_UNREAD: dict[str, Any] = {"date": date.min, "money": Decimal(0), "yes_no": False, "choices": ()}
"""What stands for a cell that could not be read, so that the other cells can still be checked."""


@dataclass
class ReadApplication:
    """One application of a file, with what could not be read of it, and where each of its fields stands."""

    code: str
    row: Row
    application: NewApplication | None = None
    rejected: list[Rejection] = field(default_factory=list)
    places: dict[str, tuple[Row, Column]] = field(default_factory=dict)
    parts: dict[str, list[Row]] = field(default_factory=dict)
    """its rows on the other sheets"""

    def locate(self, path: str, reason: str) -> Rejection:
        """Turn a finding about a field of the application into one about a cell of the file."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        row, column = self.places.get(path, (self.row, None))
        if column is None:
            return Rejection(row.sheet, row.number, CODE, self.code, reason)
        return Rejection(row.sheet, row.number, column.header, shown(row.cells.get(column.header)), reason)


@dataclass
class Reading:
    """A file that was read: its applications, and rows that belong to none of them."""

    applications: list[ReadApplication]
    stray: list[Rejection]


def assemble(rows: Rows) -> Reading:
    """Put the rows together; rows of examples are passed over."""
    reading = Reading([], [])
    known: dict[str, ReadApplication] = {}
    for row, code in _coded(rows.sheets[APPLICATIONS], reading):
        if code not in known:
            known[code] = ReadApplication(code, row)
        elif rows.flat:
            _agree(known[code], row)
        else:
            reason = f"申请编号与第 {known[code].row.number} 行重复，请改用不同的编号。"
            reading.stray.append(Rejection(row.sheet, row.number, CODE, code, reason))
    reading.applications.extend(known.values())
    for found in reading.applications:
        found.parts = {sheet: [] for sheet in KEYS}
    for sheet in KEYS:
        # In a flat file every row was looked at above; what it adds is told by its own columns.
        coded = _coded(rows.sheets[sheet], None if rows.flat else reading)
        for row, code in coded:
            if rows.flat and not shown(row.cells.get(KEYS[sheet])):
                continue
            if code in known:
                known[code].parts[sheet].append(row)
            else:
                reason = "“申请”表中没有这个申请编号。"
                reading.stray.append(Rejection(row.sheet, row.number, CODE, code, reason))
    for found in reading.applications:
        _build(found, flat=rows.flat)
    return reading


def _coded(rows: list[Row], reading: Reading | None) -> Iterator[tuple[Row, str]]:
    """Go through the rows with their application's number; examples and rows without a number are left out."""
    for row in rows:
        code = shown(row.cells.get(CODE))
        if not code and reading:
            reading.stray.append(Rejection(row.sheet, row.number, CODE, "", "请填写申请编号。"))
        if code and not code.startswith(EXAMPLE):
            yield row, code


def _agree(found: ReadApplication, row: Row) -> None:
    """Check that a later row of a flat file does not say otherwise about the application than its first row."""
    for column in SHEETS[APPLICATIONS]:
        text = shown(row.cells.get(column.header))
        if text and text != shown(found.row.cells.get(column.header)):
            reason = f"与同一申请第 {found.row.number} 行填写的不一致，请统一或者留空。"
            found.rejected.append(Rejection(row.sheet, row.number, column.header, text, reason))


def _build(found: ReadApplication, *, flat: bool) -> None:
    value = _read(found, found.row, SHEETS[APPLICATIONS], "")
    members = found.parts[MEMBERS]
    if flat:
        members = _without_repeats(found, members)
    relative = {
        name: str(value.pop(f"relative_{short}") or "")
        for name, short in (
            ("member_name", "member"),
            ("staff_name", "staff"),
            ("staff_unit", "unit"),
            ("relation", "relation"),
        )
    }
    header = {column.field: column for column in SHEETS[APPLICATIONS]}
    found.places["relatives"] = (found.row, header["relative_staff"])
    for name, short in (("member_name", "member"), ("staff_name", "staff"), ("relation", "relation")):
        found.places[f"relatives.0.{name}"] = (found.row, header[f"relative_{short}"])
    found.application = NewApplication(
        address=value["address"] or "",
        household_registration=value["household_registration"] or "",
        phone=value["phone"] or "",
        reason=value["reason"] or "",
        village_code=value["village_code"] or "",
        agent_name=value["agent_name"] or "",
        account_holder=value["account_holder"] or "",
        account_bank=value["account_bank"] or "",
        account_number="".join((value["account_number"] or "").split()),
        channel=value["channel"] or "import",
        applied_on=value["applied_on"],
        urban=value["urban"] == "urban",
        agent_authorised=bool(value["agent_authorised"]),
        truth_promised=bool(value["truth_promised"]),
        check_authorised=bool(value["check_authorised"]),
        relatives_declared=bool(value["relatives_declared"]),
        relatives=(relative,) if any(relative.values()) else (),
        papers=value["papers"] or (),
        members=tuple(_member(found, row, place) for place, row in enumerate(members)),
        incomes=tuple(
            _income(found, row, place, flat=flat) for place, row in enumerate(found.parts[INCOMES])
        ),
        properties=tuple(_property(found, row, place) for place, row in enumerate(found.parts[PROPERTIES])),
    )


def _without_repeats(found: ReadApplication, rows: list[Row]) -> list[Row]:
    """Leave out rows of a flat file that name a member again only to add an income or a property."""
    kept: dict[str, Row] = {}
    for row in rows:
        name = shown(row.cells.get("姓名"))
        first = kept.setdefault(name, row)
        for column in SHEETS[MEMBERS]:
            text = shown(row.cells.get(column.header))
            if text and text != shown(first.cells.get(column.header)):
                reason = f"与第 {first.number} 行同名成员填写的不一致，请统一或者留空。"
                found.rejected.append(Rejection(row.sheet, row.number, column.header, text, reason))
    return list(kept.values())


def _read(found: ReadApplication, row: Row, columns: tuple[Column, ...], prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if prefix:
        found.places[prefix.rstrip(".")] = (row, columns[1])
    for column in columns:
        found.places[prefix + column.field] = (row, column)
        cell = row.cells.get(column.header)
        try:
            values[column.field] = read_cell(column, cell)
        except BadCellError as bad:
            values[column.field] = _UNREAD.get(column.kind, "")
            found.rejected.append(Rejection(row.sheet, row.number, column.header, shown(cell), str(bad)))
    return values


def _member(found: ReadApplication, row: Row, place: int) -> NewMember:
    value = _read(found, row, SHEETS[MEMBERS], f"members.{place}.")
    return NewMember(
        name=value["name"] or "",
        id_number=value["id_number"] or None,
        relation=value["relation"] or "",
        counted=value["counted"] is not False,
        not_counted_reason=value["not_counted_reason"] or "",
        work_ability=value["work_ability"] or "",
        health=value["health"] or "",
        disability=value["disability"] or "",
    )


def _income(found: ReadApplication, row: Row, place: int, *, flat: bool) -> NewIncome:
    value = _read(found, row, SHEETS[INCOMES], f"incomes.{place}.")
    owner = value["member_name"] or (shown(row.cells.get("姓名")) if flat else "")
    return NewIncome(owner, value["kind"] or "", value["monthly"] or Decimal(0), value["note"] or "")


def _property(found: ReadApplication, row: Row, place: int) -> NewProperty:
    value = _read(found, row, SHEETS[PROPERTIES], f"properties.{place}.")
    return NewProperty(value["kind"] or "", value["amount"], bool(value["exempt"]), value["note"] or "")
