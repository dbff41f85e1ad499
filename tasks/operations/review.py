"""Sending the file to the county, and serving letters (DB-15, DB-17, DB-19)."""

from collections.abc import Mapping

from sqlalchemy import select

from notifications.tables import Letter
from tasks.operations.decision import needs_county_visit
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text


@task_operation("submit_file", "报送县级民政部门", "Send the file to the county")
def submit_file(done: Done) -> Mapping[str, Fact]:
    """Send the file; the county's ten working days start, and a relative or a complaint demands its own visit (DB-17)."""
    done.case.stage = "reviewing"
    return {"file_received_at": done.now.isoformat(), "needs_county_visit": needs_county_visit(done)}


@task_operation("serve_letter", "送达文书", "Serve the letter")
def serve_letter(done: Done) -> Mapping[str, Fact]:
    """Keep when and how the last letter of the case reached the person (DB-19)."""
    kinds = ("refusal", "termination", "approval")
    query = (
        select(Letter)
        .where(Letter.case_id == done.case.id, Letter.kind.in_(kinds))
        .order_by(Letter.issued_at.desc())
    )
    letter = done.session.scalars(query.limit(1)).one()
    letter.served_on, letter.served_how = done.day("served_on"), text(done.data, "how")
    return {}
