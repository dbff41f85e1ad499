"""Clocks as a page shows them: those of its tasks, and each that was made longer before the one that took its place."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.deadlines.tables import Deadline


@dataclass(frozen=True)
class Link:
    """A clock in its chain of extensions."""

    clock: Deadline
    before: Deadline | None = None
    """the one that it replaced"""
    after: Deadline | None = None
    """the one that replaced it"""


def load_clocks(session: Session, ids: Iterable[uuid.UUID | None]) -> Sequence[Deadline]:
    """Load clocks by their ids in one question; None among them is left out."""
    wanted = {one for one in ids if one is not None}
    return session.scalars(select(Deadline).where(Deadline.id.in_(wanted))).all() if wanted else ()


def chains(clocks: Iterable[Deadline]) -> list[Link]:
    """Put every clock that was made longer right before the one that replaced it; otherwise the order stays."""
    by_id = {one.id: one for one in clocks}
    before = {one.replaced_by: one for one in by_id.values() if one.replaced_by in by_id}
    found = []
    for first in by_id.values():
        if first.id in before:
            continue
        one: Deadline | None = first
        while one is not None:
            after = by_id.get(one.replaced_by) if one.replaced_by else None
            found.append(Link(one, before.get(one.id), after))
            one = after
    return found
