"""Sending the file to the county, and serving letters (DB-15, DB-17, DB-19)."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Table, bindparam, or_, select, update

from jieban.reads import Query
from jieban.writes import change
from notifications.letters import KINDS
from notifications.tables import Letter
from tasks.operations.decision import needs_county_visit
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_LETTER = cast("Table", Letter.__table__)
_SERVED_ON_PEOPLE = ("approval", *sorted(key for key, kind in KINDS.items() if kind.receipt))
"""Letters that decide something, and those with a sheet on which service is confirmed."""
_LAST_LETTER = Query(
    select(_LETTER.c.id)
    .where(
        _LETTER.c.case_id == bindparam("the_case"),
        or_(*(_LETTER.c.kind == kind for kind in _SERVED_ON_PEOPLE)),
    )
    .order_by(_LETTER.c.issued_at.desc())
    .limit(1)
)
_SERVED = (
    update(_LETTER)
    .where(_LETTER.c.id == bindparam("the_letter"))
    .values(served_on=bindparam("the_day"), served_how=bindparam("the_way"))
)


@task_operation("submit_file", "报送县级民政部门", "Send the file to the county")
def submit_file(done: Done) -> Mapping[str, Fact]:
    """Send the file; the county's ten working days start, and a relative or a complaint demands its own visit (DB-17)."""
    done.case.stage = "reviewing"
    return {"file_received_at": done.now.isoformat(), "needs_county_visit": needs_county_visit(done)}


@task_operation("serve_letter", "送达文书", "Serve the letter")
def serve_letter(done: Done) -> Mapping[str, Fact]:
    """Keep when and how the last letter of the case reached the person (DB-19)."""
    letter_id = _LAST_LETTER.scalar(done.session, the_case=done.case.id)
    served = {
        "the_letter": letter_id,
        "the_day": done.day("served_on"),
        "the_way": text(done.data, "how"),
    }
    change(done.session, _SERVED, served, must_hit=True)
    return {}
