"""A timer on the border of a task and the deadline of that task name one moment, whatever happens to either."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from jieban import rules, workdays
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.deadlines import start_deadline
from jieban.deadlines.tables import LASTS, Deadline
from jieban.errors import Invalid
from tasks import work
from tasks.tables import Task
from tests.jieban.test_calendar_import import STATE, csv_file
from tests.people import COUNTY, People, load_people
from tests.workflows.deadlines import add_driven, add_driven_case, by_two
from workflows import calendars, extensions, model_store
from workflows.tables import Timer
from workflows.writing_back import pinned_rules

FIRST = datetime(2027, 3, 1, 1, tzinfo=UTC)
NOTICE = csv_file()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One database for all examples, with the notice of 2027 taken in: their cases stay and are looked at too."""
    with request.getfixturevalue(f"{request.param}_maker").fresh("ready") as database:
        calendars.import_now(
            database, NOTICE, "2027.csv", actor=None, now=FIRST, notice=STATE, why="通知迟到"
        )
        yield database


@dataclass
class Story:
    """A case, and what is done to it."""

    database: Database
    people: People
    now: datetime
    case_id: UUID
    task_id: UUID
    imports: list[UUID] = field(default_factory=list)

    def calendar(self, days: dict[int, bool], area: str) -> None:
        """Take in days of the country or of the county; a file that says nothing new changes nothing."""
        rows = [(date(2027, 3, 1) + timedelta(days=n), int(works), "", area) for n, works in days.items()]
        content = csv_file(rows, header="day,working,name,area")
        with self.database.write() as session:
            try:
                made = calendars.record_preview(
                    session, self.people.sys_admin, self.now, content=content, file="days.csv", notice=STATE
                )
            except Invalid:  # such a calendar cannot be
                return
            nothing = not calendars.outlook_of(session, calendars.find_preview(session, made), self.now)[
                0
            ].changes
        if not nothing:
            by_two(calendars.confirm, self.database, self.people, self.now, made)
            self.imports.append(made)

    def undo(self) -> None:
        """Take the last import back."""
        if self.imports:
            by_two(calendars.undo, self.database, self.people, self.now, self.imports.pop())

    def hand_over(self) -> None:
        """Take the task, hand it to a colleague, who gives it back."""
        with self.database.write() as session:
            work.claim(session, self.people.window, self.now, self.task_id)
        with self.database.write() as session:
            to = self.people["window2"]
            work.hand_over(session, self.people.window, self.now, self.task_id, to.id, "休假")
        with self.database.write() as session:
            work.release(session, self.people["window2"], self.now, self.task_id)

    def extend(self) -> None:
        """Make the clock of the case longer, where that was not done yet."""
        with self.database.write() as session:
            case = session.get_one(Case, self.case_id)
            if case.accepted_at is not None:
                return
            case.accepted_at = self.now
            entry = rules.entry(pinned_rules(session, case, self.now), "dibao.total")
            start_deadline(
                session,
                case=case,
                kind="total",
                name=entry.name,
                rule_key=entry.key,
                length=int(entry.value),
                unit=entry.unit,
                start=self.now,
                article=entry.article,
                provenance=entry.provenance,
                calendar=workdays.load_calendar(session).at(case.town_code),
            )
        with self.database.write() as session:
            asked = extensions.ask(
                session, self.people.window, self.now, self.case_id, "other_place", "在外地"
            )
            asked_id = asked.id
        with self.database.write() as session:
            extensions.answer(session, self.people.leader, self.now, asked_id, approve=True, words="")


def check(database: Database) -> None:
    """Look at every task with such a timer, and at every limit, of this example and of those before it."""
    with database.read() as session:
        calendar = workdays.load_calendar(session)
        found = session.execute(
            select(Task, Deadline, Timer, Case)
            .join(Deadline, Deadline.id == Task.deadline_id)
            .join(Case, Case.id == Task.case_id)
            .join(Timer, (Timer.case_id == Task.case_id) & (Timer.element == "late"))
            .where(Task.element == "look", Task.state == "open", Timer.state == "armed")
        ).all()
        assert found
        for row in found:
            assert row.Timer.fire_at == row.Deadline.due_at == row.Task.due_at
            run = model_store.get_model(session, row.Case.model_version_id).restore(row.Case.engine_state)
            assert {one.fire_at for one in run.timers() if one.element == "late"} == {row.Task.due_at}
        for clock, town in session.execute(
            select(Deadline, Case.town_code)
            .join(Case, Case.id == Deadline.case_id)
            .where(Deadline.state == "running", Deadline.kind != LASTS)
        ):
            end = workdays.due(clock.starts_at, clock.length, clock.unit, calendar.at(town))
            assert (clock.due_at, clock.provisional) == (end.at, end.provisional)


DAYS = st.dictionaries(st.integers(0, 25), st.booleans(), min_size=1, max_size=4)
ACTIONS: Any = st.one_of(
    st.tuples(st.just("calendar"), DAYS, st.sampled_from(["", COUNTY])),
    st.sampled_from([("undo",), ("hand_over",), ("extend",)]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begin=st.integers(0, 10 * 1440),
    span=st.sampled_from(["P1WD", "P5WD", "P10WD", "P7D", "PT24H", "P1M"]),
    actions=st.lists(ACTIONS, min_size=1, max_size=4),
)
def test_timer_deadline_and_task_stay_one(kept, begin, span, actions):
    """Calendars that come and go, hand-overs and a longer clock: after each of them all three name the same moment."""
    now = FIRST + timedelta(minutes=begin)
    with kept.write() as session:
        people = load_people(session)
        case = add_driven_case(session, people.window, now, add_driven(session, now, span))
        case_id = case.id
    with kept.read() as session:
        query = select(Task.id).where(Task.case_id == case_id, Task.element == "look")
        story = Story(kept, people, now, case_id, session.scalars(query).one())

    for name, *given_ in actions:
        getattr(story, name)(*given_)
        check(kept)
