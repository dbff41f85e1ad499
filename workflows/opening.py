"""What every case has in common when it begins: the model that it takes, its number, its first step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

import bpmn
from jieban import rules, workdays
from jieban.areas.tables import Area
from jieban.cases.tables import Case
from jieban.clock import local_day, read_moment
from jieban.counters import Counter
from jieban.errors import Conflict, Invalid
from jieban.ids import new_id
from jieban.procedures.tables import ModelVersion
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.staff.actor import Actor
from jieban.writes import add
from tasks import forms
from tasks.operations.records import told
from tasks.operations.registry import ToOpen
from workflows import effects, model_store
from workflows.services import performer
from workflows.tables import CaseNumber
from workflows.writing_back import after_step

_NUMBERS = Counter(CaseNumber)
_OLDER = {"subsistence_allowance": bpmn.Opening("household", "DB", "dibao.decision.level")}
"""How cases begin under versions that were published before a start event could say so."""
_CALLED = bpmn.Opening("household", "SA")
"""For a procedure that is only called by others, which nobody opens by hand."""


@dataclass(frozen=True)
class Beginning:
    """The version that a new case takes, and how its model says it begins."""

    version: ModelVersion
    model: bpmn.Model
    opening: bpmn.Opening
    form: str | None
    roles: frozenset[str]
    """who may open it by hand; empty where the usual permission is enough"""
    by_hand: bool = True
    """false where its model does not say how a case begins, so that it is only called by others"""


def beginning_of(session: Session, procedure: str) -> Beginning:
    """Look up how cases of a procedure begin; NotFound where none is published."""
    version = model_store.current(session, procedure)
    model = model_store.get_model(session, version.id)
    start = model.beginning
    roles = frozenset((start.role or "").split()) if start else frozenset()
    opening = (start.opening if start else None) or _OLDER.get(procedure)
    form = start.form if start else None
    return Beginning(version, model, opening or _CALLED, form, roles, opening is not None)


_ORDER = (
    "subsistence_allowance",
    "destitute_support",
    "marginal_household",
    "rigid_expenditure_household",
    "temporary_assistance",
    "one_application",
    "hotline_matter",
    "petition_matter",
    "warning_check",
    "care_service",
    "charity_referral",
    "benefit_change",
    "benefit_review",
)
"""What is asked for most stands first; the rest follows in the order of its key."""


def openable(session: Session, actor: Actor, *kinds: str) -> list[Beginning]:
    """List the procedures of these kinds whose cases the actor may open by hand, in the order of their names."""
    keys = session.scalars(
        select(ModelVersion.key)
        .where(ModelVersion.state == "published")
        .distinct()
        .order_by(ModelVersion.key)
    )
    found = (beginning_of(session, key) for key in keys)
    wanted = [one for one in found if one.by_hand and one.opening.kind in kinds and may_open(actor, one)]
    return sorted(wanted, key=lambda one: _ORDER.index(one.version.key) if one.version.key in _ORDER else 99)


def may_open(actor: Actor, beginning: Beginning) -> bool:
    """Tell whether the actor has a role that the model names, or where it names none, the usual permission."""
    return bool(beginning.roles & actor.roles) if beginning.roles else actor.may("case.register")


def next_number(session: Session, opening: bpmn.Opening, county: str, now: datetime) -> str:
    """Give the next case number of a county, procedure and year."""
    series = f"{county}-{opening.series or _CALLED.series}-{local_day(now).year}"
    return f"{series}-{_NUMBERS.next(session, series):05d}"


def decided_by_town(session: Session, opening: bpmn.Opening, town: str, now: datetime) -> bool:
    """Tell whether the township decides, by the rule that the model names (CF-02)."""
    if opening.level is None:
        return False
    values = rules.rule_set_for(session, town, local_day(now), now)
    return rules.entry(values, opening.level).value == "town"


def check_data(session: Session, beginning: Beginning, data: Mapping[str, Any], now: datetime) -> None:
    """Check the procedure's own fields by its opening form; Invalid with one error per field.

    A date or moment that the form marks with `x-past` must not lie in the future: nothing has happened there yet.
    """
    if beginning.form is None:
        if data:
            raise Invalid("本事项登记时没有需要另外填写的内容。")
        return
    form = forms.form_of(session, beginning.version.id, beginning.form)
    if errors := forms.validate(form, data) or _in_the_future(form, data, now):
        raise Invalid(errors=errors)


def _in_the_future(form: forms.Form, data: Mapping[str, Any], now: datetime) -> list[dict[str, str]]:
    past = [name for name, part in form.schema.get("properties", {}).items() if part.get("x-past")]
    late = [name for name in past if data.get(name) and read_moment(str(data[name])) > now]
    return [{"field": name, "message": "不能晚于现在。"} for name in late]


def keep_registration(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    beginning: Beginning,
    data: Mapping[str, Any],
) -> None:
    """Put what the opening form asked for on record."""
    if beginning.form is None:
        return
    record = CaseRecord(
        id=new_id(),
        case_id=case.id,
        kind="registration",
        title="登记",
        element=beginning.model.beginning.id if beginning.model.beginning else "",
        form=beginning.form,
        data=dict(data),
        task_id=None,
        recorded_by=actor.id if actor else None,
        recorded_by_name=actor.name if actor else "",
        recorded_at=now,
    )
    add(session, record)


def known_facts(opening: bpmn.Opening, data: Mapping[str, Any]) -> dict[str, Any]:
    """Collect what is known from the start: the model's own constants, and the fields of the form that it wants told."""
    return {name: _literal(value) for name, value in opening.facts.items()} | told(opening.tell, data)


def _literal(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() else text


def begin(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    model: bpmn.Model,
    facts: Mapping[str, Any],
    calendar: workdays.Calendar,
    run_id: str = "",
) -> list[ToOpen]:
    """Start the procedure of a case that has just been added; return the linked cases that its first steps ask for."""
    wishes: list[ToOpen] = []
    perform = performer(session, actor, now, case, calendar, run_id, to_open=wishes)
    try:
        run = model.start(facts, now, perform=perform)
    except bpmn.StepLimit:
        raise Conflict("该事项的流程不停循环，不能登记申请。请告知流程管理员。") from None
    after_step(session, actor, now, case, model, run, effects.Before.nothing(), calendar, run_id)
    return wishes


_TOWN, _COUNTY = aliased(Area), aliased(Area)
_PLACE = Query(
    select(
        _TOWN.full_name.label("town_full"),
        _TOWN.name.label("town"),
        _COUNTY.full_name.label("county_full"),
        _COUNTY.name.label("county"),
        _COUNTY.sample,
    )
    .select_from(_COUNTY)
    .outerjoin(_TOWN, _TOWN.code == bindparam("the_town"))
    .where(_COUNTY.code == bindparam("the_county"))
)


def place_of(session: Session, town: str) -> Any:
    """Look up the names of a township and its county; the township's are empty for a matter of the county itself."""
    return _PLACE.first(session, the_town=town, the_county=town[:6])


def town_of(area_code: str) -> str:
    """Return the township code of a village or township; a county's own matters stand under a code that no town has."""
    return area_code[:9] if len(area_code) >= 9 else f"{area_code[:6]}000"


def applicant_of(members: Sequence[Any]) -> Any:
    """Pick the applicant out of the members of a household."""
    return next(member for member in members if member.relation == "self")
