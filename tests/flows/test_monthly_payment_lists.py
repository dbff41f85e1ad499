import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jieban import audit
from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.intake.applications import NewMatter
from jieban.ledger.tables import LedgerRecord
from jieban.payments.tables import PaymentList
from jieban.staff.tables import User
from tasks.tables import Task
from tests.granted import add_granted
from tests.people import COUNTY, People
from tests.workflows.walk import application
from workflows.cases import open_matter
from workflows.flows import monthly_payment_lists
from workflows.flows.swept import Swept

DECEMBER = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)


@pytest.fixture
def granted(database: Database, people: People, now: datetime) -> Database:
    """A household that gets the allowance from December on."""
    add_granted(database, people, now, application(now))
    return database


def run(database: Database, now: datetime, name: str) -> Swept:
    """Sweep as the runner does, with a note of how it went."""
    swept = monthly_payment_lists.sweep(database, now, name, 30)
    with database.write() as session:
        audit.sweep_ok(session, monthly_payment_lists.NAME, now, name, swept.totals())
    return swept


def runs(database: Database) -> list[Case]:
    with database.read() as session:
        query = select(Case).where(Case.procedure == "payment_run").order_by(Case.registered_at)
        return list(session.scalars(query))


def test_the_run_of_the_month_is_opened_and_no_list_is_made(granted: Database, people: People) -> None:
    """One case for the county and its money, for the payment clerk, with the day by which it has to be paid."""
    assert monthly_payment_lists.is_due(granted, DECEMBER)

    swept = run(granted, DECEMBER, "run-1")

    (case,) = runs(granted)
    assert (swept.done, swept.set_aside, swept.reached) == (1, 0, "2026-12")
    assert (case.applicant_name, case.county_code, case.first_receiver_id) == (
        "最低生活保障2026-12发放",
        COUNTY,
        people.county_finance.id,
    )
    with granted.read() as session:
        open_tasks = session.scalars(select(Task.element).where(Task.case_id == case.id)).all()
        lists = session.scalar(select(func.count()).select_from(PaymentList))
        told = {
            kind: session.scalars(select(kind.run_id).where(kind.case_id == case.id).distinct()).all()
            for kind in (CaseEvent, LedgerRecord)
        }
    assert (open_tasks, lists) == (["make_list"], 0)
    assert told == {CaseEvent: ["run-1"], LedgerRecord: ["run-1"]}


def test_each_month_has_one(granted: Database) -> None:
    """Once in December, however often the sweep comes; and again in January."""
    run(granted, DECEMBER, "run-1")

    assert not monthly_payment_lists.is_due(granted, DECEMBER + timedelta(days=20))
    assert monthly_payment_lists.sweep(granted, DECEMBER + timedelta(hours=1), "run-2", 30).done == 0
    assert run(granted, JANUARY, "run-3").done == 1
    assert [one.applicant_name[-9:] for one in runs(granted)] == ["2026-12发放", "2027-01发放"]


def test_a_run_that_somebody_opened_is_not_doubled(granted: Database, people: People, now: datetime) -> None:
    """The list of December that a reviewer began in November is the one of December."""
    with granted.write() as session:
        given = {"month": "2026-12", "aid": "subsistence_allowance"}
        matter = NewMatter("office", COUNTY, "低保金按月发放", data=given)
        open_matter(session, people.county_reviewer, now, matter, procedure="payment_run")

    assert run(granted, DECEMBER, "run-1").done == 0
    assert len(runs(granted)) == 1


def test_sweeps_side_by_side_open_one(granted: Database) -> None:
    """Two workers at midnight open one case between them, even where neither knows of the other."""
    together = threading.Barrier(2)

    def work(name: str) -> None:
        together.wait()
        monthly_payment_lists.sweep(granted, DECEMBER, name, 30)

    threads = [threading.Thread(target=work, args=(f"run-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(runs(granted)) == 1


def test_a_county_that_has_nobody_is_shown_and_tried_again(granted: Database) -> None:
    """Without anybody to follow it up nothing is opened in silence; once there is somebody, it is."""
    with granted.write() as session:
        session.execute(update(User).where(User.area_code == COUNTY).values(active=False))

    failed = run(granted, DECEMBER, "run-1")

    assert (failed.done, failed.set_aside) == (0, 1)
    assert "没有发放经办人" in failed.worst[0]["结果"]
    assert monthly_payment_lists.is_due(granted, DECEMBER)

    with granted.write() as session:
        session.execute(update(User).where(User.area_code == COUNTY).values(active=True))
    assert run(granted, DECEMBER, "run-2").done == 1


def test_where_nothing_is_paid_nothing_is_opened(database: Database) -> None:
    """A month without benefits is done at once."""
    swept = run(database, DECEMBER, "run-1")

    assert (swept.done, swept.reached) == (0, "2026-12")
