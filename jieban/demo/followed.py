"""What those who supervise look at: first contacts with which something went wrong, one of each kind, and three orders."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import CHINA, local_day
from jieban.database import Database
from jieban.intake.applications import NewMatter
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from tasks.supervision import answer_order, issue_order
from tasks.tables import Task
from workflows.cases import open_matter
from workflows.steps import complete_task

_COUNTY, _TOWN, _NEXT = "379901", "379901001", "379901002"
_DUTY = {"duty": "town", "duty_item": "第12项 村庄公共照明"}
_LATE_SINCE = 10
"""An order is about a case that lies for so many working days at least."""


def load_followed(database: Database, now: datetime) -> int:
    """Live through matters that went wrong, and let the city press for what is late; return how many matters."""
    office = _Office(database, now)
    stories = (_registered_late, _never_answered, _returned_wrongly, _pushed_away, _not_satisfied)
    for story in stories:
        story(office)
    _orders(office)
    return len(stories)


class _Office:
    """A county with two townships, and the working days before now; each act is a transaction of its own, as on a page."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        with database.read() as session:
            self._calendar = workdays.load_calendar(session)
            users = session.scalars(select(User).where(User.sample).order_by(User.username.desc()))
            self._actors = {
                (row.role, user.area_code): actor_of(user) for user in users for row in user.roles
            }

    def actor(self, role: str, area: str) -> Actor:
        return self._actors[role, area]

    def ago(self, days: int, hour: int = 10) -> datetime:
        """Give a moment so many working days before now, or after."""
        day = self._calendar.add_working_days(local_day(self.now), -days)
        return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA).astimezone(self.now.tzinfo)

    def call(self, at: datetime, caller: str, content: str, came: datetime | None = None) -> uuid.UUID:
        """Register a call at the county, which may have come before."""
        said = f"{(came or at - timedelta(minutes=20)).astimezone(CHINA):%Y-%m-%dT%H:%M}"
        data = {
            "kind": "request",
            "content": content,
            "received_at": said,
            "dispatched_at": said,
            "reply_wanted": "yes",
            "confidential": "no",
        }
        matter = NewMatter("hotline", _COUNTY, caller, phone="0539-6100000", data=data)
        clerk = self.actor("county.reviewer", _COUNTY)
        with self.database.write() as session:
            return open_matter(session, clerk, at, matter, procedure="hotline_matter", sample=True).id

    def do(self, at: datetime, role: str, area: str, case: uuid.UUID, element: str, **data: Any) -> None:
        query = select(Task.id).where(Task.case_id == case, Task.element == element, Task.state == "open")
        with self.database.write() as session:
            complete_task(session, self.actor(role, area), at, session.scalars(query).one(), data)

    def dispatch(self, at: datetime, case: uuid.UUID, to: str) -> None:
        self.do(at, "county.reviewer", _COUNTY, case, "triage", action="dispatch")
        given = {"to_area": to, "reason": "请核实并修复", **_DUTY}
        self.do(at, "county.reviewer", _COUNTY, case, "dispatch", **given)


def _registered_late(office: _Office) -> None:
    office.call(office.ago(1), "孔庆芳", "村口排水沟堵塞，雨天积水。", came=office.ago(2))


def _never_answered(office: _Office) -> None:
    case = office.call(office.ago(5), "姜学文", "石桥村老年活动室门前路灯不亮。")
    office.dispatch(office.ago(5, 11), case, _NEXT)


def _returned_wrongly(office: _Office) -> None:
    """The township returned what the county then finds to be its own."""
    case = office.call(office.ago(4), "范玉荣", "前屯村公厕夜间没有照明。")
    office.dispatch(office.ago(4, 11), case, _NEXT)
    given = {"answer": "returned", "reason": "不属本镇管护范围"}
    office.do(office.ago(3), "town.window", _NEXT, case, "answer_handover", **given)
    named = {"to_area": _NEXT, "reason": "前屯村属石桥镇，指定石桥镇承办", **_DUTY}
    office.do(office.ago(3, 14), "county.leader", _COUNTY, case, "designate", **named)
    office.do(office.ago(3, 16), "town.window", _NEXT, case, "answer_handover", answer="accepted")


def _pushed_away(office: _Office) -> None:
    case = office.call(office.ago(8), "尹志平", "两镇交界处道路照明损坏。")
    office.dispatch(office.ago(8, 11), case, _TOWN)
    given = {"answer": "returned", "reason": "该路段在石桥镇"}
    office.do(office.ago(7), "town.window", _TOWN, case, "answer_handover", **given)
    named = {"to_area": _NEXT, "reason": "经核实在石桥镇，指定石桥镇承办", **_DUTY}
    office.do(office.ago(6), "county.leader", _COUNTY, case, "designate", **named)


def _not_satisfied(office: _Office) -> None:
    case = office.call(office.ago(4), "苗桂花", "低保金到账日期不清楚。")
    office.do(
        office.ago(4, 11),
        "county.reviewer",
        _COUNTY,
        case,
        "triage",
        action="answer",
        answer="每月25日前发放。",
    )
    said = {"rating": "dissatisfied", "comment": "没有说清上月为什么晚到"}
    office.do(
        office.ago(2), "county.reviewer", _COUNTY, case, "revisit", reached="yes", carried_out="no", **said
    )


def _orders(office: _Office) -> None:
    """One order waits, one was answered, and of one the limit has passed without an answer."""
    late = (
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.state == "open",
            Task.county_code == _COUNTY,
            Task.role.startswith("town."),
            Task.due_at < office.ago(_LATE_SINCE),
        )
        .order_by(Task.due_at, Task.id)
    )
    cases: dict[uuid.UUID, Task] = {}
    with office.database.read() as session:
        for task in session.scalars(late):
            cases.setdefault(task.case_id, task)
    plans = ((1, -3, False), (4, -2, True), (7, 2, False))
    for task, (given, due, answered) in zip(cases.values(), plans, strict=False):
        with office.database.write() as session:
            order = issue_order(
                session,
                office.actor("supervisor", _COUNTY[:4]),
                office.ago(given),
                case_id=task.case_id,
                task_id=task.id,
                to=f"office:town.leader:{task.town_code}",
                what=f"“{task.name}”已超期，请核实原因，尽快办结，并向申请人说明。",
                due_on=local_day(office.ago(due)),
            )
        if answered:
            leader = office.actor("town.leader", task.town_code)
            words = "经办人外出培训，已由他人接办，本周内办结，并已电话告知申请人。"
            with office.database.write() as session:
                answer_order(session, leader, office.ago(1, 15), order.id, words)
