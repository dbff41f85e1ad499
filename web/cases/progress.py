from collections.abc import Iterable

from sqlalchemy.orm import Session

import bpmn
from tasks.cases import Dossier
from workflows import model_store


def progress(session: Session, file: Dossier) -> dict[str, list[str]]:
    """Say which elements of the drawing of a case are in hand, done and late.

    The drawing of a called procedure is not shown, so what happens there is told of the call activity.
    """
    model = model_store.get_model(session, file.case.model_version_id)
    # A case that was taken over from elsewhere has no state: nothing of it runs.
    state = file.case.engine_state
    running = set(model.restore(state).hosts()) if state else set()
    done = set(file.done) | (calls_of(model, file.done) - running)
    late = set(file.late) | (calls_of(model, file.late) & running)
    return {
        "active": sorted(set(file.active) | running),
        "done": sorted(done),
        "late": sorted(late),
    }


def calls_of(model: bpmn.Model, elements: Iterable[str]) -> set[str]:
    """Find the call activities through which a procedure comes to these elements, through several calls too."""
    found: set[str] = set()
    inside = set(elements)
    while inside:
        scopes = {model.elements[one].scope for one in inside if one in model.elements}
        inside = {one.id for one in model.elements.values() if one.calls and one.calls in scopes} - found
        found |= inside
    return found
