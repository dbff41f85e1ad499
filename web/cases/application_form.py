"""The registration form: what a browser sends becomes an application, or messages by field."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.datastructures import FormData

from jieban.intake.applications import (
    PAPERS,
    NewApplication,
    NewIncome,
    NewMember,
    NewProperty,
)
from web.forms.reading import row_numbers, text_of, tidy_number

ROWS = {
    "members": (
        "name",
        "id_number",
        "relation",
        "counted",
        "not_counted_reason",
        "work_ability",
        "health",
        "disability",
    ),
    "incomes": ("member_name", "kind", "monthly", "note"),
    "properties": ("kind", "amount", "exempt", "note"),
    "relatives": ("member_name", "staff_name", "staff_unit", "relation"),
}
_TEXTS = (
    "channel",
    "applied_on",
    "village_code",
    "address",
    "household_registration",
    "phone",
    "reason",
    "agent_name",
    "account_holder",
    "account_bank",
    "account_number",
    "urban",
)
_CHECKS = ("agent_authorised", "truth_promised", "check_authorised", "relatives_declared")
_ALONE = {"members": {"counted", "relation"}, "incomes": {"kind"}, "properties": {"kind", "exempt"}}
"""What a row has without anybody having typed into it."""


@dataclass
class Given:
    """What was typed, kept as it was typed, with what could not be read."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


def blank(today: date) -> dict[str, Any]:
    """Give the values of an empty form."""
    values: dict[str, Any] = dict.fromkeys(_TEXTS, "") | dict.fromkeys(_CHECKS, False)
    values |= {name: [] for name in ROWS} | {"papers": []}
    member = dict.fromkeys(ROWS["members"], "") | {"relation": "self", "counted": "true"}
    return values | {"channel": "window", "applied_on": today.isoformat(), "members": [member]}


def read_given(sent: FormData) -> Given:
    """Read the fields and rows; rows without any content are left out, and the rest is numbered anew."""
    values: dict[str, Any] = {name: text_of(sent, name) for name in _TEXTS}
    values |= {name: text_of(sent, name) == "true" for name in _CHECKS}
    values["papers"] = [str(one) for one in sent.getlist("papers") if one in PAPERS]
    for name, columns in ROWS.items():
        rows = [
            {column: text_of(sent, f"{name}.{number}.{column}") for column in columns}
            for number in row_numbers(name, sent)
        ]
        values[name] = [
            row
            for row in rows
            if any(value for column, value in row.items() if column not in _ALONE.get(name, set()))
        ]
    if not values["relatives_declared"]:
        values["relatives"] = []
    return Given(values)


def to_application(given: Given) -> NewApplication:
    """Build the application; what cannot be read is noted in `given.errors` and stands as a harmless value."""
    values = given.values
    if not values["village_code"]:
        given.errors["village_code"] = "请选择居住的村（社区）。"
    return NewApplication(
        channel=values["channel"],
        applied_on=_day(given, "applied_on"),
        urban=_urban(given),
        village_code=values["village_code"],
        address=values["address"],
        phone=tidy_number(values["phone"]),
        household_registration=values["household_registration"],
        reason=values["reason"],
        agent_name=values["agent_name"],
        agent_authorised=values["agent_authorised"],
        truth_promised=values["truth_promised"],
        check_authorised=values["check_authorised"],
        account_holder=values["account_holder"],
        account_bank=values["account_bank"],
        account_number=tidy_number(values["account_number"]),
        relatives_declared=values["relatives_declared"],
        relatives=tuple(values["relatives"]),
        members=tuple(_member(row) for row in values["members"]),
        incomes=tuple(
            NewIncome(
                row["member_name"],
                row["kind"],
                _amount(given, f"incomes.{place}.monthly", row["monthly"]) or Decimal(0),
                row["note"],
            )
            for place, row in enumerate(values["incomes"])
        ),
        properties=tuple(
            NewProperty(
                row["kind"],
                _amount(given, f"properties.{place}.amount", row["amount"], needed=False),
                row["exempt"] == "true",
                row["note"],
            )
            for place, row in enumerate(values["properties"])
        ),
        papers=tuple(values["papers"]),
    )


def _member(row: dict[str, str]) -> NewMember:
    return NewMember(
        name=row["name"],
        id_number=tidy_number(row["id_number"]).upper() or None,
        relation=row["relation"],
        counted=row["counted"] == "true",
        not_counted_reason=row["not_counted_reason"],
        work_ability=row["work_ability"],
        health=row["health"],
        disability=row["disability"],
    )


def _urban(given: Given) -> bool:
    if given.values["urban"] not in {"urban", "rural"}:
        given.errors["urban"] = "请选择城市或农村。"
    return bool(given.values["urban"] == "urban")


def _day(given: Given, name: str) -> date:
    try:
        return date.fromisoformat(tidy_number(given.values[name]))
    except ValueError:
        given.errors[name] = "请填写正确的日期。"
        return date.min


def _amount(given: Given, name: str, text: str, *, needed: bool = True) -> Decimal | None:
    if not text and not needed:
        return None
    try:
        return Decimal(tidy_number(text))
    except InvalidOperation:
        given.errors[name] = "请填写金额（元）。"
        return None
