"""A home visit as it is kept: who went, when, where, who was present and what they found (DB-10)."""

from collections.abc import Mapping
from typing import Any

from jieban.cases.tables import Visit
from jieban.ids import new_id
from jieban.writes import add
from tasks.operations.registry import Done
from tasks.operations.staffing import investigators, text


def keep_visit(
    done: Done,
    findings: Mapping[str, Any],
    *,
    level: str = "town",
    people: list[dict[str, str]] | None = None,
) -> None:
    """Keep the visit of a form by the two investigators that it names, or by the `people` that were found out."""
    visit = Visit(
        id=new_id(),
        case_id=done.case.id,
        level=level,
        visited_on=done.day("visited_on"),
        place=text(done.data, "place"),
        investigators=investigators(done) if people is None else people,
        present=text(done.data, "present"),
        findings=dict(findings),
        recorded_by=done.actor.id,
        recorded_at=done.now,
    )
    add(done.session, visit)
