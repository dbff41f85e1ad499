"""Where a sheet hangs, how long, and the proof that it did (GS-01 to GS-05, GS-10, GS-12, GS-15)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from jieban import deadlines, rules, workdays
from jieban.clock import local_day, start_of_day
from jieban.deadlines.tables import LASTS
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.rules import RuleEntry
from tasks.operations.registry import Done
from tasks.operations.staffing import text
from tasks.tables import Task

_ADOPTED, _CATALOGUE, _BOARD = (
    "publicity.catalogue.adopted",
    "publicity.catalogue.days",
    "dibao.publicity.board",
)
_PRIVATE = re.compile(r"\d[\d\s-]{5,}[\dXx]")
"""Seven figures and more: a telephone, an identity number, an account."""
_INTERNET = re.compile(r"https?:|www\.|网站|网页|公众号|微博|抖音|快手|朋友圈", re.IGNORECASE)


@dataclass(frozen=True)
class Hanging:
    """How long a sheet hangs, and by which rule."""

    rule: RuleEntry
    ends_at: datetime
    days: int


def hang_until(done: Done, rule: str, phase: str, posted_on: date) -> Hanging:
    """Find how long a sheet must hang: by its own rule, or by another that holds in this place and ends later.

    A county that adopted the catalogue shows initial opinions for its working days too (GS-02); what hangs on the board
    of a village stays there for the days of the province (GS-03).
    """
    keys = [rule]
    if phase == "initial" and _holds(done, _ADOPTED):
        keys.append(_CATALOGUE)
    if not done.case.urban and _BOARD in done.rules.values:
        keys.append(_BOARD)
    start = start_of_day(posted_on)
    found = []
    for key in keys:
        entry = rules.entry(done.rules, key)
        found.append((entry, workdays.due(start, int(entry.value), entry.unit, done.calendar).at))
    entry, ends_at = max(found, key=lambda one: one[1])
    # The sheet says its length in days; working days are told as the days that they take here.
    days = int(entry.value) if entry.unit == "d" else (local_day(ends_at) - posted_on).days
    return Hanging(entry, ends_at, days)


def start_hanging(done: Done, hanging: Hanging, posted_on: date) -> None:
    """Start the clock of a sheet, which has to last and cannot be late."""
    deadlines.start_deadline(
        done.session,
        case=done.case,
        kind=LASTS,
        name="公示期",
        rule_key=hanging.rule.key,
        length=int(hanging.rule.value),
        unit=hanging.rule.unit,
        start=start_of_day(posted_on),
        article=hanging.rule.article,
        provenance=hanging.rule.provenance,
        calendar=done.calendar,
        fact="notice_ends_at",
    )


def checked_place(done: Done) -> str:
    """Read where a sheet hangs; Invalid for a place that all the world reads, or where it says too much."""
    place = text(done.data, "place")
    if wrong := list(_wrong(place)):
        raise Invalid(errors=[{"field": "place", "message": one} for one in wrong])
    return place


def _wrong(place: str) -> Iterator[str]:
    if _PRIVATE.search(place):
        yield "公示地点中不得写证件号码、电话或者账号。"
    if _INTERNET.search(place):
        yield "只在申请家庭所在的村、社区等范围内公示，不在互联网上公开（社会救助法第四十五条）。"


def _holds(done: Done, key: str) -> bool:
    return key in done.rules.values and rules.entry(done.rules, key).value.lower() == "true"


_THE_CASE = bindparam("the_case", type_=Uuid())
_POSTED = Query(
    select(Task.result)
    .where(Task.case_id == _THE_CASE, Task.operation == "post_notice", Task.state == "done")
    .order_by(Task.completed_at.desc())
    .limit(1)
)


def register(done: Done, notice: Any) -> None:
    """Put on record how a sheet hung: who put it up, the photographs, and the objections or that there were none."""
    posted = _POSTED.scalar(done.session, the_case=done.case.id) or {}
    count = notice.objections
    data = {
        "place": notice.place,
        "posted_on": notice.posted_on.isoformat(),
        "ends_on": local_day(notice.ends_at).isoformat(),
        "poster": posted.get("poster") or "",
        "photo": posted.get("photo") or "未留存",
        "hung": done.data.get("hung", "whole"),
        "hung_note": text(done.data, "hung_note"),
        "taken_down_on": str(done.data["taken_down_on"]),
        "evidence": text(done.data, "evidence"),
        "objections": f"{count} 条" if count else "无异议",
    }
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="notice_register",
        title="公示登记簿",
        element=done.task.element,
        form="notice_register",
        data=data,
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:notice_register", record)
