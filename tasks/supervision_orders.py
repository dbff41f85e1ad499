"""Supervision orders and who has to do with them: to whom one may go, who sees, answers and judges it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name
from jieban.cases.tables import Case
from jieban.errors import NotFound
from jieban.staff.actor import Actor
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from jieban.supervision.tables import SupervisionOrder
from tasks.tables import Task

WAITS = ("issued", "returned")
"""States in which somebody has to answer."""
RANKS = {"town.leader": 1, "county.leader": 2, "supervisor": 3}
"""Who may press whom: the roles of leaders, from the lowest to the highest."""
_MOST_SHOWN = 200
_TOWN = 9
_MISSING = "没有找到该督办单，或您无权查看。"


@dataclass(frozen=True)
class Addressee:
    """Somebody, or an office, to whom an order may go; the key stands in the form."""

    key: str
    label: str
    area: str
    rank: int
    user: uuid.UUID | None = None
    role: str = ""


def addressees(session: Session, actor: Actor, case: Case) -> list[Addressee]:
    """List to whom the actor may give an order about a case: offices and people below them that have to do with it."""
    if not actor.may("order.issue"):
        return []
    tasks = select(Task.town_code).where(Task.case_id == case.id).distinct()
    towns = sorted({case.town_code, *session.scalars(tasks)})
    places = sorted({*towns, *(town[:6] for town in towns)}, key=lambda code: (-len(code), code))
    found: list[Addressee] = []
    for place in places:
        role = "town.leader" if len(place) == _TOWN else "county.leader"
        if any(user.area_code == place for user in staff_with_role(session, role, place)):
            label = f"{area_name(session, place)}（由{ROLES[role].name}答复）"
            found.append(Addressee(f"office:{role}:{place}", label, place, RANKS[role], role=role))
    people = (
        select(User).where(User.active, User.area_code.in_(places)).order_by(User.area_code, User.username)
    )
    for user in session.scalars(people):
        roles = frozenset(row.role for row in user.roles)
        if roles & _WORKING and user.id != actor.id:
            label = f"{user.name}（{user.unit}{user.post}）"
            area = user.area_code or ""
            found.append(Addressee(f"user:{user.id}", label, area, rank_of(roles), user=user.id))
    own = rank_of(actor.roles)
    return [one for one in found if one.rank < own and actor.covers(one.area)]


_WORKING = frozenset(role.key for role in ROLES.values() if "task.work" in role.permissions)


def rank_of(roles: frozenset[str]) -> int:
    """Tell how high somebody with these roles stands; 0 for whoever leads nobody."""
    return max((RANKS.get(role, 0) for role in roles), default=0)


def get_order(session: Session, actor: Actor, order_id: uuid.UUID) -> SupervisionOrder:
    """Return an order that concerns the actor; NotFound otherwise."""
    query = select(SupervisionOrder).where(SupervisionOrder.id == order_id, _concerns(session, actor))
    order = session.scalars(query).one_or_none()
    if order is None or not actor.may("case.read"):
        raise NotFound(_MISSING)
    return order


def list_orders(session: Session, actor: Actor, view: str = "") -> Sequence[SupervisionOrder]:
    """List orders, those that wait longest first: view "mine" to be answered, "issued" by the actor, or all that concern them."""
    chosen: dict[str, ColumnElement[bool]] = {
        "mine": and_(_addressed(session, actor), SupervisionOrder.state.in_(WAITS)),
        "issued": SupervisionOrder.from_user.in_(_selves(actor)),
    }
    query = (
        select(SupervisionOrder)
        .where(chosen[view] if view in chosen else _concerns(session, actor))
        .order_by(SupervisionOrder.closed_at.is_not(None), SupervisionOrder.due_at, SupervisionOrder.id)
        .limit(_MOST_SHOWN)
    )
    return session.scalars(query).all()


def orders_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Sequence[SupervisionOrder]:
    """List the orders about a case that concern the actor, the latest first."""
    query = (
        select(SupervisionOrder)
        .where(SupervisionOrder.case_id == case_id, _concerns(session, actor))
        .order_by(SupervisionOrder.issued_at.desc())
    )
    return session.scalars(query).all()


def may_answer(session: Session, actor: Actor, order: SupervisionOrder) -> bool:
    """Tell whether the actor answers an order: addressed by name, for the office, or standing in for whoever is."""
    query = select(SupervisionOrder.id).where(SupervisionOrder.id == order.id, _addressed(session, actor))
    return order.state in WAITS and session.scalar(query) is not None


def may_judge(actor: Actor, order: SupervisionOrder) -> bool:
    """Tell whether the actor issued the order, or stands in for who did and may issue orders too.

    Whoever answered never accepts the own answer, also not while standing in.
    """
    answered = {one.get("by_id") for one in order.answers}
    standing_in = order.from_user in actor.stands_in_for and actor.covers(order.to_area)
    own = order.from_user == actor.id or standing_in
    return own and actor.may("order.issue") and str(actor.id) not in answered


def case_of(session: Session, order: SupervisionOrder) -> Case:
    """Return the case that an order is about."""
    return session.get_one(Case, order.case_id)


def _selves(actor: Actor) -> list[uuid.UUID]:
    return [actor.id, *sorted(actor.stands_in_for)]


def _addressed(session: Session, actor: Actor) -> ColumnElement[bool]:
    offices = [
        and_(
            SupervisionOrder.to_user.is_(None),
            SupervisionOrder.to_role == row.role,
            SupervisionOrder.to_area == user.area_code,
        )
        for user in session.scalars(select(User).where(User.id.in_(_selves(actor))))
        for row in user.roles
        if row.role in RANKS
    ]
    return or_(SupervisionOrder.to_user.in_(_selves(actor)), *offices)


def _concerns(session: Session, actor: Actor) -> ColumnElement[bool]:
    above: ColumnElement[bool] = false()
    if actor.may("order.issue") and actor.area_code:
        above = SupervisionOrder.to_area.startswith(actor.area_code, autoescape=True)
    return or_(_addressed(session, actor), SupervisionOrder.from_user.in_(_selves(actor)), above)
