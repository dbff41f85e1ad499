"""Letters of the household check: to the bodies that are asked, to members who refuse, to whoever asked for it."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind


def _who_asked(facts: Mapping[str, Any]) -> str:
    return str(facts["registration"].get("asked_by", ""))


def _where_they_live(facts: Mapping[str, Any]) -> str:
    return f"{facts['registration'].get('residence_place', '')}和县级人民政府民政部门"


KINDS = [
    LetterKind(
        "residence_request",
        "异地协助调查函",
        "Request to help where the household lives",
        "救异",
        speaks_of=("record:registration",),
        addressee=_where_they_live,
    ),
    LetterKind(
        "check_request",
        "家庭经济状况信息协查函",
        "Request for information on a household",
        "救协",
        county=True,
    ),
    LetterKind(
        "check_reminder",
        "家庭经济状况信息协查催办函",
        "Reminder of a request for information",
        "救协催",
        county=True,
    ),
    LetterKind(
        "check_consent",
        "核对授权告知书",
        "Notice that a check needs consent",
        "救授",
        speaks_of=("record:check_started",),
    ),
    LetterKind(
        "check_reply",
        "家庭经济状况核对结果回复",
        "Reply with the result of a check",
        "救复核",
        county=True,
        speaks_of=("check", "record:registration"),
        addressee=_who_asked,
    ),
]
