"""Separation of duties, checked at the moment of acting: nobody decides on what they found out or proposed themselves."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case, Decision, Member, Relative, Visit
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from tasks.tables import Task

INVESTIGATING = frozenset(
    {"start_investigation", "home_visit", "recheck", "renewed_investigation", "county_visit"}
)
PROPOSING = frozenset({"give_opinion", "county_review"})
DECIDING = frozenset({"decide", "confirm_termination"})
PAYING = frozenset({"record_payment"})


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


def related(session: Session, actor: Actor, case_id: uuid.UUID) -> bool:
    """Tell whether the actor is a member of the household or registered as a near relative of one (DB-08)."""
    return bool(session.scalar(select(is_related(actor.id, case_id))))


def refusal_for(
    session: Session, actor: Actor, task: Task, case: Case, *, is_kin: bool | None = None
) -> Refusal | None:
    """Say why the actor must not do this task on this case, or None; `is_kin` where the caller knows it already.

    Source: rules DB-08, DB-17 and section A of the procedure rules (investigator is not the approver).
    """
    if related(session, actor, case.id) if is_kin is None else is_kin:
        return Refusal("relative", "您或您的近亲属在本案家庭中，依规定应当回避，请转交他人办理。")
    if task.operation in DECIDING and _took_part(session, actor, case.id, INVESTIGATING | PROPOSING):
        return Refusal(
            "four-eyes", "您参与了本案的调查或提出过意见，不能再由您作出决定，请由其他负责人办理。"
        )
    if task.operation in DECIDING and _visited(session, actor, case.id):
        return Refusal("four-eyes", "您是本案的入户调查人员，不能再由您作出决定，请由其他负责人办理。")
    if task.operation in PAYING and _decided(session, actor, case.id):
        return Refusal("maker-checker", "本案由您作出决定，发放登记应由他人办理。")
    return None


_THE_CASE = bindparam("the_case", type_=Uuid())
_THE_ACTOR = bindparam("the_actor", type_=Uuid())
_DONE_BY = Query(
    select(Task.operation).where(Task.case_id == _THE_CASE, Task.completed_by == _THE_ACTOR).distinct()
)
_VISITS = Query(select(Visit.investigators).where(Visit.case_id == _THE_CASE))
_DECIDED_BY = Query(
    select(Decision.id).where(Decision.case_id == _THE_CASE, Decision.decided_by == _THE_ACTOR).limit(1)
)


def _took_part(session: Session, actor: Actor, case_id: uuid.UUID, operations: frozenset[str]) -> bool:
    done = _DONE_BY.all(session, the_case=case_id, the_actor=actor.id)
    return any(one.operation in operations for one in done)


def _visited(session: Session, actor: Actor, case_id: uuid.UUID) -> bool:
    visits = _VISITS.all(session, the_case=case_id)
    return any(str(actor.id) == one.get("user_id") for visit in visits for one in visit.investigators)


def _decided(session: Session, actor: Actor, case_id: uuid.UUID) -> bool:
    return _DECIDED_BY.first(session, the_case=case_id, the_actor=actor.id) is not None
