import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban import rules, workdays
from jieban.areas.lookup import children, full_name
from jieban.areas.sample import seed_sample_areas
from jieban.care.importing import seed_sample_supply
from jieban.cases import benefit
from jieban.cases.tables import Case, PublicNotice
from jieban.clock import CHINA, local_day
from jieban.database import Database
from jieban.demo.answers import Plot, Scene, answer
from jieban.demo.followed import load_followed
from jieban.demo.people import household
from jieban.demo.staff import TOWNS, add_staff
from jieban.demo.stories import load_stories
from jieban.errors import Conflict
from jieban.settings import DEMO_PASSWORD
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from tasks.tables import Task
from tasks.work import may_work
from workflows import extensions
from workflows.cases import open_case
from workflows.steps import complete_task, fire_timer
from workflows.tables import Timer

PASSWORD = DEMO_PASSWORD
CASES = 300
_SEED = 42
_LONG = "申请人补充说明：" + "本人自去年以来多次住院，家中老人需要照料，孩子尚在上学。" * 140

_DAYS = {
    "examine_papers": (0, 1),
    "receive_supplement": (1, 6),
    "register_relative": (0, 1),
    "start_investigation": (0, 2),
    "home_visit": (2, 6),
    "start_check": (0, 2),
    "report_check": (1, 4),
    "initial_opinion": (1, 3),
    "close_notice": (0, 1),
    "county_review": (1, 4),
    "county_visit": (1, 3),
    "publish_decision": (0, 2),
    "first_payment": (0, 9),
}
"""How many days a task takes, from the assumptions of the sample-data recipe."""


def is_loaded(session: Session) -> bool:
    """Tell whether the demonstration is in this database already."""
    return session.scalar(select(User.id).where(User.sample).limit(1)) is not None


def load(
    database: Database,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    *,
    cases: int = CASES,
) -> int:
    """Load the sample city: areas, staff, and cases that were lived through step by step up to now.

    Every case goes through the same functions as a real one, under a clock of its own, so nothing in the
    demonstration could not have happened. Returns the number of cases.
    """
    with database.write() as session:
        seed_sample_areas(session)
        rules.seed_sample_rules(session)
        seed_sample_supply(session, now)
        users = add_staff(session, now - timedelta(days=120), PASSWORD)
        staff = _Staff({name: actor_of(user) for name, user in users.items()})
    rng = random.Random(_SEED)  # noqa: S311 - synthetic people, the same ones each time
    for serial in range(cases):
        with database.write() as session:
            _live(session, staff, random.Random(rng.random()), serial, now)  # noqa: S311
        if progress:
            progress(serial + 1, cases)
    if cases < CASES:
        return cases
    return cases + load_stories(database, now, rng) + load_followed(database, now)


class _Staff:
    """Who works where."""

    def __init__(self, actors: dict[str, Actor]) -> None:
        self.actors = actors

    def for_task(self, session: Session, task: Task) -> Actor | None:
        """Find somebody who may do a task; None where only a relative of the household could."""
        return next((one for one in self.actors.values() if not may_work(session, one, task)), None)

    def window(self, town: str) -> Actor:
        return next(
            one for one in self.actors.values() if "town.window" in one.roles and one.area_code == town
        )

    def pair(self, role: str, place: str) -> tuple[str, str]:
        names = [one.username for one in self.actors.values() if role in one.roles and one.covers(place)]
        return names[0], names[1]

    def leader(self, county: str) -> Actor:
        return next(
            one for one in self.actors.values() if "county.leader" in one.roles and one.area_code == county
        )


def _live(session: Session, staff: _Staff, rng: random.Random, serial: int, now: datetime) -> None:
    town = TOWNS[serial % len(TOWNS)]
    village = rng.choice([area.code for area in children(session, town)])
    # Most began in the last two months, some this morning, a few in summer.
    age = rng.choices(
        (rng.uniform(0, 1), rng.uniform(1, 30), rng.uniform(30, 70), rng.uniform(70, 110)), (8, 40, 35, 17)
    )[0]
    moment = _office_hours(session, now - timedelta(days=age), rng)
    if moment > now:
        moment = now - timedelta(minutes=rng.randrange(5, 90))
    actor = staff.window(town)
    urban = town.endswith("003")
    values = rules.rule_set_for(session, town, local_day(moment), moment)
    standard = rules.number(values, "dibao.standard.urban" if urban else "dibao.standard.rural")
    relative = _relative(staff, town) if serial % 60 == 7 else None
    home = household(
        rng,
        serial,
        village=village,
        address=f"{full_name(session, village)}{rng.randrange(1, 300)}号",
        urban=urban,
        applied_on=local_day(moment),
        standard=standard,
        relatives=(relative,) if relative else (),
        unusual=serial % 40 == 3,
    )
    over = rng.random() < 0.04
    plot = Plot(
        rng=rng,
        monthly_income=home.monthly_income,
        members=len(home.application.members),
        approve=not over and rng.random() < 0.78,
        incomplete=rng.random() < 0.4,
        uncooperative=serial % 75 == 31,
        over=over,
        objection=serial % 30 == 11,
        relative={**relative, "member_name": home.application.members[0].name} if relative else None,
    )
    application = home.application
    if serial == 5:
        application = replace(application, reason=_LONG)
    case = open_case(session, actor, moment, application, sample=True)
    plot.amount = str(benefit.difference(standard, home.monthly_income, len(application.members)).amount)
    # One in ten is left lying somewhere, which is what the overdue board is for.
    stops = rng.random() < 0.1
    _work_on(
        session,
        staff,
        case,
        plot,
        application.address,
        moment,
        now,
        stop_after=rng.randrange(2, 9) if stops else None,
        # The payment clerk has something to do on every day of the month.
        stop_at="first_payment" if serial % 9 == 2 else "",
    )
    if serial % 25 == 4:
        _ask_for_more_time(session, staff, case, now, approve=serial % 50 == 4)


def _work_on(
    session: Session,
    staff: _Staff,
    case: Case,
    plot: Plot,
    address: str,
    start: datetime,
    now: datetime,
    stop_after: int | None,
    stop_at: str,
) -> None:
    moment, steps = start, 0
    while case.state == "open":
        session.flush()  # the next task is looked for in the table
        task = session.scalars(
            select(Task)
            .where(Task.case_id == case.id, Task.state == "open")
            .order_by(Task.opened_at, Task.id)
            .limit(1)
        ).one_or_none()
        if task is None:
            timer = session.scalars(
                select(Timer)
                .where(Timer.case_id == case.id, Timer.state == "armed")
                .order_by(Timer.fire_at)
                .limit(1)
            ).one_or_none()
            if timer is None or timer.fire_at > now:
                return
            moment = max(moment, timer.fire_at)
            fire_timer(session, moment, timer.id)
            continue
        steps += 1
        if task.element == stop_at or (stop_after is not None and steps > stop_after):
            return
        low, high = _DAYS.get(task.element, (0, 2))
        moment = _office_hours(
            session,
            max(moment, task.opened_at) + timedelta(days=plot.rng.uniform(low, high), minutes=20),
            plot.rng,
        )
        if moment > now:
            return
        actor = staff.for_task(session, task)
        if actor is None:
            return
        pair = (
            staff.pair("county.reviewer", case.county_code + "000")
            if task.element == "county_visit"
            else staff.pair("town.investigator", case.town_code)
        )
        scene = Scene(plot, moment, address, case.applicant_name, pair)
        complete_task(session, actor, moment, task.id, answer(task.form, scene))
        _remember_notice(session, case.id, plot)


def _remember_notice(session: Session, case_id: uuid.UUID, plot: Plot) -> None:
    ends = session.scalar(select(func.max(PublicNotice.ends_at)).where(PublicNotice.case_id == case_id))
    if ends is not None:
        plot.notice_ends = local_day(ends).isoformat()


def _ask_for_more_time(session: Session, staff: _Staff, case: Case, now: datetime, *, approve: bool) -> None:
    try:
        asked = extensions.ask(
            session,
            staff.window(case.town_code),
            now,
            case.id,
            "hard_investigation",
            "家庭成员在外地务工，收入情况需函证核实。",
        )
        if approve:
            extensions.answer(
                session,
                staff.leader(case.county_code),
                now,
                asked.id,
                approve=True,
                words="情况属实，同意延长。",
            )
    except Conflict:
        return  # a case without a running clock, or one that is late already, cannot ask


def _relative(staff: _Staff, town: str) -> dict[str, str]:
    leader = next(
        one for one in staff.actors.values() if "town.leader" in one.roles and one.area_code == town
    )
    return {
        "staff_name": leader.name,
        "staff_unit": leader.unit,
        "relation": "兄弟姐妹",
        "username": leader.username,
    }


def _office_hours(session: Session, moment: datetime, rng: random.Random) -> datetime:
    day = workdays.load_calendar(session).next_working_day(local_day(moment))
    local = moment.astimezone(CHINA)
    if day != local.date() or not 8 <= local.hour < 18:
        hour, minute = rng.randrange(9, 17), rng.randrange(60)
        return max(datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA), local).astimezone(
            moment.tzinfo
        )
    return moment
