"""The first payment stands with its case; a list of that month and it never pay the same money twice."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Payment
from jieban.clock import local_day
from jieban.database import Database
from jieban.errors import Invalid
from jieban.payments.making import make_lines
from jieban.payments.tables import PaymentLine
from tests.payments.granted import KIND, keep_list
from tests.people import COUNTY, People
from tests.workflows.walk import Walk


def test_a_month_on_a_list_is_recorded_as_the_list_paid_it(
    database: Database, people: People, now: datetime
) -> None:
    walk = Walk.begin(database, people, now)
    walk.until("first_payment")
    with database.write() as session:
        month = session.scalars(select(Benefit.from_month)).one()
        lines = make_lines(session, COUNTY, KIND, month).lines
        the_list = keep_list(session, people.county_reviewer, now, lines, month)
    day = local_day(walk.now)

    with pytest.raises(Invalid) as listed:
        walk.do("first_payment", paid_on=day.isoformat(), voucher="V1")
    with database.write() as session:
        paid = update(PaymentLine).where(PaymentLine.list_id == the_list.id)
        session.execute(paid.values(state="paid", paid_on=day, voucher="LS1"))
    with pytest.raises(Invalid) as otherwise:
        walk.do("first_payment", paid_on=day.isoformat(), voucher="V1")
    walk.do("first_payment", paid_on=day.isoformat(), voucher="LS1")

    assert [line.state for line in lines] == ["listed"]
    assert listed.value.errors[0]["field"] == "paid_on"
    assert "LS1" in otherwise.value.errors[0]["message"]
    with database.read() as session:
        assert [one.voucher for one in session.scalars(select(Payment))] == ["LS1"]


def test_a_month_that_was_paid_with_the_case_never_comes_on_a_list(
    database: Database, people: People, now: datetime
) -> None:
    walk = Walk.begin(database, people, now)
    walk.to_the_end()

    with database.read() as session:
        first = session.scalars(select(Payment.month)).one()
        following = date.fromisoformat(f"{first}-28") + timedelta(days=5)
        months = [
            [line.month for line in make_lines(session, COUNTY, KIND, month).lines]
            for month in (first, f"{following:%Y-%m}")
        ]

    assert months == [[], [f"{following:%Y-%m}"]]
