"""What a demonstration must have before it is photographed: orders, breaches, limits in every state, a year to take in."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jieban import audit, clock, workdays
from jieban.audit.tables import Sweep
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import FirstContact
from jieban.procedures.tables import ModelVersion
from jieban.staff.absences import record_absence
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User, UserRole
from jieban.supervision.tables import SupervisionOrder
from tasks import contacts, supervision
from tasks.tables import Task
from workflows import model_store

TOWN = "379901001"
SHOWN_TOWN = "379902003"
"""The office whose worklist shows limits in every state."""
SHOWN_WINDOW = "window6"


def stage(database: Database, now: datetime) -> None:
    """Add what is missing; what is there already stays."""
    with database.write() as session:
        if session.scalar(select(SupervisionOrder.id).limit(1)) is None:
            _supervise(session, now)
            _dissatisfy(session, now)
            _show_every_limit(session, now)
    with database.write() as session:
        draft = select(ModelVersion.id).where(ModelVersion.state == "draft")
        if session.scalar(draft) is None:
            model_store.create_draft(session, _actor(session, "modeler"), now, "subsistence_allowance")


def speak(database: Database, usernames: Iterable[str], locale: str) -> None:
    """Let accounts read the pages in a language."""
    with database.write() as session:
        session.execute(update(User).where(User.username.in_(list(usernames))).values(locale=locale))


def stop_sweeps(database: Database, now: datetime) -> None:
    """Make it look as if nothing due had been done for an hour."""
    with database.write() as session:
        session.execute(
            update(Sweep).values(
                last_ok_at=now - timedelta(hours=1), last_error="OperationalError: disk I/O error"
            )
        )


def note_sweeps(database: Database, names: Iterable[str]) -> None:
    """Say that every sweep has just done its work."""
    with database.write() as session:
        for name in names:
            audit.sweep_ok(session, name, clock.now(), "shots", {"done": 0})


def a_year_to_take_in(year: int) -> bytes:
    """Make a notice of holidays for a year that is provisional so far; other days in January move limits."""
    rest = [(date(year, 1, day), "元旦") for day in (1, 2, 3, 4, 5)]
    rest += [(date(year, 2, day), "春节") for day in range(5, 13)]
    rest += [(date(year, 10, day), "国庆节") for day in range(1, 8)]
    work = [(date(year, 1, 9), "元旦调休"), (date(year, 2, 20), "春节调休")]
    rows = [f"{day},休,{name}," for day, name in rest] + [f"{day},班,{name}," for day, name in work]
    return "\n".join(["日期,是否上班,名称,地区代码", *rows, ""]).encode("utf-8-sig")


def _actor(session: Session, username: str) -> Actor:
    return actor_of(session.scalars(select(User).where(User.username == username)).one())


def _supervise(session: Session, now: datetime) -> None:
    """Issue orders about what is late and have one answered, one accepted; record an absence."""
    issuer, leader, reviewer = (_actor(session, name) for name in ("supervisor", "leader", "reviewer"))
    late = select(Task).where(Task.state == "open", Task.due_at < now, Task.town_code == TOWN)
    for number, task in enumerate(session.scalars(late.order_by(Task.due_at).limit(4)).all()):
        order = supervision.issue_order(
            session,
            issuer,
            now,
            case_id=task.case_id,
            to=f"office:town.leader:{TOWN}",
            what="请说明超期的原因，于期限内办结，并将结果告知申请人。",
            due_on=clock.local_day(now),
            task_id=task.id,
        )
        session.flush()
        said = "因窗口人员调整，材料未及时审查，已安排专人今日办结。"
        if number in {0, 1}:
            supervision.answer_order(session, leader, now, order.id, said)
        session.flush()
        if number == 1:
            supervision.judge_order(session, issuer, now, order.id, accept=True, reason="情况属实。")
    day = clock.local_day(now)
    session.add(UserRole(user_id=reviewer.id, role="town.leader"))
    session.flush()
    record_absence(
        session,
        leader,
        now,
        user_id=leader.id,
        substitute_id=reviewer.id,
        from_on=day,
        until_on=day,
        reason="参加培训",
    )


def _dissatisfy(session: Session, now: datetime) -> None:
    """Let one person be dissatisfied, and let others have been received late or heard nothing."""
    closed = select(Case).where(
        Case.state == "closed", Case.town_code == TOWN, Case.first_contact_id.is_not(None)
    )
    case = session.scalars(closed.order_by(Case.registered_at).limit(1)).one()
    contacts.rate_as_person(session, now, case, "dissatisfied", "等了很久，没有人告诉我办到哪一步。")
    open_ones = select(Case.first_contact_id).where(Case.state == "open", Case.town_code == TOWN).limit(2)
    late, unheard = session.scalars(open_ones).all()
    session.execute(update(FirstContact).where(FirstContact.id == late).values(registered_late=True))
    passed = {"feedback_due": now - timedelta(days=3), "breached_at": now - timedelta(days=2)}
    session.execute(update(FirstContact).where(FirstContact.id == unheard).values(**passed))


def _show_every_limit(session: Session, now: datetime) -> None:
    """Give the waiting tasks of one office limits in every state: late, today, soon, later, hours, not certain, none."""
    query = select(Task).where(Task.town_code == SHOWN_TOWN, Task.state == "open", Task.assignee_id.is_(None))
    tasks = session.scalars(query.where(Task.role == "town.window").limit(8)).all()
    days = workdays.load_calendar(session).at(SHOWN_TOWN)
    today = clock.local_day(now)
    limits = [clock.end_of_day(days.add_working_days(today, ahead)) for ahead in (-3, 0, 1, 2, 9, 3)]
    limits += [now + timedelta(hours=5), now - timedelta(hours=3)]
    for place, (task, due_at) in enumerate(zip(tasks, limits, strict=False)):
        task.due_at = due_at
        if task.deadline_id and (deadline := session.get(Deadline, task.deadline_id)):
            deadline.due_at = due_at
            deadline.provisional = place == 5
            deadline.unit = "h" if place > 5 else "wd"
