"""Tasks that are late, as many as wanted, written without the engine: for sweeps that only look at rows."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.staff.actor import Actor
from jieban.writes import append, write_out
from tasks.tables import Task
from tests.factories import add_model_version
from tests.people import VILLAGE


def add_late_tasks(
    session: Session, actor: Actor, now: datetime, number: int, holders: Sequence[Actor] = ()
) -> list[uuid.UUID]:
    """Add cases with one task each that was due an hour ago and whose reminder was given; holders take turns."""
    version = add_model_version(session, now)
    session.flush()
    due = now - timedelta(hours=1)
    chain = [
        {"at": (due - timedelta(days=1)).isoformat(), "to": "town.window"},
        {"at": due.isoformat(), "to": "town.leader"},
        {"at": (due + timedelta(days=3)).isoformat(), "to": "county.leader"},
    ]
    place = {"town_code": VILLAGE[:9], "county_code": VILLAGE[:6], "city_code": VILLAGE[:4]}
    made = []
    for count in range(number):
        case_id, task_id, deadline_id = new_id(), new_id(), new_id()
        case_number, name = f"LATE-{case_id.hex[-20:]}", f"测试{count}"
        case = {
            **place,
            "id": case_id,
            "number": case_number,
            "procedure": version.key,
            "model_version_id": version.id,
            "state": "open",
            "stage": "registered",
            "urban": False,
            "delegated": True,
            "village_code": VILLAGE,
            "applicant_name": name,
            "first_receiver_id": actor.id,
            "registered_at": now - timedelta(days=5),
            "engine_state": b"",
        }
        deadline = {
            "id": deadline_id,
            "case_id": case_id,
            "task_id": task_id,
            "kind": "step",
            "name": "核实",
            "length": 3,
            "unit": "wd",
            "starts_at": now - timedelta(days=5),
            "due_at": due,
        }
        task = {
            **place,
            "id": task_id,
            "case_id": case_id,
            "case_number": case_number,
            "applicant_name": name,
            "engine_id": "1",
            "element": "look",
            "name": "核实",
            "role": "town.window",
            "form": "look",
            "state": "open",
            "assignee_id": holders[count % len(holders)].id if holders else None,
            "opened_at": now - timedelta(days=5),
            "due_at": due,
            "deadline_id": deadline_id,
            "escalation": chain,
            "escalation_level": 1,
            "escalate_at": due,
        }
        append(session, Case, case)
        append(session, Deadline, deadline)
        append(session, Task, task)
        made.append(task_id)
    write_out(session)
    return made
