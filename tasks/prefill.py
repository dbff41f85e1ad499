"""What a form already knows when it is opened, so that nobody types twice what the case has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.cases.tables import Application, Case, Decision, Member, Objection, Opinion, Visit
from jieban.clock import local_day
from jieban.links.tables import CaseLink
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from tasks.calculation import household
from tasks.care_prefill import of_care
from tasks.forms import Form
from tasks.operations.meeting import orders_of
from tasks.operations.payment_returns import returned_lines
from tasks.tables import Task

_TODAY = (
    "visited_on",
    "posted_on",
    "taken_down_on",
    "told_on",
    "sent_on",
    "contacted_on",
    "done_on",
    "held_on",
    "served_on",
    "paid_on",
    "planned_on",
    "assessed_on",
    "checked_on",
    "chosen_on",
    "heard_on",
    "signed_on",
    "as_of",
    "answered_on",
)


_AT_HOME = frozenset(
    {
        "home_visit",
        "renewed_investigation",
        "county_visit",
        "visit_destitute",
        "visit_care",
        "visit_household",
        "assess_ability",
    }
)
"""Operations that somebody does where the household lives."""


def prefill(session: Session, task: Task, case: Case, form: Form, now: datetime) -> dict[str, Any]:
    """Give first values for a form; a person still checks and submits them."""
    fields = form.schema.get("properties", {})
    known: dict[str, Any] = dict.fromkeys(_TODAY, local_day(now).isoformat())
    known |= _place(session, task, case) | _team(session, case) | _money(session, case, task)
    if task.operation == "close_notice":
        open_ones = select(func.count()).where(
            Objection.case_id == case.id, Objection.kind == "notice", Objection.answered_at.is_(None)
        )
        known["objection"] = "received" if session.scalar(open_ones) else "none"
    if task.operation == "register_relative":
        known["relatives"] = [{"member_name": case.applicant_name}]
    if task.operation == "follow_returns":
        known["returns"] = [
            {
                "number": row.number,
                "holder": row.holder,
                "account_holder": row.account_holder,
                "note": row.reason,
            }
            for row in returned_lines(session, case.id, task.town_code)
        ]
    if task.operation == "start_check":
        known["way"] = "query"
    if task.operation == "examine_papers" and _split_off(session, case):
        known["papers"] = "complete"
    if task.operation == "serve_letter":
        known["receiver"] = case.applicant_name
    if task.operation == "follow_orders":
        known["orders"] = orders_of(session, case.id)
    known |= of_care(session, task, case, local_day(now))
    known |= _records(session, case, fields)
    return {field: value for field, value in known.items() if field in fields and value not in (None, "")}


def _split_off(session: Session, case: Case) -> bool:
    """Tell whether the papers were examined with the whole application that this case was split off from (GX-09)."""
    query = select(CaseLink.id).where(CaseLink.to_id == case.id, CaseLink.kind == "one_application")
    return session.scalar(query.limit(1)) is not None


def _records(session: Session, case: Case, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a field takes over from an earlier record: `x-prefill` names its kind and field, as "handling.question".

    Of several with blanks between them the first counts that says something.
    """
    known: dict[str, Any] = {}
    for field, part in fields.items():
        for wanted in str(part.get("x-prefill", "")).split():
            kind, _, name = wanted.partition(".")
            latest = select(CaseRecord.data).where(CaseRecord.case_id == case.id, CaseRecord.kind == kind)
            data = session.scalar(
                latest.order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc()).limit(1)
            )
            if data and data.get(name) not in (None, ""):
                known[field] = data[name]
                break
    return known


def _place(session: Session, task: Task, case: Case) -> dict[str, Any]:
    if task.operation in _AT_HOME:
        return {"place": session.scalar(select(Application.address).where(Application.case_id == case.id))}
    return {}


def _team(session: Session, case: Case) -> dict[str, Any]:
    planned = session.scalars(
        select(Task.result)
        .where(
            Task.case_id == case.id,
            Task.operation.in_(("start_investigation", "plan_review")),
            Task.state == "done",
        )
        .order_by(Task.completed_at.desc())
        .limit(1)
    ).one_or_none()
    if planned:
        return {name: planned.get(name) for name in ("first_investigator", "second_investigator")}
    visit = session.scalars(
        select(Visit)
        .where(Visit.case_id == case.id, Visit.level == "town")
        .order_by(Visit.recorded_at.desc())
        .limit(1)
    ).one_or_none()
    if visit is None:
        return {}
    names = [
        session.scalar(select(User.username).where(User.name == one["name"])) for one in visit.investigators
    ]
    return dict(zip(("first_investigator", "second_investigator"), names, strict=False))


def _money(session: Session, case: Case, task: Task) -> dict[str, Any]:
    members = session.scalar(select(func.count()).where(Member.case_id == case.id, Member.counted)) or 0
    known: dict[str, Any] = {"members": members, "method": "difference"} | _method(session, case)
    if task.operation in {"give_opinion", "work_out_means"} and case.rule_set_id is not None:
        values = rules.rule_set(session, case.rule_set_id)
        known["monthly_income"] = str(household(session, case, values).income)
    if task.operation in {"decide", "decide_aid", "county_review"}:
        latest = select(Opinion).where(Opinion.case_id == case.id, Opinion.amount.is_not(None))
        opinion = session.scalars(latest.order_by(Opinion.given_at.desc()).limit(1)).one_or_none()
        known["amount"] = str(opinion.amount) if opinion else None
    if task.operation in {"record_payment", "pay_support", "pay_aid"}:
        known["custody"] = "family"
        query = select(Decision.amount).where(Decision.case_id == case.id, Decision.result == "approved")
        amount = session.scalar(query.order_by(Decision.decided_at.desc()).limit(1))
        known["amount"] = str(amount) if amount is not None else None
    return known


def _method(session: Session, case: Case) -> dict[str, Any]:
    """Give how the last opinion had the amount worked out; nothing where it opposed, or where there is none."""
    last = session.scalars(
        select(Task.result)
        .where(Task.case_id == case.id, Task.operation == "give_opinion", Task.state == "done")
        .order_by(Task.completed_at.desc())
        .limit(1)
    ).one_or_none()
    return {name: last[name] for name in ("method", "grade") if last and last.get(name)}
