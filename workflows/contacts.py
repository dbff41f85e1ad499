"""The limit of feedback passes: written down once, and told to the first receiver and the leader of their office."""

import threading
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.ledger.following import note_heard, note_unheard
from jieban.ledger.tables import FirstContact
from jieban.staff.tables import User
from notifications import messages
from tasks.contacts import heard
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.swept import Swept
from workflows.receivers import Receivers

_CHUNK = 100
_TOWN = 9


def any_unheard(session: Session, now: datetime) -> bool:
    """Tell whether anybody should have heard by now."""
    due = select(FirstContact.id).where(FirstContact.follow_at.is_not(None), FirstContact.follow_at < now)
    return session.execute(due.limit(1)).first() is not None


def sweep_feedback(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Look at every first contact whose limit has passed: who was told by a letter has heard, of the others it is written down.

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
    table: Any = FirstContact.__table__
    query = (
        select(Case, FirstContact.feedback_due, heard(table, Case.id).label("heard"))
        .join(FirstContact, FirstContact.id == Case.first_contact_id)
        .where(FirstContact.id == contact_id, FirstContact.follow_at < now)
        .with_for_update(of=[Case, FirstContact], skip_locked=True)
    )
    row = session.execute(query).first()
    if row is None:
        return ""
    case: Case = row.Case
    if row.heard:
        note_heard(session, contact_id)
        return "已告知"
    note_unheard(session, case=case, now=now, run_id=run_id)
    add_event(
        session,
        case_id=case.id,
        at=now,
        kind="contact.breached",
        actor=None,
        data={"due": row.feedback_due.isoformat()},
        run_id=run_id,
    )
    receiver = session.get_one(User, case.first_receiver_id)
    area = receiver.area_code or case.county_code
    role = "town.leader" if len(area) >= _TOWN else "county.leader"
    first = receivers.person(session, receiver.id, receiver.name)
    about = f"{case.applicant_name}，{case.number}。"
    for told in first:
        text = f"您首接的事项反馈期限已过，还没有向本人反馈，请尽快反馈并登记：{about}"
        _leave(session, told.id, text, now, case, run_id)
    for told in receivers.office(session, role, area):
        if told not in first:
            text = f"{receiver.name}首接的事项反馈期限已过，还没有向本人反馈，请督促：{about}"
            _leave(session, told.id, text, now, case, run_id)
    return "未反馈"


def _leave(session: Session, user_id: Any, text: str, now: datetime, case: Case, run_id: str) -> None:
    messages.leave(
        session, user_id=user_id, kind="contact", text=text, now=now, case_id=case.id, run_id=run_id
    )
