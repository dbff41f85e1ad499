"""When data were last compared with those of the departments, and when they are to be compared again (JC-02, JC-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.areas.tables import Area
from jieban.audit import record_admin
from jieban.audit.tables import AdminEvent
from jieban.benefits.granting import months_later
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.monitoring.words import SOURCES
from jieban.staff.actor import Actor

_KIND = "monitoring.compared"
RULES = {"medical_insurance": "monitor.compare.medical", "agriculture": "monitor.compare"}
"""Sources whose data are compared at fixed intervals, with the rule that says after how many months at the latest."""


@dataclass(frozen=True)
class Comparison:
    """One comparison that a county owes."""

    county_code: str
    county: str
    source: str
    last: date | None
    due: date
    """today, where nobody has compared yet"""
    months: int
    provenance: str


def record_comparison(
    session: Session,
    actor: Actor,
    now: datetime,
    source: str,
    county_code: str,
    *,
    found: int,
    file: str = "",
) -> None:
    """Keep that the data of a source were compared, also where nothing was found."""
    if source not in SOURCES:
        raise Invalid(f"没有这个来源：{source}。可填：{'、'.join(SOURCES)}。")
    if not actor.covers(county_code):
        raise Invalid("只能登记本辖区内的比对。")
    data = {"source": source, "county": county_code, "found": found, "file": file}
    record_admin(session, kind=_KIND, now=now, actor=actor, data=data)


def comparisons(session: Session, now: datetime, within: str = "") -> list[Comparison]:
    """List for each county below `within` when its data are to be compared with those of which source.

    The rules of the day are kept as a set, so the session must be one that writes.
    """
    last: dict[tuple[str, str], date] = {}
    for event in session.scalars(select(AdminEvent).where(AdminEvent.kind == _KIND).order_by(AdminEvent.at)):
        last[event.data["county"], event.data["source"]] = local_day(event.at)
    counties = session.scalars(
        select(Area)
        .where(Area.level == "county", Area.code.startswith(within, autoescape=True))
        .order_by(Area.code)
    )
    return [one for county in counties for one in _of(session, county, now, last)]


def _of(
    session: Session, county: Area, now: datetime, last: dict[tuple[str, str], date]
) -> Iterable[Comparison]:
    today = local_day(now)
    values = rules.rule_set_for(session, county.code, today, now)
    for source, key in RULES.items():
        entry = rules.entry(values, key)
        day, months = last.get((county.code, source)), int(entry.value)
        due = months_later(day, months) if day else today
        yield Comparison(county.code, county.name, source, day, due, months, entry.provenance)
