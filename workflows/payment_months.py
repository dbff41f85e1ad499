"""The payment runs of a month: one case for each county and kind of money that is paid monthly there.

Only the case is opened, with the day from which its limit counts; people make the list, check it and approve it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.benefits import choosing
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.clock import start_of_day
from jieban.errors import NotFound
from jieban.intake.applications import NewMatter
from jieban.records.tables import CaseRecord
from jieban.staff.actor import actor_of
from jieban.staff.directory import staff_with_role
from tasks import forms
from workflows import opening as openings
from workflows.linking import open_all
from workflows.registering import Around, register_matter
from workflows.taking import look_around

PROCEDURE = "payment_run"
_RECEIVERS = ("county.finance", "county.reviewer")
"""Whoever follows the run up until it is closed: the payment clerk, or where a county has none, its reviewer."""


@dataclass(frozen=True, order=True)
class Due:
    """A county and a kind of money that is paid there this month."""

    county: str
    aid: str


def due_runs(session: Session, month: str) -> list[Due]:
    """List the counties and kinds of money for which a list of the month ("2026-03") has to be made."""
    query = (
        select(Benefit.county_code, Benefit.procedure)
        .where(
            Benefit.kind == "monthly",
            Benefit.from_month <= month,
            or_(Benefit.state == "active", Benefit.ended_month > month),
        )
        .distinct()
    )
    return sorted(Due(county, aid) for county, aid in session.execute(query))


def kinds_of_aid(session: Session) -> frozenset[str]:
    """Read from the opening form of the procedure which kinds of money it pays; NotFound where none is published."""
    beginning = openings.beginning_of(session, PROCEDURE)
    if beginning.form is None:
        return frozenset()
    form = forms.form_of(session, beginning.version.id, beginning.form)
    aid = form.schema.get("properties", {}).get("aid", {})
    return frozenset(one["const"] for one in aid.get("oneOf", ()))


def open_run(session: Session, now: datetime, due: Due, month: str, run_id: str = "") -> Case | None:
    """Open the payment run of a county, a kind of money and a month; None where there is one.

    Raises NotFound where nobody in the county could follow it up.
    """
    # The row of the county is where two sweeps meet. The second one waits: if it went past and the first one then
    # failed, the month would be taken for done.
    place = select(Area.sample).where(Area.code == due.county)
    county = session.scalar(place.with_for_update(key_share=True))
    if county is None or _has_run(session, due, month):
        return None
    receiver = next(
        (user for role in _RECEIVERS for user in staff_with_role(session, role, due.county)), None
    )
    if receiver is None:
        raise NotFound("该县没有发放经办人，也没有县级审核人，请先设置人员。")
    calendar = look_around(session)
    beginning = openings.beginning_of(session, PROCEDURE)
    matter = NewMatter(
        channel="office",
        area_code=due.county,
        subject=f"{choosing.item(due.aid)}{month}发放",
        data={"month": month, "aid": due.aid},
    )
    openings.check_data(session, beginning, matter.data, now)
    around = Around(session, None, now, calendar, actor_of(receiver), bool(county), run_id=run_id)
    case, wishes = register_matter(around, matter, beginning)
    open_all(session, None, now, case, wishes, run_id)
    return case


def _has_run(session: Session, due: Due, month: str) -> bool:
    """Tell whether somebody, or a sweep before, has opened it already; a withdrawn one counts: people decided so."""
    # A county's own matters stand under a code that no town has; a list may be made a month ahead.
    since = start_of_day(date.fromisoformat(f"{month}-01") - timedelta(days=62))
    query = (
        select(CaseRecord.data)
        .join(Case, Case.id == CaseRecord.case_id)
        .where(
            Case.town_code == openings.town_of(due.county),
            Case.state.in_(("open", "closed")),
            Case.registered_at >= since,
            Case.procedure == PROCEDURE,
            CaseRecord.kind == "registration",
        )
    )
    return any(data.get("month") == month and data.get("aid") == due.aid for data in session.scalars(query))
