"""Who may open one case: its own area, its first receiver, and every office that has or had to do with it."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.handovers.tables import Handover
from jieban.staff.actor import Actor, within
from tasks.tables import Task

WITHHELD = "（信息保密）"
"""Stands for the person in the tasks of an office that must not learn who complained about it."""

_LENGTHS = (2, 4, 6, 9, 12)
_PAYMENT_LISTS = "payment_run"
"""The procedure whose cases are lists of payments: what payment clerks and the treasury work on."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """Make the condition that the actor may open a case, of which Case is the row.

    Lists keep to `within`: what another office once had to do with is opened from its task, and not found by looking.
    An office that a complaint is about never opens it, whatever task it has in it (RX-10). Whoever only pays opens the
    payment lists of the area, and the cases in which a task is theirs.
    """
    code = actor.area_code
    if not code:
        return false()
    kept = Case.withheld_from.in_([code[:length] for length in _LENGTHS if length <= len(code)])
    if not actor.may("case.area"):
        own_task = exists().where(Task.case_id == Case.id, own_tasks(actor))
        lists = and_(within(actor, Case), Case.procedure == _PAYMENT_LISTS)
        return and_(~kept, or_(lists, Case.first_receiver_id == actor.id, own_task))
    has_task = exists().where(Task.case_id == Case.id, within(actor, Task))
    was_handed = exists().where(
        Handover.case_id == Case.id, Handover.to_area.startswith(code, autoescape=True)
    )
    return and_(~kept, or_(within(actor, Case), Case.first_receiver_id == actor.id, has_task, was_handed))


def listed(actor: Actor) -> ColumnElement[bool]:
    """Make the condition that a case stands in the actor's lists, of which Case is the row."""
    near = within(actor, Case)
    return near if actor.may("case.area") else and_(near, visible(actor))


def own_tasks(actor: Actor) -> ColumnElement[bool]:
    """Make the condition that a task is, or was, for the actor: of their posts and free or theirs, or done by them."""
    mine = [actor.id, *actor.stands_in_for]
    free = and_(Task.state == "open", Task.assignee_id.is_(None))
    return and_(
        within(actor, Task),
        or_(
            and_(Task.role.in_(sorted(actor.roles)), or_(free, Task.assignee_id.in_(mine))),
            Task.completed_by == actor.id,
        ),
    )


def may_open_case(session: Session, actor: Actor, case: Case) -> bool:
    """Tell whether the actor may open this case."""
    return session.scalar(select(Case.id).where(Case.id == case.id, visible(actor))) is not None


def is_withheld(case: Case, town_code: str) -> bool:
    """Tell whether the person of a case is kept from the office with this township code."""
    return bool(case.withheld_from) and town_code.startswith(case.withheld_from)
