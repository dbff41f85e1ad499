"""Links of a chain of answerability that no single task writes: reopened, followed up, brought before the county."""

from jieban.ids import new_id
from jieban.staff.directory import staff_with_role
from jieban.writes import append
from notifications.tables import Message
from tasks.operations.records import told
from tasks.operations.registry import Asked, service_operation


@service_operation("note_matter", "记入台账并告知", "Note in the ledger", ("kind", "tell", "to", "text"))
def note_matter(asked: Asked) -> None:
    """Write a link of the chain into the ledger, and tell it to the first receiver and to those who have the role `to`."""
    case, sentence = asked.case, asked.params.get("text", "")
    asked.record(asked.params["kind"], told(asked.params.get("tell", ""), asked.facts))
    role = asked.params.get("to", "")
    receivers = {user.id for user in staff_with_role(asked.session, role, case.town_code)} if role else set()
    for user_id in sorted(receivers | {case.first_receiver_id}):
        row = {
            "id": new_id(),
            "user_id": user_id,
            "at": asked.now,
            "kind": "escalation",
            "text": f"{sentence}（{case.applicant_name}，{case.number}）",
            "case_id": case.id,
            "run_id": "",
        }
        append(asked.session, Message, row)
