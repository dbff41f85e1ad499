"""Clocks that belong to no task: of a lane, of feedback, of what must be handed in later."""

from typing import cast

from sqlalchemy import Table, Uuid, bindparam, select, update

from jieban import deadlines, rules
from jieban.clock import local_day, read_moment
from jieban.deadlines.tables import Deadline
from jieban.errors import Conflict
from jieban.reads import Query
from jieban.writes import change
from tasks.operations.registry import Asked, service_operation

_TABLE = cast("Table", Deadline.__table__)
_RUNNING = Query(
    select(_TABLE.c.id, _TABLE.c.due_at, _TABLE.c.name)
    .where(
        _TABLE.c.case_id == bindparam("the_case", type_=Uuid()),
        _TABLE.c.kind == bindparam("the_kind"),
        _TABLE.c.state == "running",
    )
    .order_by(_TABLE.c.starts_at.desc())
    .limit(1)
)
_REPLACE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("the_clock"), _TABLE.c.state == "running")
    .values(state="extended", replaced_by=bindparam("the_new"))
)


@service_operation("start_clock", "起算期限", "Start a clock", ("rule", "chosen", "kind", "start", "fact"))
def start_clock(asked: Asked) -> None:
    """Start a clock of the case by a rule, now or at the moment that the fact `start` holds; `kind` names it.

    The fact `chosen` may hold the key of another rule, as a decision table chose it. A timer may wait for its end by a
    fact that another step told: `fact` names it, so that it moves with the clock.
    """
    values = rules.rule_set_for(
        asked.session, asked.case.town_code, local_day(asked.case.accepted_at or asked.now), asked.now
    )
    chosen = asked.facts.get(asked.params.get("chosen", ""))
    entry = rules.entry(values, str(chosen or asked.params["rule"]))
    given = asked.facts.get(asked.params.get("start", ""))
    deadlines.start_deadline(
        asked.session,
        case=asked.case,
        kind=asked.params.get("kind", "step"),
        name=entry.name,
        rule_key=entry.key,
        length=int(entry.value),
        unit=entry.unit,
        start=read_moment(str(given)) if given else asked.now,
        article=entry.article,
        provenance=entry.provenance,
        calendar=asked.calendar,
        fact=asked.params.get("fact", ""),
    )


@service_operation("stop_clock", "期限内办结", "Stop a clock", ("kind",))
def stop_clock(asked: Asked) -> None:
    """Stop the running clocks of a kind, or of several ("firstaid, quick"), because what they were for is done."""
    for kind in asked.params["kind"].split(","):
        deadlines.meet_kind(asked.session, asked.case.id, kind.strip(), asked.now)


@service_operation("extend_clock", "延长期限", "Extend a clock", ("rule", "kind"))
def extend_clock(asked: Asked) -> None:
    """Add the length of a rule to the running clock of a kind, counted from where that ends (RX-03, XF-05).

    Conflict where none is running or it has passed: what is over cannot be extended any more.
    """
    running = _RUNNING.first(asked.session, the_case=asked.case.id, the_kind=asked.params["kind"])
    if running is None or running.due_at < asked.now:
        raise Conflict("办理期限已过，不能再延长。")
    values = rules.rule_set_for(
        asked.session, asked.case.town_code, local_day(asked.case.accepted_at or asked.now), asked.now
    )
    entry = rules.entry(values, asked.params["rule"])
    longer = deadlines.start_deadline(
        asked.session,
        case=asked.case,
        kind=asked.params["kind"],
        name=running.name,
        rule_key=entry.key,
        length=int(entry.value),
        unit=entry.unit,
        start=running.due_at,
        article=entry.article,
        provenance=entry.provenance,
        calendar=asked.calendar,
    )
    change(asked.session, _REPLACE, {"the_clock": running.id, "the_new": longer.id}, must_hit=True)
    if asked.params["kind"] == "total":
        asked.told["clocks"] = [longer]  # the letter that follows tells the new day
