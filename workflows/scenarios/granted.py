"""What had been granted before a story begins: benefits with a closed case behind them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.areas.lookup import full_name
from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.events import add_event
from jieban.cases.tables import Application, Case, Decision, Income, Member
from jieban.clock import local_day, start_of_day
from jieban.errors import NotFound
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from jieban.people.registry import find_or_add
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from jieban.writes import write_out
from workflows.opening import beginning_of, next_number
from workflows.scenarios.cast import Cast, Kin, account_of, id_number_of

_METHODS = {("destitute_support", False): "basic_rural", ("destitute_support", True): "basic_urban"}


def add_benefits(session: Session, cast: Cast, key: str, given: Mapping[str, Any], now: datetime) -> None:
    """Add the benefits of a story; their ids are called $benefit, $benefit2 and so on, their cases $granted, $granted2."""
    for place, row in enumerate(given.get("benefits") or (), 1):
        benefit = _add(session, cast, key, given, row, now)
        mark = "" if place == 1 else str(place)
        cast.names.update({f"$benefit{mark}": str(benefit.id), f"$granted{mark}": benefit.case_number})
    for name, day in (given.get("died") or {}).items():
        died = update(Person).where(Person.id_number == id_number_of(name, cast.household))
        session.execute(died.values(died_on=date.fromisoformat(str(day))))


def _add(
    session: Session,
    cast: Cast,
    key: str,
    given: Mapping[str, Any],
    row: Mapping[str, Any],
    now: datetime,
) -> Benefit:
    village, window = str(given["village"]), cast.actor("window")
    procedure = str(row.get("procedure", "subsistence_allowance"))
    from_month = str(row["from_month"])
    past = _Past.of(date.fromisoformat(f"{from_month}-01"), now)
    holder = str(row.get("holder", cast.household[0].name))
    number = id_number_of(holder, cast.household)
    person = find_or_add(session, name=holder, id_number=number, phone="0539-0000000", now=now, sample=True)
    contact = ledger.open_first_contact(
        session,
        actor=window,
        now=past.registered,
        channel="window",
        matter="申请",
        person_name=holder,
        phone="0539-0000000",
        town_code=village[:9],
        place="",
        told="",
        limit=None,
    )
    write_out(session)
    followed = update(FirstContact).where(FirstContact.id == contact.id)
    session.execute(followed.values(state="closed", closed_at=past.closed))
    codes = {"town_code": village[:9], "county_code": village[:6], "city_code": village[:4]}
    urban, monthly = bool(row.get("urban", False)), row.get("amount") is not None
    size = int(row.get("members", 1))
    version, number_of_case = _procedure(session, procedure, key, village, past.registered)
    case = Case(
        id=new_id(),
        number=number_of_case,
        procedure=procedure,
        model_version_id=version,
        state="closed",
        stage="paid" if monthly else "approved",
        outcome="paid" if monthly else "approved",
        urban=urban,
        delegated=False,
        village_code=village,
        applicant_id=person.id,
        applicant_name=holder,
        first_receiver_id=window.id,
        first_contact_id=contact.id,
        registered_at=past.registered,
        accepted_at=past.registered,
        closed_at=past.closed,
        engine_state=b"",
        sample=True,
        **codes,
    )
    session.add(case)
    session.flush()
    session.add_all(
        [
            Application(
                case_id=case.id,
                channel="window",
                applied_on=local_day(past.registered),
                reason="家庭收入不足以维持基本生活，申请救助。",
                address=f"{full_name(session, village)}示例路 1 号",
                truth_promised=True,
                check_authorised=True,
                account_holder=str(row.get("account_holder", holder)),
                account_bank="示例农商银行",
                account_number=str(row.get("account", account_of(number))),
            ),
            *_household(session, cast.household, case.id, holder, person.id, size, now, given),
        ]
    )
    if "sampled" in row:  # by the county, when its file came (TK-08)
        drawn = {"sampled": bool(row["sampled"])}
        session.add(
            CaseRecord(
                id=new_id(),
                case_id=case.id,
                kind="county_sample",
                title="随机抽查",
                data=drawn,
                recorded_at=now,
            )
        )
    if row.get("income"):
        earned = Decimal(str(row["income"]))
        session.add(Income(id=new_id(), case_id=case.id, member_id=None, kind="wage", monthly=earned))
    months = row.get("review_months", 12)
    due = row.get("review_due")
    begun = date.fromisoformat(f"{from_month}-01")
    amount = Decimal(str(row["amount"])) if row.get("amount") is not None else None
    benefit = Benefit(
        id=new_id(),
        case_id=case.id,
        case_number=case.number,
        procedure=procedure,
        kind=str(row.get("kind", "monthly" if amount is not None else "status")),
        person_id=person.id,
        holder=holder,
        village_code=village,
        urban=urban,
        members=size,
        method=_METHODS.get((procedure, urban), "difference") if amount is not None else "status",
        amount=amount,
        care_form=str(row.get("care_form", "")),
        care_tier=str(row.get("care_tier", "")),
        from_month=from_month,
        until=date.fromisoformat(str(row["until"])) if row.get("until") else None,
        review_months=months,
        review_due=date.fromisoformat(str(due)) if due else months_later(begun, months) if months else None,
        state="ended" if row.get("ended_month") else "active",
        ended_month=str(row.get("ended_month", "")),
        sample=True,
        **codes,
    )
    session.add(benefit)
    session.flush()
    _tell(session, cast, case, benefit, past)
    if amount is not None:
        step = BenefitStep(
            id=new_id(),
            benefit_id=benefit.id,
            case_id=case.id,
            from_month=from_month,
            amount=amount,
            members=benefit.members,
            reason="granted",
            made_at=now,
        )
        session.add(step)
        session.flush()
    return benefit


@dataclass(frozen=True)
class _Past:
    """When a case that lies before the story was registered, decided and closed."""

    registered: datetime
    decided: datetime
    closed: datetime

    @classmethod
    def of(cls, begun: date, now: datetime) -> "_Past":
        """Take the weeks before the month from which it is granted; nothing of it lies after the story begins."""
        first = start_of_day(begun)
        decided = min(first - timedelta(days=6) + timedelta(hours=10), now)
        closed = min(first + timedelta(days=9, hours=15), now)
        return cls(decided - timedelta(days=21), decided, max(decided, closed))


def _procedure(
    session: Session, procedure: str, key: str, village: str, registered: datetime
) -> tuple[uuid.UUID, str]:
    """Choose the version and the number of a case; where its procedure is not there, those of the story's own."""
    try:
        beginning = beginning_of(session, procedure)
    except NotFound:
        beginning = beginning_of(session, key)
    return beginning.version.id, next_number(session, beginning.opening, village[:6], registered)


def _tell(session: Session, cast: Cast, case: Case, benefit: Benefit, past: _Past) -> None:
    """Write down who decided, and the first and the last line of the history."""
    leader, window = cast.actor("county_leader"), cast.actor("window")
    session.add(
        Decision(
            id=new_id(),
            case_id=case.id,
            result="approved",
            level="county",
            method=benefit.method if benefit.kind == "monthly" else "",
            amount=benefit.amount,
            members=benefit.members,
            from_month=benefit.from_month if benefit.kind == "monthly" else "",
            valid_until=benefit.until,
            decided_by=leader.id,
            decided_at=past.decided,
        )
    )
    about: dict[str, Any] = {"case_id": case.id}
    told = {"receipt": "sample"}
    add_event(session, **about, at=past.registered, kind="case.registered", actor=window, data=told)
    add_event(
        session, **about, at=past.closed, kind="case.closed", actor=None, data={"outcome": case.outcome}
    )


def _household(
    session: Session,
    household: Sequence[Kin],
    case_id: uuid.UUID,
    holder: str,
    holder_id: uuid.UUID,
    size: int,
    now: datetime,
    given: Mapping[str, Any],
) -> list[Member]:
    """Make the members: the holder, and as many of the made-up household as there are besides."""
    own = {row["name"]: row for row in given.get("members") or ()}
    others = [one for one in household if one.name != holder][: size - 1]
    found = [(holder, "self", holder_id)]
    for one in others:
        person = find_or_add(session, name=one.name, id_number=one.id_number, phone="", now=now, sample=True)
        found.append((one.name, one.relation, person.id))
    write_out(session)
    return [
        Member(
            id=new_id(),
            case_id=case_id,
            person_id=person_id,
            name=name,
            relation=relation,
            applicant=relation == "self",
            counted=True,
            work_ability=str(own.get(name, {}).get("work_ability", "")),
        )
        for name, relation, person_id in found
    ]
