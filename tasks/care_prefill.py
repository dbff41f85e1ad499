"""What the forms of services as assistance know when they are opened: the next visit, the counts, the services to plan."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from jieban.care import orders
from jieban.cases.tables import Case
from tasks.operations.care_needs import latest
from tasks.tables import Task


def of_care(session: Session, task: Task, case: Case, today: date) -> dict[str, Any]:
    """Give first values for a form of a service case; nothing for any other."""
    if task.operation == "record_visit":
        visit = orders.next_visit(session, case.id)
        if visit is None:
            return {}
        day = min(visit.planned_on, today).isoformat()
        return {"service": visit.label, "planned_on": visit.planned_on.isoformat(), "visited_on": day}
    if task.operation == "accept_service":
        counts = orders.count_visits(session, case.id)
        return {"visits_done": int(counts.done), "visits_missed": int(counts.missed)}
    if task.operation == "sign_plan":
        times = {row["item"]: row["times"] for row in latest(session, case.id, "needs").get("needs", ())}
        matches = latest(session, case.id, "match").get("matches", ())
        rows = [
            {
                "service": row["service"],
                "what": row.get("what", ""),
                "times": times.get(row["item"]),
                "from_on": today.isoformat(),
            }
            for row in matches
            if row.get("service")
        ]
        return {"services": rows}
    return {}
