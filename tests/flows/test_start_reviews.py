import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case, CaseEvent, Member
from jieban.clock import local_day
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.links.tables import CaseLink
from jieban.procedures.tables import ModelVersion
from notifications.tables import Letter, Message
from tasks.tables import Task
from tests.granted import add_granted
from tests.people import People
from tests.workflows.walk import application
from workflows.flows import start_reviews


@dataclass(frozen=True)
class Granted:
    """A household that gets the subsistence allowance."""

    database: Database
    case_id: uuid.UUID

    def now(self) -> Benefit:
        with self.database.read() as session:
            return session.scalars(select(Benefit).where(Benefit.case_id == self.case_id)).one()

    def case(self) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, self.case_id)

    def change(self, **values: object) -> None:
        with self.database.write() as session:
            session.execute(update(Benefit).where(Benefit.case_id == self.case_id).values(**values))

    def due(self) -> datetime:
        """The moment at which the review is due."""
        day = self.now().review_due
        assert day is not None
        return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


@pytest.fixture
def granted(database: Database, people: People, now: datetime) -> Granted:
    """A household of one whose allowance is reviewed every year."""
    return Granted(database, add_granted(database, people, now, application(now)).case_id)


def reviews_of(granted: Granted) -> list[Case]:
    with granted.database.read() as session:
        query = select(Case).join(CaseLink, CaseLink.to_id == Case.id)
        return list(
            session.scalars(query.where(CaseLink.from_id == granted.case_id, CaseLink.kind == "review"))
        )


def count(database: Database, *conditions: object) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(*conditions)) or 0


def test_a_due_review_is_opened_with_its_household_and_its_first_receiver(granted: Granted) -> None:
    """The day before nothing happens; on the day one case is there, with a first task and the members of the benefit."""
    moment = granted.due()

    assert not start_reviews.is_due(granted.database, moment - timedelta(days=1))
    swept = start_reviews.sweep(granted.database, moment, "run-1", 30)

    assert (swept.done, swept.set_aside, swept.counts) == (1, 0, {"开始核查": 1})
    (case,) = reviews_of(granted)
    assert (case.procedure, case.state, case.applicant_name) == (
        "benefit_review",
        "open",
        granted.case().applicant_name,
    )
    assert case.first_receiver_id == granted.case().first_receiver_id
    assert count(granted.database, Task.case_id == case.id, Task.element == "plan_review") == 1
    assert count(granted.database, Member.case_id == case.id, Member.counted) == 1


def test_a_second_sweep_opens_nothing(granted: Granted) -> None:
    """The next review is a whole cycle away as soon as this one is open, and stays so if it is never finished."""
    moment = granted.due()
    months = granted.now().review_months

    start_reviews.sweep(granted.database, moment, "run-1", 30)

    assert not start_reviews.is_due(granted.database, moment)
    assert start_reviews.sweep(granted.database, moment, "run-2", 30).done == 0
    assert len(reviews_of(granted)) == 1
    following = granted.now().review_due
    assert following is not None
    assert (following - local_day(moment)).days > 28 * (months or 0)


def test_a_benefit_with_an_open_review_is_left_alone(granted: Granted) -> None:
    """A review that somebody opened by hand is not doubled when its day comes."""
    moment = granted.due()
    start_reviews.sweep(granted.database, moment, "run-1", 30)
    granted.change(review_due=local_day(moment))

    swept = start_reviews.sweep(granted.database, moment, "run-2", 30)

    assert swept.done == 0
    assert len(reviews_of(granted)) == 1
    assert not start_reviews.is_due(granted.database, moment)


def test_sweeps_side_by_side_open_one_review(granted: Granted) -> None:
    """Two runners that find the same benefit at the same moment open one case between them."""
    moment, together = granted.due(), threading.Barrier(2)

    def run(name: str) -> None:
        together.wait()
        start_reviews.sweep(granted.database, moment, name, 30)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("run-1", "run-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reviews_of(granted)) == 1


def test_what_cannot_be_opened_waits_for_tomorrow(granted: Granted) -> None:
    """It is counted and shown, and does not fail every minute."""
    moment = granted.due()
    with granted.database.write() as session:
        session.execute(
            update(ModelVersion).where(ModelVersion.key == "benefit_review").values(state="discarded")
        )

    swept = start_reviews.sweep(granted.database, moment, "run-1", 30)

    assert (swept.done, swept.set_aside) == (0, 1)
    assert not start_reviews.is_due(granted.database, moment)
    assert start_reviews.is_due(granted.database, moment + timedelta(days=1))


def test_a_coming_end_is_told_once_and_then_comes(granted: Granted) -> None:
    """Thirty days before, a letter and a message; after the last day it ends, on record in history and ledger."""
    database, until = granted.database, date(2027, 6, 30)
    granted.change(kind="status", until=until, review_due=None)
    early, told, last, over = (
        datetime(2027, *day, 2, tzinfo=UTC) for day in ((5, 30), (5, 31), (6, 30), (7, 1))
    )

    assert start_reviews.sweep(database, early, "run-0", 30).done == 0
    for run in ("run-1", "run-2"):
        start_reviews.sweep(database, told, run, 30)
    assert count(database, Letter.case_id == granted.case_id, Letter.kind == "end_foretold") == 1
    assert (
        count(
            database,
            Message.case_id == granted.case_id,
            Message.kind == "reminder",
            Message.run_id == "run-1",
        )
        == 1
    )
    assert start_reviews.sweep(database, last, "run-3", 30).done == 0
    assert granted.now().state == "active"

    assert start_reviews.sweep(database, over, "run-4", 30).counts == {"期满停止": 1}

    ended = granted.now()
    assert (ended.state, ended.ended_month, ended.end_reason) == ("ended", "2027-07", "expired")
    for table in (CaseEvent, LedgerRecord):
        assert (
            count(
                database,
                table.case_id == granted.case_id,
                table.kind == "benefit.ended",
                table.run_id == "run-4",
            )
            == 1
        )
    assert not start_reviews.is_due(database, over)


def test_the_sweep_stops_when_its_time_is_used_up(granted: Granted) -> None:
    """What is left waits for the next run."""
    assert start_reviews.sweep(granted.database, granted.due(), "run-1", 0).unfinished
    assert reviews_of(granted) == []
