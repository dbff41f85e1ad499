"""A household that has been granted something, without the way there."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from jieban.benefits.granting import grant
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.intake.applications import NewApplication
from tests.people import People
from workflows.cases import open_case


def add_granted(
    database: Database,
    people: People,
    now: datetime,
    application: NewApplication,
    *,
    procedure: str = "subsistence_allowance",
    **changes: Any,
) -> Benefit:
    """Open a case and close it again with a benefit of what the application asks for; `changes` are of the benefit."""
    with database.write() as session:
        case = open_case(session, people.window, now, application)
    given: dict[str, Any] = {
        "kind": "monthly",
        "amount": Decimal(500),
        "members": sum(one.counted for one in application.members),
        "method": "difference",
        "from_month": "2026-12",
        "review_months": 12,
    }
    with database.write() as session:
        session.execute(update(Case).where(Case.id == case.id).values(state="closed"))
        benefit = grant(session, case, now, **(given | changes))
        benefit.procedure = procedure
    with database.write() as session:
        session.execute(update(Benefit).where(Benefit.id == benefit.id).values(procedure=procedure))
    return benefit
