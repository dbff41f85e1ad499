"""Gathers what a letter says, from the rows of the case, once; later changes do not touch an issued letter."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from jieban import rules
from jieban.areas.tables import Area
from jieban.cases.check_items import CHECK_ITEMS
from jieban.cases.tables import (
    Application,
    Case,
    CheckReport,
    Decision,
    Member,
    Paper,
    PublicNotice,
)
from jieban.clock import CHINA, local_day
from jieban.deadlines.tables import Deadline
from jieban.errors import Invalid
from jieban.ledger.tables import FirstContact
from jieban.people.id_numbers import mask_account
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from notifications.letters import organs
from notifications.letters.kinds import LetterKind
from notifications.letters.numerals import in_chinese
from notifications.letters.telling import ON_THE_WAY, with_clock, with_contact

_TOWN, _COUNTY = aliased(Area), aliased(Area)
_THE_CASE = bindparam("the_case", type_=Uuid())
_SELECT = (
    select(
        Application.address,
        Application.account_number,
        Application.account_bank,
        FirstContact.receiver_name,
        FirstContact.receiver_unit,
        FirstContact.receipt_code,
        FirstContact.number.label("receipt_number"),
        FirstContact.matter,
        User.phone,
        _TOWN.name.label("town"),
        _COUNTY.name.label("county"),
        _COUNTY.sample.label("sample_place"),
        Application.applied_on,
        select(func.count())
        .where(Member.case_id == Case.id, Member.counted)
        .scalar_subquery()
        .label("members"),
    )
    .select_from(Case)
    .join(Application, Application.case_id == Case.id)
    .outerjoin(FirstContact, FirstContact.id == Case.first_contact_id)
    .join(User, User.id == Case.first_receiver_id)
    .outerjoin(_TOWN, _TOWN.code == Case.town_code)
    .join(_COUNTY, _COUNTY.code == Case.county_code)
    .where(Case.id == _THE_CASE)
)
"""What every letter says of a case, in one statement."""
_BASE = Query(with_contact(_SELECT))
_BASE_AND_CLOCK = Query(with_clock(with_contact(_SELECT)))


@dataclass(frozen=True)
class Base:
    """The same, handed over by the step that registers the case and knows it all."""

    address: str
    account_number: str
    account_bank: str
    receiver_name: str
    receiver_unit: str
    receipt_code: str
    receipt_number: str
    matter: str
    phone: str
    town: str
    county: str
    sample_place: bool
    applied_on: date
    members: int


CITABLE = frozenset({"full", "part"})
"""Only what was read in its source is presented as law."""

_ALLOWANCE = "最低生活保障"
"""Of which a city dweller's and a villager's are spoken of by different names."""

_BASIS: dict[str, dict[str, list[str]]] = {
    "subsistence_allowance": {
        "supplement": ["最低生活保障审核确认办法 第十条"],
        "check_result": ["最低生活保障审核确认办法 第十八条"],
        "publication": ["最低生活保障审核确认办法 第二十四条"],
    },
    "marginal_household": {
        "publication": ["关于加强低收入人口动态监测做好分层分类社会救助工作的意见 第二部分"]
    },
    "destitute_support": {
        "supplement": ["特困人员认定办法 第十二条"],
        "publication": ["特困人员认定办法 第十七条"],
    },
}
"""Articles that a common letter rests on in one kind of assistance only, as they were read in their source."""

METHODS = {"difference": "按差额计算", "grade": "按档次计算"}


_OWN_NUMBER = re.compile(
    r"^\s*(?:[（(][0-9一二三四五六七八九十]+[）)]|[0-9一二三四五六七八九十]+[.、．]|[-•])\s*"
)


def base_of(session: Session, case: Case, key: str, now: datetime, told: Mapping[str, Any]) -> Any:
    """Read what every letter says of a case, and what the person is told by it of their matter."""
    if "base" in told:
        return told["base"]
    if key in ON_THE_WAY:
        return _BASE_AND_CLOCK.first(session, the_case=case.id, the_now=now)
    return _BASE.first(session, the_case=case.id)


def gather(
    session: Session,
    case: Case,
    kind: LetterKind,
    row: Any,
    extra: Mapping[str, Any],
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """Collect the words of a case for the templates; Invalid where a reason is demanded and missing."""
    town, county = organs.plain(row.town or ""), organs.plain(row.county)
    item = (row.matter or "").removesuffix("申请")
    facts: dict[str, Any] = {
        "applicant": case.applicant_name,
        "case_number": case.number,
        "address": row.address,
        "item": item,
        "basis": _BASIS.get(case.procedure, {}),
        "household": item == _ALLOWANCE,
        "category": f"{'城市' if case.urban else '农村'}{item}" if item == _ALLOWANCE else item,
        "category_short": ("城市低保" if case.urban else "农村低保") if item == _ALLOWANCE else item,
        "applied": day(row.applied_on),
        "members": row.members,
        "registered": moment(case.registered_at),
        "accepted": day(case.accepted_at) if case.accepted_at else "",
        "receiver": row.receiver_name,
        "receiver_unit": row.receiver_unit,
        "phone": row.phone,
        "receipt_code": row.receipt_code,
        "receipt_number": row.receipt_number,
        "matter": row.matter,
        "account": mask_account(row.account_number),
        "bank": row.account_bank,
        "county": county,
        "sample_place": row.sample_place,
        "town_organ": organs.town_organ(town) if town else "",
        "county_organ": organs.county_organ(county),
        **extra,
    }
    for part in kind.speaks_of:
        if part.startswith("record:"):
            name = part.removeprefix("record:")
            facts[name] = _record(session, case, name, told.get(part))
            if kind.adverse and facts[name].get("reasons"):
                facts["reasons"] = facts[name]["reasons"]
        else:
            facts |= _PARTS[part](session, case, told.get(part))
    if kind.adverse and not str(facts.get("reasons") or "").strip():
        raise Invalid("没有写明理由，不能出具该文书。")
    facts["reason_list"] = numbered(str(facts.get("reasons", "")))
    if "due" in extra:
        facts["due"] = day(datetime.fromisoformat(str(extra["due"])))
    return facts


def day(value: date | datetime) -> str:
    """Write a day as letters do: 2026年11月24日."""
    local = value.astimezone(CHINA) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value: datetime) -> str:
    """Write a day with its time."""
    return f"{day(value)}{value.astimezone(CHINA):%H时%M分}"


def times_of(received: datetime, feedback_due: datetime | None, *, provisional: bool) -> dict[str, Any]:
    """Say for a receipt when a matter came, and by when the person hears back."""
    by = day(feedback_due) if feedback_due else ""
    return {"registered": moment(received), "feedback_day": by, "provisional": provisional}


def yuan(amount: Decimal | None) -> str:
    """Write an amount with two decimals."""
    return "" if amount is None else f"{amount:.2f}"


def numbered(reasons: str) -> list[str]:
    """Number the reasons as letters do, one per line; a single one stands without a number."""
    lines = [_OWN_NUMBER.sub("", line).strip() for line in reasons.splitlines()]
    lines = [line for line in lines if line]
    return (
        lines if len(lines) < 2 else [f"（{in_chinese(place)}）{line}" for place, line in enumerate(lines, 1)]
    )


def citable_articles(session: Session, case: Case, keys: list[str]) -> list[str]:
    """List the articles of rules that were read in their source; what is ours, remembered or a sample is never cited."""
    if case.rule_set_id is not None:
        values = rules.rule_set(session, case.rule_set_id)
    else:
        # A matter that nobody has to accept runs under the rules of the day on which it came.
        day = local_day(case.registered_at)
        values = rules.rule_set_for(session, case.town_code, day, case.registered_at)
    found: list[str] = []
    for key in keys:
        entry = values.values.get(key)
        if entry and entry["article"] and entry["provenance"] in CITABLE and entry["article"] not in found:
            found.append(entry["article"])
    return found


_CLOCKS = Query(
    select(
        Deadline.kind,
        Deadline.article,
        Deadline.provenance,
        Deadline.due_at,
        Deadline.length,
        Deadline.provisional,
    ).where(
        Deadline.case_id == _THE_CASE,
        Deadline.state == "running",
        or_(Deadline.kind == "total", Deadline.kind == "total_urban"),
    )
)


def _clocks(session: Session, case: Case, told: Any) -> dict[str, Any]:
    clocks = {clock.kind: clock for clock in told or _CLOCKS.all(session, the_case=case.id)}
    words: dict[str, Any] = {
        "articles": [
            clock.article for clock in clocks.values() if clock.article and clock.provenance in CITABLE
        ]
    }
    if total := clocks.get("total"):
        words |= {
            "due": day(total.due_at),
            "limit": f"{total.length} 个工作日",
            "provisional": total.provisional,
        }
    if urban := clocks.get("total_urban"):
        words |= {"urban_due": day(urban.due_at)}
    return words


_MISSING = Query(
    select(Paper.name, Paper.why)
    .where(Paper.case_id == _THE_CASE, Paper.state == "missing")
    .order_by(Paper.id)
)


def _missing(session: Session, case: Case, told: Any) -> dict[str, Any]:
    if told is not None:
        return {"missing": told}
    papers = _MISSING.all(session, the_case=case.id)
    return {"missing": [{"name": paper.name, "why": paper.why} for paper in papers]}


_NOTICE = Query(
    select(
        PublicNotice.place,
        PublicNotice.posted_on,
        PublicNotice.ends_at,
        PublicNotice.days,
        PublicNotice.__table__.c["fields"],
    )
    .where(PublicNotice.case_id == _THE_CASE)
    .order_by(PublicNotice.posted_on.desc(), PublicNotice.id.desc())
    .limit(1)
)


def _notice(session: Session, case: Case, told: Any) -> dict[str, Any]:
    notice = told or _NOTICE.first(session, the_case=case.id)
    if notice is None:
        return {}
    return {
        "place": notice.place,
        "posted_on": day(notice.posted_on),
        "ends_on": day(notice.ends_at) if notice.ends_at else "",
        "days": notice.days,
        "shown": notice.fields,
    }


_DECISION = Query(
    select(
        Decision.result,
        Decision.level,
        Decision.amount,
        Decision.method,
        Decision.from_month,
        Decision.calculation,
        Decision.reasons,
        Decision.articles,
        Decision.decided_at,
        Decision.valid_until,
    )
    .where(Decision.case_id == _THE_CASE)
    .order_by(Decision.decided_at.desc())
    .limit(1)
)


def _decision(session: Session, case: Case, told: Any) -> dict[str, Any]:
    decision = told or _DECISION.first(session, the_case=case.id)
    if decision is None:
        return {}
    calculation = decision.calculation or {}
    return {
        "result": decision.result,
        "level": decision.level,
        "amount": yuan(decision.amount),
        "method": METHODS.get(decision.method or "", ""),
        "from_month": _month(decision.from_month or ""),
        "sample_standard": calculation.get("rule", {}).get("provenance") == "sample",
        "steps": calculation.get("steps", []),
        "alone": calculation.get("alone"),
        "reasons": decision.reasons or "",
        "decision_articles": decision.articles,
        "decided_on": day(decision.decided_at),
        "valid_until": day(decision.valid_until) if decision.valid_until else "",
    }


def _month(month: str) -> str:
    year, _, number = month.partition("-")
    return f"{year}年{int(number)}月" if number else ""


_CHECK = Query(
    select(CheckReport.__table__.c["items"].label("found"), CheckReport.summary)
    .where(CheckReport.case_id == _THE_CASE, CheckReport.reported_at.is_not(None))
    .order_by(CheckReport.requested_at.desc())
    .limit(1)
)


def _check(session: Session, case: Case, told: Any) -> dict[str, Any]:
    report = told or _CHECK.first(session, the_case=case.id)
    if report is None:
        return {}
    found, summary = report
    # The person learns which classes of data speak against them, not raw balances.
    codes = [str(row.get("item", "")) for row in found.get("findings", [])]
    items = [CHECK_ITEMS.get(code, code) for code in codes]
    return {"check_items": [item for item in items if item], "check_summary": summary}


_RECORD = Query(
    select(CaseRecord.data, CaseRecord.recorded_by_name)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == bindparam("the_kind"))
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)


def _record(session: Session, case: Case, kind: str, told: Any) -> dict[str, Any]:
    """Give the fields of the latest record of a kind, as its form was filled in, with who did so; none where there is none."""
    found = told or _RECORD.first(session, the_case=case.id, the_kind=kind)
    return {**found.data, "recorded_by": found.recorded_by_name} if found else {}


_PARTS: dict[str, Callable[[Session, Case, Any], dict[str, Any]]] = {
    "clocks": _clocks,
    "missing": _missing,
    "notice": _notice,
    "decision": _decision,
    "check": _check,
}
