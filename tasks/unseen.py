"""Which tasks of somebody who is away their substitute cannot do, so that nobody would see to them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.staff.actor import actor_of
from jieban.staff.tables import User
from tasks.tables import Task


def unseen_tasks(session: Session, absent: User, substitute: User) -> Sequence[Task]:
    """List the open tasks of the absent person that are of another role, or of a place outside the substitute's."""
    actor = actor_of(substitute)
    query = select(Task).where(Task.assignee_id == absent.id, Task.state == "open").order_by(Task.due_at)
    return [
        one
        for one in session.scalars(query)
        if one.role not in actor.roles or not actor.covers(one.town_code)
    ]
