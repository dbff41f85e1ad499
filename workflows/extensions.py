"""A longer total clock: for a listed reason, asked for in time, approved by somebody else, told to the applicant (DB-20)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import deadlines, ledger, rules, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline, Extension
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ids import new_id
from jieban.staff.actor import Actor, within
from notifications import letters
from tasks import contacts
from workflows.taking import lock_case
from workflows.writing_back import pinned_rules

REASONS = {
    "objection": "公示有异议",
    "separated_residence": "人户分离",
    "other_place": "异地申办",
    "hard_investigation": "家庭经济状况调查难度较大",
}
"""The four reasons that the rule lists; no other is accepted."""
WHY_NOT = {
    "late": "办理期限已过，不能再申请延长。",
    "once": "本案已经申请或批准过延长，只能延长一次。",
}
_LONGEST = 500
_FEWER = {"rigid.total": ("separated_residence", "hard_investigation")}
"""Where a procedure has fewer: those that its own rule names (GX-05)."""


def longer_rule(clock: Deadline) -> str:
    """Name the rule of the longer limit: beside dibao.total and dibao.total.delegated stands dibao.total.extended."""
    return ".".join([*clock.rule_key.split(".")[:2], "extended"])


@dataclass(frozen=True)
class Offer:
    """What a page offers: the reasons that the procedure allows, or why there is nothing to ask for any more."""

    reasons: Mapping[str, str]
    why_not: str = ""
    """a key of WHY_NOT"""


def offer(session: Session, case: Case, now: datetime) -> Offer | None:
    """Say whether a longer limit can be asked for now; None where no clock runs, or the procedure has no longer one."""
    clock = _total(session, case) if case.state == "open" else None
    if clock is None or longer_rule(clock) not in pinned_rules(session, case, now).values:
        return None
    return Offer(
        {one: REASONS[one] for one in _FEWER.get(clock.rule_key, REASONS)},
        _why_not(session, case, clock, now),
    )


def ask(
    session: Session, actor: Actor, now: datetime, case_id: uuid.UUID, reason: str, explanation: str
) -> Extension:
    """Ask for the longer clock, before the limit has passed; once per case."""
    actor.require("extension.ask")
    case = lock_case(session, case_id, actor)
    clock = _total(session, case)
    if clock is None:
        raise Conflict("本案没有正在计算的办理期限，不需要延长。")
    if longer_rule(clock) not in pinned_rules(session, case, now).values:
        raise Conflict("没有规定可以延长本事项的办理期限。")
    if why := _why_not(session, case, clock, now):
        raise Conflict(WHY_NOT[why])
    if reason not in REASONS:
        raise Invalid(errors=[{"field": "reason", "message": "请从列出的四种情形中选择。"}])
    allowed = _FEWER.get(clock.rule_key, tuple(REASONS))
    if reason not in allowed:
        message = f"本事项只限{'、'.join(REASONS[one] for one in allowed)}的，可以延长。"
        raise Invalid(errors=[{"field": "reason", "message": message}])
    if not explanation.strip():
        raise Invalid(errors=[{"field": "explanation", "message": "请写明具体情况。"}])
    _fits("explanation", explanation)
    extension = Extension(
        id=new_id(),
        case_id=case.id,
        deadline_id=clock.id,
        reason=reason,
        explanation=explanation.strip(),
        state="asked",
        asked_by=actor.id,
        asked_at=now,
    )
    session.add(extension)
    _tell(
        session,
        actor,
        now,
        case,
        "extension.asked",
        {"reason": REASONS[reason], "explanation": explanation.strip()},
    )
    return extension


def answer(
    session: Session, actor: Actor, now: datetime, extension_id: uuid.UUID, *, approve: bool, words: str
) -> Extension:
    """Approve or reject; whoever asked cannot answer, and an approval sends the applicant a notice."""
    actor.require("extension.approve")
    extension = session.get(Extension, extension_id)
    if extension is None:
        raise NotFound
    case = lock_case(session, extension.case_id, actor)
    if not actor.covers(case.town_code):
        # Whoever only has to do with a step of it does not lead the office that answers for the whole.
        raise NotFound
    session.refresh(extension)
    if extension.state != "asked":
        raise Conflict("该延期申请已经答复。")
    if extension.asked_by == actor.id:
        raise NotAllowed("申请人本人不能批准自己的延期申请。")
    if not approve and not words.strip():
        raise Invalid(errors=[{"field": "answer", "message": "不同意的，请写明理由。"}])
    _fits("answer", words)
    if approve:
        _may_still_be_longer(session, now, case, extension)
    extension.state = "approved" if approve else "rejected"
    extension.answered_by, extension.answered_at, extension.answer = actor.id, now, words.strip()
    told = {"reason": REASONS[extension.reason], "answer": words.strip()}
    if approve:
        longer = _extend(session, now, case, extension)
        told["due"] = longer.due_at.isoformat()
        data = {
            "reason": REASONS[extension.reason],
            "explanation": extension.explanation,
            "due": longer.due_at.isoformat(),
            "provisional": longer.provisional,
            "approver": actor.name,
        }
        extra = data | {"rule_keys": [longer_rule(session.get_one(Deadline, extension.deadline_id))]}
        letters.issue(session, case=case, kind="extension", now=now, actor=actor, extra=extra)
        calendar = workdays.load_calendar(session).at(case.town_code)
        contacts.told_by_letters(session, actor, now, case, pinned_rules(session, case, now), calendar)
    _tell(session, actor, now, case, f"extension.{extension.state}", told)
    return extension


def waiting(session: Session, actor: Actor, limit: int = 50) -> list[tuple[Extension, Case]]:
    """List the extensions in the actor's area that wait for an answer, the oldest first."""
    query = (
        select(Extension, Case)
        .join(Case, Case.id == Extension.case_id)
        .where(Extension.state == "asked", Case.state == "open", within(actor, Case))
        .order_by(Extension.asked_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _why_not(session: Session, case: Case, clock: Deadline, now: datetime) -> str:
    if clock.due_at < now:
        return "late"
    earlier = select(Extension.id).where(
        Extension.case_id == case.id, Extension.state.in_(("asked", "approved"))
    )
    return "once" if session.scalar(earlier.limit(1)) else ""


def _total(session: Session, case: Case) -> Deadline | None:
    query = select(Deadline).where(
        Deadline.case_id == case.id, Deadline.kind == "total", Deadline.state == "running"
    )
    return session.scalars(query).one_or_none() if case.accepted_at is not None else None


def _may_still_be_longer(session: Session, now: datetime, case: Case, extension: Extension) -> None:
    """Refuse where the clock was stopped since it was asked for, or is over: what is over cannot be made longer."""
    old = session.get_one(Deadline, extension.deadline_id, populate_existing=True)
    if case.state != "open" or old.state != "running":
        raise Conflict("本案已经作出决定或者办结，不需要再延长。")
    if old.due_at < now:
        raise Conflict("办理期限已过，不能再批准延长；请答复不同意，并尽快办结。")


def _fits(field: str, text: str) -> None:
    if len(text) > _LONGEST:
        raise Invalid(errors=[{"field": field, "message": f"最多 {_LONGEST} 个字。"}])


def _extend(session: Session, now: datetime, case: Case, extension: Extension) -> Deadline:
    old = session.get_one(Deadline, extension.deadline_id)
    entry = rules.entry(pinned_rules(session, case, now), longer_rule(old))
    assert case.accepted_at is not None
    new = deadlines.start_deadline(
        session,
        case=case,
        kind="total",
        name=entry.name,
        rule_key=entry.key,
        length=int(entry.value),
        unit=entry.unit,
        start=case.accepted_at,
        article=entry.article,
        provenance=entry.provenance,
        calendar=workdays.load_calendar(session).at(case.town_code),
        fact=old.fact,
    )
    if new.due_at <= old.due_at:
        raise Conflict("规定的延长期限不长于现在的期限，不能延长。")
    old.state, old.replaced_by = "extended", new.id
    return new


def _tell(session: Session, actor: Actor, now: datetime, case: Case, kind: str, told: dict[str, str]) -> None:
    add_event(session, case_id=case.id, at=now, kind=kind, actor=actor, data=told)
    ledger.record(
        session,
        county_code=case.county_code,
        at=now,
        kind=kind,
        case_id=case.id,
        case_number=case.number,
        actor=actor,
        body=told,
    )
