"""From what was granted to the lines of a month, whatever the bank answers, on both databases."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Payment
from jieban.database import Database
from jieban.ids import new_id
from jieban.payments import lists
from jieban.payments.making import make_lines
from jieban.payments.tables import PaymentLine
from jieban.people.tables import Person
from tests.payments.granted import KIND, change_amount, grant, keep_list
from tests.people import COUNTY, OTHER_COUNTY, People
from tests.workflows.test_round_trips import Waits

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def test_the_amount_is_that_of_the_last_step_until_the_month(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now, "600", "2026-01")
        change_amount(session, benefit, now, "450.55", "2026-03")
        change_amount(session, benefit, now + timedelta(days=1), "500", "2026-03")
        change_amount(session, benefit, now, "0", "2026-05")

        paid = {
            month: [line.amount for line in make_lines(session, COUNTY, KIND, month).lines]
            for month in ("2025-12", "2026-02", "2026-03", "2026-05")
        }

    assert paid == {"2025-12": [], "2026-02": [Decimal(600)], "2026-03": [Decimal(500)], "2026-05": []}


def test_only_the_county_and_the_kind_are_listed_by_township(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        second = grant(session, people.window, now, village="379901002001")
        first = grant(session, people.window, now)
        grant(session, people.window, now, village="379902001001")
        grant(session, people.window, now, procedure="destitute_support")
        grant(session, people.window, now, kind="status")
        grant(session, people.window, now, until=date(2025, 12, 31))

        lines = make_lines(session, COUNTY, KIND, "2026-01").lines
        elsewhere = make_lines(session, OTHER_COUNTY, KIND, "2026-01").lines

    assert [(line.number, line.benefit_id) for line in lines] == [(1, first.id), (2, second.id)]
    assert len(elsewhere) == 1


def test_a_month_that_was_paid_with_its_case_is_not_listed(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now)
        session.add(
            Payment(
                id=new_id(),
                case_id=benefit.case_id,
                month="2026-01",
                amount=Decimal(600),
                account_holder=benefit.holder,
                account_number="1",
                state="paid",
                recorded_by=people.county_finance.id,
                recorded_at=now,
            )
        )
        session.flush()

        january, february = (make_lines(session, COUNTY, KIND, month).lines for month in MONTHS[:2])

    assert (len(january), len(february)) == (0, 1)


def test_who_died_is_paid_for_the_month_of_death_and_held_afterwards(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now)
        session.execute(
            update(Person).where(Person.id == benefit.person_id).values(died_on=date(2026, 1, 20))
        )

        lines = [make_lines(session, COUNTY, KIND, month).lines[0] for month in MONTHS[:2]]

    assert [(line.state, line.reason) for line in lines] == [("listed", ""), ("held", "died")]


def test_a_corrected_account_comes_whole_with_its_bank(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now)
        benefit.account_number, benefit.account_holder = "6200000000000077", benefit.holder
        session.flush()

        line = make_lines(session, COUNTY, KIND, "2026-01").lines[0]

    assert (line.account_number, line.account_bank, line.state) == ("6200000000000077", "", "listed")


def test_the_database_refuses_a_second_line_for_a_month(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        grant(session, people.window, now)
        lines = make_lines(session, COUNTY, KIND, "2026-01").lines
        keep_list(session, people.county_reviewer, now, lines, "2026-01")
    with pytest.raises(IntegrityError), database.write() as session:
        keep_list(session, people.county_reviewer, now, lines, "2026-01")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nobody_is_paid_twice_and_in_the_end_everybody_once(
    sqlite_database: Database, people: People, now: datetime, data: Any
) -> None:
    """Months go by; the bank pays, returns or says nothing, lists are thrown away, accounts are corrected or not."""
    with sqlite_database.engine.connect() as connection:
        outer = connection.begin()
        try:
            with Played(connection, people, now, data) as played:
                for month in MONTHS:
                    played.month(month)
                played.last()
                played.check()
        finally:
            outer.rollback()


class Played:
    """Four months of three households in one session that is never committed."""

    def __init__(self, connection: Any, people: People, now: datetime, data: Any) -> None:
        self.session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.people, self.now, self.data = people, now, data

    def __enter__(self) -> Self:
        starts = [self.data.draw(st.sampled_from(MONTHS)) for _ in range(3)]
        self.benefits = [
            grant(self.session, self.people.window, self.now, str(100 * place), month)
            for place, month in enumerate(starts, 1)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def month(self, month: str) -> None:
        for _ in range(self.data.draw(st.integers(1, 2))):
            self.now += timedelta(days=1)
            lines = make_lines(self.session, COUNTY, KIND, month).lines
            the_list = keep_list(self.session, self.people.county_reviewer, self.now, lines, month)
            if self.data.draw(st.booleans()) and self.data.draw(st.booleans()):
                self._set(PaymentLine.list_id == the_list.id, state="dropped")
                the_list.state = "dropped"
                self.session.flush()
                continue
            for line in lists.lines_of(self.session, the_list.id):
                if line.state == "listed":
                    self._answer(line)
            the_list.state = "settled"
            self.session.flush()

    def _answer(self, line: PaymentLine) -> None:
        answer = self.data.draw(st.sampled_from(["paid", "paid", "corrected", "same", "unreachable"]))
        if answer == "paid":
            self._set(PaymentLine.id == line.id, state="paid")
            return
        self._set(PaymentLine.id == line.id, state="returned", followed=answer)
        if answer == "corrected":
            self._correct(line.benefit_id)

    def _correct(self, benefit_id: Any) -> None:
        benefit = next(one for one in self.benefits if one.id == benefit_id)
        benefit.account_holder, benefit.account_bank = benefit.holder, "示例农商银行"
        benefit.account_number = f"63{new_id().int % 10**15:015d}"
        self.session.flush()

    def last(self) -> None:
        """Everybody is reached at last, and the bank pays all."""
        for benefit in self.benefits:
            self._correct(benefit.id)
        self.now += timedelta(days=1)
        lines = make_lines(self.session, COUNTY, KIND, MONTHS[-1]).lines
        assert all(line.state == "listed" for line in lines)
        the_list = keep_list(self.session, self.people.county_reviewer, self.now, lines, MONTHS[-1])
        self._set(PaymentLine.list_id == the_list.id, state="paid")

    def check(self) -> None:
        paid = self.session.scalars(select(PaymentLine).where(PaymentLine.state == "paid")).all()
        found = sorted((line.benefit_id, line.month) for line in paid)
        amounts = {benefit.id: benefit.amount for benefit in self.benefits}

        assert len(found) == len(set(found))
        assert all(line.amount == amounts[line.benefit_id] for line in paid)
        assert set(found) == {
            (line.benefit_id, line.month) for line in self.session.scalars(select(PaymentLine))
        }

    def _set(self, condition: Any, **values: Any) -> None:
        self.session.execute(update(PaymentLine).where(condition).values(**values))
        self.session.expire_all()


def test_the_number_of_questions_does_not_grow_with_the_households(
    postgresql_database: Database, people: People, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, found = Waits(monkeypatch), []
    for households in (3, 60):
        with postgresql_database.write() as session:
            for _ in range(households):
                grant(session, people.window, now)
        before = waits.count
        with postgresql_database.write() as session:
            make_lines(session, COUNTY, KIND, "2026-01")
        found.append(waits.count - before)

    assert found[0] == found[1]
    assert found[1] <= 4  # two questions, the beginning and the end of the transaction


def test_a_month_whose_list_was_thrown_away_is_paid_by_a_later_one(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now)
        grant(session, people.window, now, account="")
        first = make_lines(session, COUNTY, KIND, "2026-01").lines
        dropped = keep_list(session, people.county_reviewer, now, first, "2026-01", "dropped")
        session.execute(update(PaymentLine).where(PaymentLine.list_id == dropped.id).values(state="dropped"))
        anew = make_lines(session, COUNTY, KIND, "2026-01").lines
        change_amount(session, benefit, now, "610", "2026-01")
        later = make_lines(session, COUNTY, KIND, "2026-02").lines

    assert sorted((line.month, line.state) for line in anew) == [("2026-01", "held"), ("2026-01", "listed")]
    paid = sorted((line.month, line.round, line.amount) for line in later if line.state == "listed")
    assert paid == [("2026-01", 1, Decimal(610)), ("2026-02", 1, Decimal(610))]


def test_a_benefit_that_went_unpaid_is_counted_until_it_was_paid(
    database: Database, people: People, now: datetime
) -> None:
    with database.write() as session:
        benefit = grant(session, people.window, now, account="")
        counts = []
        for place, month in enumerate(MONTHS[:3]):
            lines = make_lines(session, COUNTY, KIND, month).lines
            kept = keep_list(
                session, people.county_reviewer, now + timedelta(days=place), lines, month, "settled"
            )
            counts.append(lists.unpaid_runs(session, kept.id))
        session.execute(
            update(Benefit)
            .where(Benefit.id == benefit.id)
            .values(account_number="62000000000001", account_holder=benefit.holder)
        )
        lines = make_lines(session, COUNTY, KIND, MONTHS[3]).lines
        kept = keep_list(
            session, people.county_reviewer, now + timedelta(days=4), lines, MONTHS[3], "settled"
        )
        after = lists.unpaid_runs(session, kept.id)

    assert counts == [{benefit.id: 1}, {benefit.id: 2}, {benefit.id: 3}]
    assert [(line.month, line.round) for line in lines] == [(month, 2) for month in MONTHS[:3]] + [
        ("2026-04", 1)
    ]
    assert after == {}
