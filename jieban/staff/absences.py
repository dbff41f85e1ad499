"""Who is away on which days, and who stands in: written down by themselves or by a leader, and in the ledger.

A substitute sees and does what was given to the absent person, with their own roles and under their own name; nobody
gains a permission by standing in, so whoever shares no role with the absent person, or answers for another place, cannot.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, Uuid, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, aliased

from jieban import ledger
from jieban.clock import local_day
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ids import new_id
from jieban.reads import Query
from jieban.staff.actor import Actor
from jieban.staff.tables import Absence, User, UserRole

LONGEST_DAYS = 366
"""An absence is entered with its last day; what lasts longer is entered again (our choice)."""
_MOST_SHOWN = 200
_COUNTY = 6


@dataclass(frozen=True)
class Shown:
    """An absence with the names of the people in it."""

    absence: Absence
    user: User
    substitute: User
    recorded_by: str

    def lasts(self, day: date) -> bool:
        """Tell whether it is that time now."""
        return self.absence.ended_at is None and self.absence.from_on <= day <= self.absence.until_on

    def over(self, day: date) -> bool:
        """Tell whether it lies behind."""
        return self.absence.ended_at is not None or self.absence.until_on < day


def record_absence(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    user_id: uuid.UUID,
    substitute_id: uuid.UUID,
    from_on: date,
    until_on: date,
    reason: str,
) -> Absence:
    """Write down that somebody is away, and who stands in: their own days, or as a leader those of the own area.

    Raises Invalid per field, NotAllowed where it is somebody else's business.
    """
    user = _of(session, actor, user_id)
    errors = _wrong(session, user, substitute_id, from_on, until_on, reason, local_day(now))
    if errors:
        raise Invalid(errors=errors)
    # The account is the lock: two people who enter the same days at once do so one after the other.
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    same = select(Absence.id).where(Absence.user_id == user.id, _overlaps(from_on, until_on)).limit(1)
    if session.scalar(same) is not None:
        raise Invalid(
            errors=[{"field": "from_on", "message": "这段时间已经登记过离岗，请先结束原来的登记。"}]
        )
    absence = Absence(
        id=new_id(),
        user_id=user.id,
        substitute_id=substitute_id,
        from_on=from_on,
        until_on=until_on,
        reason=reason.strip(),
        recorded_by=actor.id,
        recorded_at=now,
    )
    session.add(absence)
    _to_ledger(session, actor, now, "absence.recorded", user, absence)
    return absence


def end_absence(session: Session, actor: Actor, now: datetime, absence_id: uuid.UUID) -> None:
    """End an absence before its last day, or call it off; Conflict where it is over already."""
    absence = session.get(Absence, absence_id)
    if absence is None:
        raise NotFound("没有找到该离岗登记，或您无权查看。")
    user = _of(session, actor, absence.user_id)
    won = session.execute(
        update(Absence)
        .where(Absence.id == absence_id, Absence.ended_at.is_(None), Absence.until_on >= local_day(now))
        .values(ended_at=now, ended_by=actor.id)
        .execution_options(synchronize_session=False)
        .returning(Absence.id)
    ).scalar_one_or_none()
    if won is None:
        raise Conflict("该离岗登记已经结束。")
    _to_ledger(session, actor, now, "absence.ended", user, absence)


def list_absences(session: Session, actor: Actor) -> list[Shown]:
    """List the absences that concern the actor: the own ones, those one stands in for, and as a leader the area's."""
    user, substitute, recorder = aliased(User), aliased(User), aliased(User)
    concerns: ColumnElement[bool] = or_(
        Absence.user_id == actor.id, Absence.substitute_id == actor.id, Absence.recorded_by == actor.id
    )
    if actor.may("task.assign") and actor.area_code:
        concerns = or_(concerns, user.area_code.startswith(actor.area_code, autoescape=True))
    query = (
        select(Absence, user, substitute, recorder.name)
        .join(user, user.id == Absence.user_id)
        .join(substitute, substitute.id == Absence.substitute_id)
        .join(recorder, recorder.id == Absence.recorded_by)
        .where(concerns)
        .order_by(Absence.ended_at.is_not(None), Absence.until_on.desc(), Absence.id.desc())
        .limit(_MOST_SHOWN)
    )
    return [Shown(*row) for row in session.execute(query)]


def may_record_for(actor: Actor, user: User) -> bool:
    """Tell whether the actor may write down somebody's absence."""
    return user.id == actor.id or (actor.may("task.assign") and actor.covers(user.area_code))


def colleagues(session: Session, actor: Actor) -> Sequence[User]:
    """List the active staff of the actor's place and of the places below it."""
    if not actor.area_code:
        return []
    below = User.area_code.startswith(actor.area_code, autoescape=True)
    query = select(User).where(User.active, below).order_by(User.area_code, User.username)
    return session.scalars(query).all()


def possible_substitutes(session: Session, user: User) -> list[User]:
    """List who can stand in for somebody: active colleagues who answer for the same place and share one of the roles."""
    area, roles = user.area_code or "", [row.role for row in user.roles]
    around = [area[:length] for length in range(2, len(area) + 1)]
    query = (
        select(User)
        .where(
            User.active,
            User.id != user.id,
            User.area_code.in_(around),
            User.roles.any(UserRole.role.in_(roles)),
        )
        .order_by(User.area_code.desc(), User.username)
    )
    return list(session.scalars(query))


def substitutes_on(session: Session, day: date) -> dict[uuid.UUID, User]:
    """Give for everybody who is away on a day the person who stands in, as far as that account is open."""
    query = (
        select(Absence.user_id, User)
        .join(User, User.id == Absence.substitute_id)
        .where(_lasts_on(day), User.active)
        .order_by(Absence.recorded_at)
    )
    return dict(session.execute(query).all())


_DAY = bindparam("the_day", type_=Date())
_STANDS_IN = Query(
    select(Absence.user_id).where(
        Absence.substitute_id == bindparam("the_user", type_=Uuid()),
        Absence.until_on >= _DAY,
        Absence.from_on <= _DAY,
        Absence.ended_at.is_(None),
    )
)


def stands_in_for(session: Session, user_id: uuid.UUID, now: datetime) -> frozenset[uuid.UUID]:
    """Name those whom somebody stands in for at a moment."""
    rows = _STANDS_IN.all(session, the_user=user_id, the_day=local_day(now))
    return frozenset(row.user_id for row in rows)


def _of(session: Session, actor: Actor, user_id: uuid.UUID) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise Invalid(errors=[{"field": "user", "message": "请选择离岗的人员。"}])
    if not may_record_for(actor, user):
        raise NotAllowed("只有本人或者本单位、上级单位的负责人可以登记。")
    return user


def _wrong(
    session: Session,
    user: User,
    substitute_id: uuid.UUID,
    from_on: date,
    until_on: date,
    reason: str,
    today: date,
) -> list[dict[str, str]]:
    found: list[tuple[str, str]] = []
    substitute = session.get(User, substitute_id)
    if substitute is None or not substitute.active:
        found.append(("substitute", "请选择代岗人。"))
    elif substitute.id == user.id:
        found.append(("substitute", "本人不能给自己代岗。"))
    elif substitute.id not in {one.id for one in possible_substitutes(session, user)}:
        found.append(("substitute", f"{substitute.name}与离岗人员不在同一辖区或没有相同的岗位，不能代岗。"))
    elif session.scalar(
        select(Absence.id).where(Absence.user_id == substitute.id, _overlaps(from_on, until_on)).limit(1)
    ):
        found.append(("substitute", f"{substitute.name}在这段时间也离岗，请另选代岗人。"))
    if until_on < from_on:
        found.append(("until_on", "结束日期不能早于开始日期。"))
    elif until_on < today:
        found.append(("until_on", "只能登记今天及以后的离岗。"))
    elif (until_on - from_on).days >= LONGEST_DAYS:
        found.append(("until_on", "一次最多登记一年。"))
    if not reason.strip():
        found.append(("reason", "请写明离岗的原因。"))
    return [{"field": field, "message": message} for field, message in found]


def _lasts_on(day: date) -> ColumnElement[bool]:
    return and_(Absence.from_on <= day, Absence.until_on >= day, Absence.ended_at.is_(None))


def _overlaps(from_on: date, until_on: date) -> ColumnElement[bool]:
    return and_(Absence.from_on <= until_on, Absence.until_on >= from_on, Absence.ended_at.is_(None))


def _to_ledger(
    session: Session, actor: Actor, now: datetime, kind: str, user: User, absence: Absence
) -> None:
    substitute = session.get_one(User, absence.substitute_id)
    ledger.record(
        session,
        # Whoever answers for a whole city or province stands in the chain that its own matters would have.
        county_code=(user.area_code or "").ljust(_COUNTY, "0")[:_COUNTY],
        at=now,
        kind=kind,
        case_id=None,
        case_number="",
        actor=actor,
        body={
            "absent": user.name,
            "substitute": substitute.name,
            "from": absence.from_on.isoformat(),
            "until": absence.until_on.isoformat(),
            "reason": absence.reason,
        },
    )
