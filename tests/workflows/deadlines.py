"""A procedure with every way in which a deadline drives something else: a border, a fact, a chain."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

import bpmn
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.deadlines import start_deadline
from jieban.ids import new_id
from jieban.procedures.tables import ModelFile, ModelVersion
from jieban.staff.actor import Actor
from jieban.workdays import load_calendar
from tests.bpmn.sketch import sketch
from tests.factories import add_case
from tests.people import People
from workflows import effects
from workflows.calendars import Totals
from workflows.flows.budget import Budget
from workflows.writing_back import pinned_rules

KEY = "driven"
TEXT = (
    "start s\nand fork\nuser look role=town.window deadline={span} name=核实\nboundary late on=look date=deadline {way}\n"
    "user chase role=town.leader deadline=P1WD name=督促\ncatch wait date=ends\nend e\nend f\nend g\n"
    "s -> fork -> look -> e\nfork -> wait -> f\nlate -> chase -> g"
)
_LADDER = (
    '<jb:escalation><jb:step after="-P1WD" to="town.window"/><jb:step after="P0D" to="town.leader"/>'
    '<jb:step after="P2WD" to="county.leader"/></jb:escalation></extensionElements>'
)


def drawn(span: str = "P5WD", way: str = "") -> bytes:
    """Draw it: `look` has a deadline, a timer on its border, and a chain; `wait` waits for the fact `ends`."""
    [text] = sketch(TEXT.format(span=span, way=way)).values()
    return text.decode().replace("</extensionElements>", _LADDER, 1).encode()


def add_driven(session: Session, now: datetime, span: str = "P5WD", way: str = "") -> ModelVersion:
    """Publish it."""
    version = ModelVersion(
        id=new_id(),
        key=KEY,
        number=1,
        name="被期限驱动",
        state="published",
        created_at=now,
        changed_at=now,
        published_at=now,
    )
    session.add(version)
    session.flush()
    session.add(ModelFile(version_id=version.id, path="model.bpmn", content=drawn(span, way)))
    session.flush()
    return version


def add_driven_case(
    session: Session,
    actor: Actor,
    now: datetime,
    version: ModelVersion,
    facts: Mapping[str, str] | None = None,
    **values: object,
) -> Case:
    """Open a case as a step would: tasks, clocks, timers; its fact is the end of a notice of seven days."""
    [file] = session.query(ModelFile).filter_by(version_id=version.id)
    model = bpmn.load({"model.bpmn": file.content})
    case = add_case(session, actor, now, model_version_id=version.id, procedure=KEY, **values)
    calendar = load_calendar(session)
    notice = start_deadline(
        session,
        case=case,
        kind="notice",
        name="公示期",
        rule_key="dibao.publicity.initial",
        length=7,
        unit="d",
        start=now,
        article="第十九条",
        provenance="full",
        calendar=calendar.at(case.town_code),
        fact="ends",
    )
    run = model.start({"ends": notice.due_at.isoformat(), **(facts or {})}, now)
    around = effects.Surroundings(session, now, case, run, calendar, pinned_rules(session, case, now))
    effects.write_tasks(around, model, effects.Before.nothing())
    effects.write_timers(session, case, run, effects.Before.nothing())
    case.engine_state = run.dump()
    session.flush()
    return case


def by_two(
    act: Callable[..., Totals | None],
    database: Database,
    people: People,
    now: datetime,
    made: UUID,
    budget: Budget | None = None,
) -> Totals:
    """Confirm a calendar, or take it back: as the administrator, and where deadlines move as the supervisor too."""
    totals = act(database, people.sys_admin, now, made, budget, why="按通知更正")
    if totals is None:
        totals = act(database, people.supervisor, now, made, budget)
    assert totals is not None
    return totals
