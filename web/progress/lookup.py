"""What an applicant is told about their case: plain steps and the next date, nothing about any person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case, Decision, Payment, PublicNotice
from jieban.clock import start_of_day
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import FirstContact
from jieban.people.tables import Person
from tasks.delay import Remedy, remedy
from web.i18n import N_

_REACHED = {
    "registered": 0,
    "supplementing": 0,
    "accepted": 1,
    "investigating": 2,
    "noticed": 3,
    "reviewing": 4,
    "approved": 5,
    "paid": 6,
}
"""How far along the steps below a stage is."""

_TOLD = {
    "registered": N_("您的申请已经登记，工作人员正在审查材料。"),
    "supplementing": N_("您的材料不齐，请按《一次性补正材料告知书》尽快补交。"),
    "accepted": N_("您的申请已经受理，将安排入户调查和信息核对。"),
    "investigating": N_("正在入户调查和核对信息。"),
    "noticed": N_("初审意见正在村（社区）公示。"),
    "reviewing": N_("正在审核。"),
    "approved": N_("已同意，从次月起发放。"),
    "paid": N_("已经发放，请留意银行账户。"),
    "refused": N_("未予同意。理由和申请复议、提起诉讼的办法见告知书。"),
    "terminated": N_("审核确认程序已终止，您可以重新申请。理由见告知书。"),
    "withdrawn": N_("您已撤回申请，需要时可以重新申请。"),
}


_OF_A_MATTER = {"open": N_("您的事项正在办理。"), "closed": N_("您的事项已经办结。")}
"""For what is no household's application, whose steps are its own."""


@dataclass(frozen=True)
class Step:
    name: str
    at: datetime | None
    state: str
    """done, now, later"""


@dataclass(frozen=True)
class Progress:
    told: str
    steps: list[Step]
    next_name: str
    next_clock: Deadline | None
    closed: bool
    receiver: str
    receiver_unit: str
    phone: str
    """of the office, not of the applicant"""
    remedy: Remedy | None = None
    """what is open to the applicant, where a limit of the law has passed"""


def find(session: Session, code: str, last_four: str) -> Case | None:
    """Find a case by the code of its receipt and the last four characters of the applicant's telephone or ID."""
    query = (
        select(Case, FirstContact.phone, Person.id_number)
        .join(FirstContact, FirstContact.id == Case.first_contact_id)
        .join(Person, Person.id == Case.applicant_id)
        .where(FirstContact.receipt_code == tidy(code))
    )
    row = session.execute(query).one_or_none()
    wanted = last_four.strip().upper()
    if row is None or len(wanted) != 4:
        return None
    case, phone, id_number = row
    known = {(phone or "").strip()[-4:], (id_number or "")[-4:]} - {""}
    return case if wanted in known else None


def tidy(code: str) -> str:
    """Write a code the way it is printed, however it was typed."""
    letters = "".join(letter for letter in code.upper() if letter.isascii() and letter.isalnum())
    return "-".join(letters[place : place + 4] for place in range(0, min(len(letters), 12), 4))


def progress(session: Session, case: Case, now: datetime, phone: str) -> Progress:
    """Say how far a case is."""
    contact = session.get_one(FirstContact, case.first_contact_id)
    next_name, next_clock = _next(session, case, now)
    return Progress(
        told=_told(case, contact),
        steps=_steps(session, case),
        next_name=next_name,
        next_clock=next_clock,
        closed=case.state == "closed",
        receiver=contact.receiver_name,
        receiver_unit=contact.receiver_unit,
        phone=phone,
        remedy=remedy(session, case, now),
    )


def _told(case: Case, contact: FirstContact) -> str:
    of_a_household = contact.matter.endswith("申请")
    return _TOLD.get(case.stage, "") if of_a_household else _OF_A_MATTER[case.state]


def _steps(session: Session, case: Case) -> list[Step]:
    notice = session.scalar(
        select(PublicNotice.posted_on)
        .where(PublicNotice.case_id == case.id, PublicNotice.phase == "initial")
        .order_by(PublicNotice.posted_on.desc())
        .limit(1)
    )
    decided = session.scalar(
        select(Decision.decided_at)
        .where(Decision.case_id == case.id)
        .order_by(Decision.decided_at.desc())
        .limit(1)
    )
    paid = session.scalar(
        select(Payment.paid_on).where(Payment.case_id == case.id).order_by(Payment.month).limit(1)
    )
    dated: list[tuple[str, datetime | None]] = [
        (N_("登记申请"), case.registered_at),
        (N_("受理"), case.accepted_at),
        (N_("入户调查和信息核对"), None),
        (N_("公示"), start_of_day(notice) if notice else None),
        (N_("审核"), None),
        (N_("决定"), decided),
        (N_("发放"), start_of_day(paid) if paid else None),
    ]
    ended = case.state == "closed"
    if case.stage not in _REACHED:
        # Refused, terminated, withdrawn: what was not reached is not promised any more.
        return [Step(name, at, "done") for name, at in dated if at is not None]
    reached = _REACHED[case.stage]
    return [
        Step(name, at, "done" if place < reached or ended else "now" if place == reached else "later")
        for place, (name, at) in enumerate(dated)
    ]


def _next(session: Session, case: Case, now: datetime) -> tuple[str, Deadline | None]:
    if case.state == "closed":
        return "", None
    kinds = {
        "notice": N_("公示期满"),
        "total": N_("最迟作出决定"),
        "total_urban": N_("最迟作出决定"),
    }
    query = (
        select(Deadline)
        .where(
            Deadline.case_id == case.id,
            Deadline.state == "running",
            Deadline.kind.in_(kinds),
            Deadline.due_at >= now,
        )
        .order_by(Deadline.due_at)
        .limit(1)
    )
    found = session.scalars(query).one_or_none()
    return (kinds[found.kind], found) if found else ("", None)
