"""The long-term list of those who are supported, on a board, renewed every quarter (GS-06, GS-08, GS-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, or_, select, update

from jieban import deadlines, rules, workdays
from jieban.benefits.tables import Benefit
from jieban.cases.tables import PublicNotice
from jieban.clock import start_of_day
from jieban.deadlines.tables import LASTS
from jieban.ids import new_id
from jieban.people.names import public_name
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.rules import RuleEntry
from jieban.writes import change, write_out
from notifications import letters
from notifications.letters.words import day
from tasks.operations.board import checked_place, hang_until, start_hanging
from tasks.operations.fact_days import tell_day
from tasks.operations.registry import Done, Fact, task_operation

_PHASE = "long_term"
_CLOCK = "long_term_update"
_UPDATES = ("publicity.long_term.update", "publicity.village.update")
_AHEAD = 10
"""How many days before the quarter is over the list is drawn up anew: our choice, so that it hangs in time."""

_THE_CASE = bindparam("the_case", type_=Uuid())
_REGISTERED = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "registration")
    .order_by(CaseRecord.recorded_at)
    .limit(1)
)
_LAST_LIST = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "list_rows")
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_SUPPORTED = Query(
    select(Benefit.holder, Benefit.members, Benefit.amount, Person.birth_date)
    .join(Person, Person.id == Benefit.person_id)
    .where(
        Benefit.county_code == bindparam("the_county"),
        Benefit.town_code == bindparam("the_town"),
        Benefit.procedure == bindparam("the_procedure"),
        Benefit.state == "active",
        Benefit.from_month <= bindparam("the_month"),
        or_(bindparam("the_village") == "", Benefit.village_code == bindparam("the_village")),
    )
    .order_by(Benefit.village_code, Benefit.id)
)
_NOTICE = cast("Table", PublicNotice.__table__)
_HANGS_UNTIL = Query(
    select(_NOTICE.c.ends_at)
    .where(_NOTICE.c.case_id == _THE_CASE, _NOTICE.c.phase == _PHASE, _NOTICE.c.taken_down_at.is_(None))
    .order_by(_NOTICE.c.posted_on.desc())
    .limit(1)
)
_TAKE_DOWN = (
    update(_NOTICE)
    .where(
        _NOTICE.c.case_id == bindparam("the_case"),
        _NOTICE.c.phase == _PHASE,
        _NOTICE.c.taken_down_at.is_(None),
    )
    .values(taken_down_at=bindparam("the_now"))
)


@task_operation("draft_list", "编制长期公示名单", "Draw up the long-term list", duty="make")
def draft_list(done: Done) -> Mapping[str, Fact]:
    """List whom this place supports: name, number of members and amount, and nothing else (GS-06, GS-12)."""
    _keep_list(done)
    return {"list_goes_on": "update"}


@task_operation("update_list", "按季更新长期公示", "Quarterly update of the long-term list", duty="make")
def update_list(done: Done) -> Mapping[str, Fact]:
    """Draw the list up anew for the next quarter, or say that it is not shown any more (GS-06)."""
    goes_on = str(done.data["goes_on"])
    if goes_on == "update":
        _keep_list(done)
    return {"list_goes_on": goes_on}


@task_operation("post_list", "张贴长期公示", "Post the long-term list")
def post_list(done: Done) -> Mapping[str, Fact]:
    """Put up the list that was checked in place of the last one, and say when it is drawn up anew (GS-06, GS-08)."""
    posted_on, place = done.day("posted_on"), checked_place(done)
    hanging = hang_until(done, "dibao.publicity.board", _PHASE, posted_on)
    _take_down(done)
    deadlines.meet_kind(done.session, done.case.id, _CLOCK, done.now)
    write_out(done.session)  # what ended is told from what begins only by being written before it
    notice = PublicNotice(
        id=new_id(),
        case_id=done.case.id,
        phase=_PHASE,
        place=place,
        posted_on=posted_on,
        ends_at=hanging.ends_at,
        days=hanging.days,
        unit="d",
        fields={"rows": _LAST_LIST.first(done.session, the_case=done.case.id).data["rows"]},
        posted_by=done.actor.id,
    )
    done.tell("notice", notice)
    done.case.stage = "noticed"
    start_hanging(done, hanging, posted_on)
    renew = _start_quarter(done, posted_on)
    letters.issue(
        done.session,
        case=done.case,
        kind="long_term_list",
        now=done.now,
        actor=done.actor,
        told=done.told,
        extra={"renew_by": day(renew.by)},
    )
    start = start_of_day(posted_on)
    return {"list_renew_at": tell_day(done, "list_renew_at", renew.rule, start, ahead=_AHEAD)}


@task_operation("take_down_list", "撤下长期公示", "Take the long-term list down")
def take_down_list(done: Done) -> Mapping[str, Fact]:
    """Take the list down for good."""
    done.day("taken_down_on")
    _take_down(done)
    deadlines.meet_kind(done.session, done.case.id, _CLOCK, done.now)
    return {}


def _keep_list(done: Done) -> None:
    as_of = done.day("as_of")
    rows = _supported(done, as_of)
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="list_rows",
        title=done.task.name,
        element=done.task.element,
        form="list_rows",
        data={"as_of": as_of.isoformat(), "count": len(rows), "rows": rows},
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:list_rows", record)
    done.case.stage = "listing"


def _supported(done: Done, as_of: date) -> list[dict[str, Any]]:
    case = done.case
    registered = _REGISTERED.first(done.session, the_case=case.id).data
    found = _SUPPORTED.all(
        done.session,
        the_county=case.county_code,
        the_town=case.town_code,
        the_village=case.village_code or "",
        the_procedure=str(registered["procedure"]),
        the_month=f"{as_of:%Y-%m}",
    )
    return [
        {
            "name": public_name(row.holder, row.birth_date, as_of),
            "members": row.members,
            "amount": f"{row.amount:.2f}" if row.amount is not None else "",
        }
        for row in found
    ]


@dataclass(frozen=True)
class _Renewal:
    """By when the next list hangs, and by which rule."""

    by: datetime
    rule: RuleEntry


def _start_quarter(done: Done, posted_on: date) -> _Renewal:
    """Start the clock until the next list, by the earlier of the two rules for a board."""
    start = start_of_day(posted_on)
    keys = [key for key in _UPDATES if key in done.rules.values] or _UPDATES[:1]
    entries = [rules.entry(done.rules, key) for key in keys]
    ends = [(workdays.due(start, int(one.value), one.unit, done.calendar).at, one) for one in entries]
    due, rule = min(ends, key=lambda one: one[0])
    deadlines.start_deadline(
        done.session,
        case=done.case,
        kind=_CLOCK,
        name=rule.name,
        rule_key=rule.key,
        length=int(rule.value),
        unit=rule.unit,
        start=start,
        article=rule.article,
        provenance=rule.provenance,
        calendar=done.calendar,
    )
    return _Renewal(due, rule)


def _take_down(done: Done) -> None:
    ends_at = _HANGS_UNTIL.scalar(done.session, the_case=done.case.id)
    change(done.session, _TAKE_DOWN, {"the_case": done.case.id, "the_now": done.now})
    # What had to last has lasted when its days are over, whenever somebody gets round to taking it down.
    deadlines.meet_kind(done.session, done.case.id, LASTS, min(done.now, ends_at or done.now))
