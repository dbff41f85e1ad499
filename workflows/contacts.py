"""The limit of feedback comes and passes: the first receiver is warned, the breach is written down, the leader is told.

Each stands in the ledger once. How long before and after is data: contact.warn and contact.alarm.
"""

import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban import rules, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import Database
from jieban.deadlines import Limit, last_moment, words
from jieban.ledger.following import note_alarmed, note_unheard, note_warned
from jieban.ledger.tables import FirstContact
from jieban.staff.tables import User
from notifications import messages
from tasks.contact_limits import alarm_after
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.swept import Swept
from workflows.receivers import Receivers, Told, role_name

_CHUNK = 100
_TOWN = 9


def any_unheard(session: Session, now: datetime) -> bool:
    """Tell whether a first receiver is to be warned, or anybody should have heard by now."""
    due = select(FirstContact.id).where(FirstContact.follow_at.is_not(None), FirstContact.follow_at < now)
    return session.execute(due.limit(1)).first() is not None


def sweep_feedback(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Look at every first contact whose limit is near or has passed without a word to the person.

    The first receiver is warned; once it has passed that is written down, and then the leader is told.

    Oldest first, each in a transaction of its own; one that cannot be dealt with is left for the next sweep.
    """
    budget, swept, receivers = Budget(budget_seconds, stop), Swept(), Receivers(now)
    failed: set[Any] = set()
    while not budget.spent:
        with database.read() as session:
            due = [one for one in _due(session, now, _CHUNK + len(failed)) if one not in failed]
        if not due:
            return swept
        for contact_id in due:
            if budget.spent:
                break
            try:
                with database.write() as session:
                    result = _look(session, contact_id, now, run_id, receivers)
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - one bad row never stops the others
                swept.set_aside += 1
                swept.show({"首接登记": str(contact_id), "结果": f"未能记录：{describe(error)}"})
                result = ""
            if not result:
                failed.add(contact_id)
                continue
            swept.done += 1
            swept.count(result)
    swept.unfinished = True
    return swept


def _due(session: Session, now: datetime, limit: int) -> list[Any]:
    query = select(FirstContact.id).where(FirstContact.follow_at.is_not(None), FirstContact.follow_at < now)
    return list(session.scalars(query.order_by(FirstContact.follow_at, FirstContact.id).limit(limit)))


def _look(session: Session, contact_id: Any, now: datetime, run_id: str, receivers: Receivers) -> str:
    """Say what came of it; nothing where somebody else holds the case or was first."""
    query = (
        select(Case, FirstContact)
        .join(FirstContact, FirstContact.id == Case.first_contact_id)
        .where(FirstContact.id == contact_id, FirstContact.follow_at < now)
        .with_for_update(of=[Case, FirstContact], skip_locked=True)
    )
    row = session.execute(query).first()
    if row is None:
        return ""
    case, contact = row.Case, row.FirstContact
    calendar = workdays.load_calendar(session).at(contact.town_code)
    following = _Following(session, case, contact, now, run_id, receivers, calendar)
    if now <= contact.feedback_due:
        _warn(following)
        return "已提醒"
    values = rules.rule_set_for(session, contact.town_code, local_day(now), now)
    alarm_at = alarm_after(values, calendar, contact.feedback_due)
    passed = contact.breached_at != contact.feedback_due
    if passed:
        note_unheard(session, case=case, now=now, run_id=run_id, alarm_at=alarm_at)
        _event(following, "contact.breached")
    if alarm_at <= now:
        _alarm(following)
    else:
        _tell_receiver(following, "contact")
    return "未反馈" if passed else "已警示"


@dataclass(frozen=True)
class _Following:
    """A first contact of which something is due, and who looks at it."""

    session: Session
    case: Case
    contact: FirstContact
    now: datetime
    run_id: str
    receivers: Receivers
    calendar: workdays.Calendar

    @property
    def about(self) -> str:
        return f"{self.case.applicant_name}，{self.case.number}。"

    @property
    def left(self) -> str:
        assert self.contact.feedback_due is not None
        return words(self.contact.feedback_due, self.now, self.calendar).text

    @property
    def last(self) -> str:
        due = self.contact.feedback_due
        assert due is not None
        return last_moment(Limit(due, provisional=self.calendar.is_provisional(local_day(due))))


def _warn(one: _Following) -> None:
    """Give the first receiver the yellow card while there is time (contact.warn)."""
    note_warned(one.session, case=one.case, now=one.now, run_id=one.run_id)
    _event(one, "contact.warned")
    text = f"您首接的事项反馈期限{one.left}，请于{one.last}前向本人反馈并登记：{one.about}"
    for told in _receiver(one):
        _leave(one, told.id, "yellow_card", text)


def _alarm(one: _Following) -> None:
    """Give the first receiver the red card, and tell the leader of their office (contact.alarm)."""
    receiver = _receiver(one)
    area = one.session.get_one(User, one.case.first_receiver_id).area_code or one.case.county_code
    role = "town.leader" if len(area) >= _TOWN else "county.leader"
    above = [told for told in one.receivers.office(one.session, role, area) if told not in receiver]
    names = [told.name for told in above]
    note_alarmed(one.session, case=one.case, now=one.now, run_id=one.run_id, told=names)
    _event(one, "contact.alarmed", to=role_name(role), told=names)
    _tell_receiver(one, "red_card")
    name = one.contact.receiver_name
    text = f"{name}首接的事项反馈期限{one.left}（应于{one.last}前），还没有向本人反馈，请督促：{one.about}"
    for told in above:
        _leave(one, told.id, "contact", text)


def _tell_receiver(one: _Following, kind: str) -> None:
    text = (
        f"您首接的事项反馈期限{one.left}（应于{one.last}前），还没有向本人反馈，请尽快反馈并登记：{one.about}"
    )
    for told in _receiver(one):
        _leave(one, told.id, kind, text)


def _receiver(one: _Following) -> tuple[Told, ...]:
    return one.receivers.person(one.session, one.case.first_receiver_id, one.contact.receiver_name)


def _event(one: _Following, kind: str, **more: Any) -> None:
    assert one.contact.feedback_due is not None
    add_event(
        one.session,
        case_id=one.case.id,
        at=one.now,
        kind=kind,
        actor=None,
        data={"due": one.contact.feedback_due.isoformat(), **more},
        run_id=one.run_id,
    )


def _leave(one: _Following, user_id: uuid.UUID, kind: str, text: str) -> None:
    messages.leave(
        one.session,
        user_id=user_id,
        kind=kind,
        text=text,
        now=one.now,
        case_id=one.case.id,
        run_id=one.run_id,
        private=one.case.applicant_name,
        proof=True,
        book=one.receivers.book,
    )
