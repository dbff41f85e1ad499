"""Steps that put a form on record and tell the gateways some of its fields: a model needs no program for them.

Every one takes `kind` (under which the form is kept), `tell` (which fields become facts), `past` (which dates must not
lie in the future) and `stage` (where the case stands afterwards).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jieban.cases.tables import Opinion
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.records.tables import CaseRecord
from jieban.writes import add
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text
from tasks.operations.visits import keep_visit

_PARAMS = ("kind", "tell", "past", "stage")


@task_operation("keep_record", "登记办理情况", "Keep a record", _PARAMS)
def keep_record(done: Done) -> Mapping[str, Fact]:
    """Keep the form, and tell what the model wants told."""
    return keep(done)


@task_operation("investigate", "调查核实", "Investigate", (*_PARAMS, "visit"), duty="investigate")
def investigate(done: Done) -> Mapping[str, Fact]:
    """Keep what somebody found out; with `visit` (town or county) it is a home visit by two (DB-10)."""
    if level := done.params.get("visit"):
        findings = {key: one for key, one in done.data.items() if key not in _OF_THE_VISIT}
        keep_visit(done, findings, level=level)
    return keep(done)


@task_operation("propose", "提出意见", "Propose", (*_PARAMS, "opinion"), duty="propose")
def propose(done: Done) -> Mapping[str, Fact]:
    """Keep what somebody proposes; with `opinion` (initial or review) the result stands among the opinions of the case."""
    if kind := done.params.get("opinion"):
        opinion = Opinion(
            id=new_id(),
            case_id=done.case.id,
            kind=kind,
            result=str(done.data["result"]),
            amount=None,
            reason=text(done.data, "reason"),
            given_by=done.actor.id,
            given_at=done.now,
        )
        add(done.session, opinion)
    return keep(done)


@task_operation("settle", "作出处理决定", "Settle", _PARAMS, duty="decide")
def settle(done: Done) -> Mapping[str, Fact]:
    """Keep what somebody decided where neither money nor a status is granted; whoever investigated cannot do it."""
    return keep(done)


@task_operation("make", "编制", "Make", _PARAMS, duty="make")
def make(done: Done) -> Mapping[str, Fact]:
    """Keep what somebody made and another has to check (ZF-11)."""
    return keep(done)


@task_operation("check", "复核", "Check", _PARAMS, duty="check")
def check(done: Done) -> Mapping[str, Fact]:
    """Keep how somebody checked what another made (ZF-11)."""
    return keep(done)


_OF_THE_VISIT = frozenset({"place", "present", "visited_on"})


def keep(done: Done) -> dict[str, Fact]:
    """Keep the form of the task under the kind that the model names, and return the facts that it wants told."""
    for field in _names(done.params.get("past", "")):
        if done.data.get(field) not in (None, ""):
            done.day(field)
    if stage := done.params.get("stage"):
        done.case.stage = stage
    if kind := done.params.get("kind"):
        record = CaseRecord(
            id=new_id(),
            case_id=done.case.id,
            kind=kind,
            title=done.task.name,
            element=done.task.element,
            form=done.task.form,
            data=dict(done.data),
            task_id=done.task.id,
            recorded_by=done.actor.id,
            recorded_by_name=done.actor.name,
            recorded_at=done.now,
        )
        done.tell(f"record:{kind}", record)
    return told(done.params.get("tell", ""), done.data)


def told(wanted: str, data: Mapping[str, Any]) -> dict[str, Fact]:
    """Pick facts out of a form: "outcome, able:can_work, needs#" tells two fields, one by another name, and a number of rows.

    A field that was left out is told as unknown, so that a condition may ask whether it is there.
    """
    facts: dict[str, Fact] = {}
    for one in _names(wanted):
        name, _, field = one.partition(":")
        field = field or name
        if field.endswith("#"):
            facts[name.rstrip("#")] = len(data.get(field[:-1]) or ())
        else:
            facts[name] = plain_fact(field, data.get(field))
    return facts


def plain_fact(field: str, value: Any) -> Fact:
    """Turn a field into a fact: one plain value; Invalid where it is a list."""
    if value is None or isinstance(value, str | bool | int | Decimal):
        return value
    if isinstance(value, float):
        return Decimal(str(value))
    raise Invalid(errors=[{"field": field, "message": "这一项不能作为流程判断的条件。"}])


def _names(text_: str) -> list[str]:
    return [one.strip() for one in text_.split(",") if one.strip()]
