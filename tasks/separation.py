"""Separation of duties, checked at the moment of acting: nobody decides on what they found out or proposed themselves."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from jieban.cases.tables import Decision, Member, Relative, Visit
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from tasks.operations import TASKS
from tasks.tables import Task


def with_duty(*duties: str) -> frozenset[str]:
    """Name the operations that carry one of these duties."""
    return frozenset(entry.name for entry in TASKS.values() if entry.duty in duties)


TAKING_PART = with_duty("investigate", "propose")
DECIDING = with_duty("decide")
PAYING = with_duty("pay")
MAKING = with_duty("make")
CHECKING = with_duty("check")


@dataclass(frozen=True)
class Refusal:
    """Why this person may not do this task, in a sentence for them."""

    rule: str
    message: str


def is_related(actor_id: Any, case_id: Any) -> ColumnElement[bool]:
    """Make the condition that somebody is of the household, or registered as a near relative of it (DB-08).

    Both arguments are columns, parameters or values.
    """
    registered = exists().where(Relative.case_id == case_id, Relative.user_id == actor_id)
    own = exists().where(
        Member.case_id == case_id,
        Person.id == Member.person_id,
        User.id_number == Person.id_number,
        User.id == actor_id,
    )
    return or_(registered, own)


@dataclass(frozen=True)
class Standing:
    """What somebody has to do with a case, as far as it bars them from a task."""

    is_kin: bool
    """of the household, or registered as a near relative of it or as concerned (DB-08, RX-10, XF-09)"""
    took_part: bool
    """investigated it, or proposed what to decide"""
    visited: bool
    """named as one of the investigators of a visit"""
    decided: bool
    made: bool
    """made what another has to check"""


def standing_columns(actor_id: Any, actor_text: Any, case_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Make the columns of a standing; the arguments are columns, parameters or values, the second is the id as text."""
    took_part = actor_id.in_(_who_did(TAKING_PART, case_id))
    made = actor_id.in_(_who_did(MAKING, case_id))
    visited = exists().where(Visit.case_id == case_id, cast(Visit.investigators, Text).contains(actor_text))
    decided = actor_id.in_(select(Decision.decided_by).where(Decision.case_id == case_id))
    return is_related(actor_id, case_id), took_part, visited, decided, made


def _who_did(operations: frozenset[str], case_id: Any) -> Select[Any]:
    # From the case to its few tasks, and not from the person to all that they ever did.
    earlier = aliased(Task)
    return select(earlier.completed_by).where(
        earlier.case_id == case_id, or_(*(earlier.operation == operation for operation in sorted(operations)))
    )


def standing(session: Session, actor: Actor, case_id: uuid.UUID) -> Standing:
    """Look up what the actor has to do with a case."""
    row = _STANDING.first(session, the_actor=actor.id, the_text=str(actor.id), the_case=case_id)
    return Standing(*map(bool, row))


def refusal_for(standing: Standing, task: Task) -> Refusal | None:
    """Say why somebody must not do this task on this case, or None.

    Source: rules DB-08, DB-17 and section A of the procedure rules (investigator is not the approver).
    """
    if standing.is_kin:
        return Refusal(
            "relative",
            "您或您的近亲属在本案家庭中，或者与本案有直接利害关系，依规定应当回避，请转交他人办理。",
        )
    if task.operation in DECIDING and standing.took_part:
        return Refusal(
            "four-eyes", "您参与了本案的调查或提出过意见，不能再由您作出决定，请由其他负责人办理。"
        )
    if task.operation in DECIDING and standing.visited:
        return Refusal("four-eyes", "您是本案的入户调查人员，不能再由您作出决定，请由其他负责人办理。")
    if task.operation in PAYING and standing.decided:
        return Refusal("maker-checker", "本案由您作出决定，发放登记应由他人办理。")
    if task.operation in CHECKING and standing.made:
        return Refusal("maker-checker", "清单由您编制，应当由他人复核。")
    return None


_STANDING = Query(
    select(
        *standing_columns(
            bindparam("the_actor", type_=Uuid()),
            bindparam("the_text", type_=Text()),
            bindparam("the_case", type_=Uuid()),
        )
    )
)
