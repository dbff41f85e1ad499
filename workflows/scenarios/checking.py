"""What a scenario expects, compared with the rows that the step left behind."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import (
    Case,
    CaseEvent,
    Decision,
    Objection,
    Paper,
    Payment,
    PublicNotice,
    Visit,
)
from jieban.clock import CHINA, local_day
from jieban.deadlines.tables import Deadline
from jieban.handovers.tables import Handover
from jieban.ledger.tables import LedgerRecord
from jieban.links.tables import CaseLink
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from notifications.tables import Letter, Message
from tasks.tables import Task
from workflows import model_store


def check(session: Session, case: Case, expected: Mapping[str, Any]) -> list[str]:
    """List what is not as expected, in sentences."""
    return [
        f"{name}：{sentence}"
        for name, value in expected.items()
        for sentence in _CHECKS[name](session, case, value)
    ]


def _same(expected: Any, actual: Any) -> list[str]:
    return [] if expected == actual else [f"应为 {expected}，实为 {actual}"]


def _open(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(Task.element).where(Task.case_id == case.id, Task.state == "open")
    return _same(sorted(expected), sorted(session.scalars(query)))


def _deadline(session: Session, case: Case, name: str) -> Deadline | None:
    query = select(Deadline).where(Deadline.case_id == case.id)
    if session.scalars(query.where(Deadline.kind == name).limit(1)).first():
        query = query.where(Deadline.kind == name, Deadline.state.in_(("running", "met")))
    else:
        query = query.join(Task, Task.id == Deadline.task_id).where(Task.element == name)
    return session.scalars(query.order_by(Deadline.starts_at.desc(), Deadline.id.desc()).limit(1)).first()


def _due(session: Session, case: Case, expected: Mapping[str, str]) -> list[str]:
    wrong = []
    for name, day in expected.items():
        deadline = _deadline(session, case, name)
        actual = _when(deadline.due_at, exactly=len(str(day)) > len("2026-11-24")) if deadline else "没有期限"
        wrong += [f"{name} {sentence}" for sentence in _same(day, actual)]
    return wrong


def _when(due_at: datetime, *, exactly: bool) -> str:
    """Write when a clock ends: its day, or to the minute where the scenario says a time, as with limits in hours."""
    return f"{due_at.astimezone(CHINA):%Y-%m-%d %H:%M}" if exactly else local_day(due_at).isoformat()


def _provisional(session: Session, case: Case, expected: list[str]) -> list[str]:
    found = {name: _deadline(session, case, name) for name in expected}
    return [
        f"{name} 应当标为暂定"
        for name, deadline in found.items()
        if deadline is None or not deadline.provisional
    ]


def _letters(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(Letter.kind).where(Letter.case_id == case.id)
    # Several letters may leave in one moment, so their order is not compared.
    return (
        []
        if Counter(session.scalars(query)) == Counter(expected)
        else _same(sorted(expected), sorted(session.scalars(query)))
    )


def _letter_says(session: Session, case: Case, expected: Mapping[str, list[str]]) -> list[str]:
    wrong = []
    for kind, words in expected.items():
        query = select(Letter).where(Letter.case_id == case.id, Letter.kind == kind)
        letters = session.scalars(query.order_by(Letter.issued_at.desc()).limit(1)).all()
        said = "".join(_texts(letters[0].data)) if letters else ""
        wrong += [f"{kind} 中没有“{word}”" for word in words if str(word) not in said]
    return wrong


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [str(value)]


def _fields(row: Any, expected: Mapping[str, Any]) -> list[str]:
    if row is None:
        return ["没有记录"]
    return [
        f"{name} {sentence}"
        for name, value in expected.items()
        for sentence in _same(_text(value), _text(getattr(row, name)))
    ]


def _text(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.2f}" if isinstance(value, float) else str(value)
    return str(value)


def _decision(session: Session, case: Case, expected: Mapping[str, Any]) -> list[str]:
    query = select(Decision).where(Decision.case_id == case.id).order_by(Decision.decided_at.desc())
    return _fields(session.scalars(query.limit(1)).first(), expected)


def _payment(session: Session, case: Case, expected: Mapping[str, Any]) -> list[str]:
    return _fields(session.scalars(select(Payment).where(Payment.case_id == case.id)).one_or_none(), expected)


def _notice(session: Session, case: Case, expected: Mapping[str, Mapping[str, Any]]) -> list[str]:
    wrong = []
    for phase, shown in expected.items():
        query = select(PublicNotice).where(PublicNotice.case_id == case.id, PublicNotice.phase == phase)
        notice = session.scalars(query.order_by(PublicNotice.posted_on.desc()).limit(1)).first()
        # The whole of what is shown is compared: one field too many is a breach of privacy.
        actual = {name: _text(value) for name, value in notice.fields.items()} if notice else None
        wrong += [f"{phase} {one}" for one in _same({name: _text(v) for name, v in shown.items()}, actual)]
    return wrong


def _visits(session: Session, case: Case, expected: list[Mapping[str, Any]]) -> list[str]:
    query = select(Visit).where(Visit.case_id == case.id).order_by(Visit.recorded_at)
    actual = [
        {"level": visit.level, "investigators": [one["name"] for one in visit.investigators]}
        for visit in session.scalars(query)
    ]
    return _same([dict(one) for one in expected], actual)


def _objections(session: Session, case: Case, expected: list[Mapping[str, Any]]) -> list[str]:
    query = select(Objection).where(Objection.case_id == case.id).order_by(Objection.received_at)
    actual = [{"kind": one.kind, "answered": one.answered_at is not None} for one in session.scalars(query)]
    return _same([dict(one) for one in expected], actual)


def _missing(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(Paper.name).where(Paper.case_id == case.id, Paper.state == "missing")
    return _same(sorted(expected), sorted(session.scalars(query)))


def _events(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(CaseEvent.kind).where(CaseEvent.case_id == case.id)
    return [f"没有 {kind}" for kind in sorted(set(expected) - set(session.scalars(query)))]


def _ledger(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(LedgerRecord.kind).where(LedgerRecord.case_id == case.id)
    return [f"没有 {kind}" for kind in sorted(set(expected) - set(session.scalars(query)))]


def _told(session: Session, case: Case, expected: list[Mapping[str, str]]) -> list[str]:
    query = (
        select(User.name, Message.kind)
        .join(User, User.id == Message.user_id)
        .where(Message.case_id == case.id)
    )
    actual = {(name, kind) for name, kind in session.execute(query)}
    return [
        f"没有告知 {one['name']}({one['kind']})"
        for one in expected
        if (one["name"], one["kind"]) not in actual
    ]


def _stage(_session: Session, case: Case, expected: str) -> list[str]:
    return _same(expected, case.stage)


def _outcome(_session: Session, case: Case, expected: str | None) -> list[str]:
    return _same(expected, case.outcome)


def _records(session: Session, case: Case, expected: Mapping[str, Mapping[str, Any]]) -> list[str]:
    wrong = []
    for kind, fields in expected.items():
        query = select(CaseRecord).where(CaseRecord.case_id == case.id, CaseRecord.kind == kind)
        record = session.scalars(query.order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())).first()
        if record is None:
            wrong.append(f"没有登记 {kind}")
            continue
        wrong += [
            f"{kind}.{name} {sentence}"
            for name, value in (fields or {}).items()
            for sentence in _same(_text(value), _text(record.data.get(name)))
        ]
    return wrong


def _linked(session: Session, case: Case, expected: list[str]) -> list[str]:
    query = select(Case.procedure).join(CaseLink, CaseLink.to_id == Case.id)
    return _same(sorted(expected), sorted(session.scalars(query.where(CaseLink.from_id == case.id))))


def _benefit(session: Session, case: Case, expected: Mapping[str, Any] | None) -> list[str]:
    """Compare the benefit that the case granted or is about; null where there must be none."""
    mine = select(BenefitStep.benefit_id).where(BenefitStep.case_id == case.id)
    about = select(CaseLink.from_id).where(CaseLink.to_id == case.id, CaseLink.kind.in_(("review", "change")))
    query = select(Benefit).where(
        or_(Benefit.case_id == case.id, Benefit.case_id.in_(about), Benefit.id.in_(mine))
    )
    found = session.scalars(query.order_by(Benefit.id.desc())).first()
    if expected is None:
        return ["不应当有待遇"] if found else []
    return _fields(found, expected)


def _handovers(session: Session, case: Case, expected: list[Mapping[str, Any]]) -> list[str]:
    query = select(Handover).where(Handover.case_id == case.id).order_by(Handover.handed_at, Handover.id)
    actual = [{"to": one.to_area, "answer": one.answer} for one in session.scalars(query)]
    return _same([{"to": str(one["to"]), "answer": one.get("answer", "")} for one in expected], actual)


def _facts(session: Session, case: Case, expected: Mapping[str, Any]) -> list[str]:
    facts = model_store.get_model(session, case.model_version_id).restore(case.engine_state).facts
    return [
        f"{name} {sentence}"
        for name, value in expected.items()
        for sentence in _same(_text(value), _text(facts.get(name)))
    ]


def _breached(session: Session, case: Case, expected: list[str]) -> list[str]:
    """Compare which clocks were breached: the element of a task, or the kind of a clock of the case."""
    query = select(Deadline).where(Deadline.case_id == case.id, Deadline.breached_at.is_not(None))
    actual = {one.element or one.kind for one in session.scalars(query)}
    return _same(sorted(expected), sorted(actual))


def _articles(session: Session, case: Case, expected: Mapping[str, list[str]]) -> list[str]:
    """Compare what law the latest task of an element shows: one article of another kind of assistance is one too many."""
    wrong = []
    for element, articles in expected.items():
        query = select(Task.article).where(Task.case_id == case.id, Task.element == element)
        shown = session.scalars(query.order_by(Task.opened_at.desc(), Task.id.desc()).limit(1)).first()
        wrong += [f"{element} {one}" for one in _same(sorted(articles), sorted((shown or "").split("、")))]
    return wrong


def without_law(session: Session, cases: Sequence[uuid.UUID]) -> list[str]:
    """List the tasks that opened in cases and show no article: each condition of their law was wrong there."""
    query = select(Task.element).where(Task.case_id.in_(cases), Task.article == "").distinct()
    return [f"{element} 没有依据" for element in sorted(session.scalars(query))]


def _list(session: Session, case: Case, expected: Mapping[str, Any]) -> list[str]:
    query = select(PaymentList).where(PaymentList.case_id == case.id).order_by(PaymentList.made_at.desc())
    return _fields(session.scalars(query.limit(1)).first(), expected)


def _lines(session: Session, case: Case, expected: list[Mapping[str, Any]]) -> list[str]:
    query = (
        select(PaymentLine)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentList.case_id == case.id)
        .order_by(PaymentLine.number)
    )
    lines = list(session.scalars(query))
    if len(lines) != len(expected):
        return [f"应有 {len(expected)} 笔，实有 {len(lines)} 笔"]
    return [one for line, wanted in zip(lines, expected, strict=True) for one in _fields(line, wanted)]


_CHECKS: dict[str, Callable[[Session, Case, Any], list[str]]] = {
    "open": _open,
    "due": _due,
    "provisional": _provisional,
    "letters": _letters,
    "letter_says": _letter_says,
    "decision": _decision,
    "payment": _payment,
    "notice": _notice,
    "visits": _visits,
    "objections": _objections,
    "missing": _missing,
    "events": _events,
    "ledger": _ledger,
    "told": _told,
    "stage": _stage,
    "outcome": _outcome,
    "records": _records,
    "linked": _linked,
    "benefit": _benefit,
    "handovers": _handovers,
    "facts": _facts,
    "articles": _articles,
    "breached": _breached,
    "list": _list,
    "lines": _lines,
}
