"""Cases that wait for a timer, of a procedure so small that a sweep is all there is to see."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import bpmn
from jieban.cases.tables import Case
from jieban.ids import new_id
from jieban.procedures.tables import ModelFile, ModelVersion
from jieban.staff.actor import Actor
from jieban.writes import write_out
from tests.factories import add_case
from workflows import effects
from workflows.tables import Timer

KEY = "waiting"
MODEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:jb="urn:jieban:bpmn:1" id="definitions" targetNamespace="urn:jieban:test">
  <bpmn:process id="waiting" name="\xe7\xad\x89\xe5\xbe\x85" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="pause" />
    <bpmn:intermediateCatchEvent id="pause" name="\xe7\xad\x89\xe5\xbe\x85\xe6\x9c\x9f\xe6\xbb\xa1">
      <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
      <bpmn:timerEventDefinition id="timer">
        <bpmn:timeDate xsi:type="bpmn:tFormalExpression">wait_until</bpmn:timeDate>
      </bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="b" sourceRef="pause" targetRef="look" />
    <bpmn:userTask id="look" name="\xe6\xa0\xb8\xe5\xae\x9e">
      <bpmn:extensionElements>
        <jb:assignment role="town.window" />
        <jb:form key="post_notice" />
        <jb:deadline duration="P3WD" />
        <jb:escalation>
          <jb:step after="-P1WD" to="town.window" />
          <jb:step after="P0D" to="town.leader" />
          <jb:step after="P2WD" to="county.leader" />
        </jb:escalation>
      </bpmn:extensionElements>
      <bpmn:incoming>b</bpmn:incoming><bpmn:outgoing>c</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="c" sourceRef="look" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>c</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def add_procedure(session: Session, now: datetime) -> uuid.UUID:
    """Publish the small procedure."""
    version = ModelVersion(
        id=new_id(),
        key=KEY,
        number=1,
        name="等待",
        state="published",
        created_at=now,
        changed_at=now,
        published_at=now,
    )
    session.add(version)
    session.flush()
    session.add(ModelFile(version_id=version.id, path="model.bpmn", content=MODEL))
    return version.id


def add_waiting_cases(
    session: Session, actor: Actor, now: datetime, version_id: uuid.UUID, fire_at: datetime, number: int = 1
) -> list[Case]:
    """Add cases that stand at the timer, as a step would have left them."""
    model = bpmn.load({"model.bpmn": MODEL})
    run = model.start({"wait_until": fire_at.isoformat()}, now)
    state = run.dump()
    cases = []
    for _ in range(number):
        case = add_case(session, actor, now, model_version_id=version_id, procedure=KEY, engine_state=state)
        effects.write_timers(session, case, run, effects.Before.nothing())
        cases.append(case)
    return cases


def add_many_waiting(
    session: Session,
    actor: Actor,
    now: datetime,
    version_id: uuid.UUID,
    moments: Sequence[datetime],
    *,
    later: int = 0,
) -> None:
    """Add a case for each moment at which a timer is to fire, quickly: copies of one case that differ in nothing else.

    With `later`, each has so many more armed timers that are not due for a year or more.
    """
    (first,) = add_waiting_cases(session, actor, now, version_id, moments[0])
    write_out(session)
    case = dict(session.execute(select(Case.__table__).where(Case.id == first.id)).one()._mapping)
    # A first contact belongs to one case, and is closed with it.
    case["first_contact_id"] = None
    timer = dict(session.execute(select(Timer.__table__).where(Timer.case_id == first.id)).one()._mapping)
    cases, timers = [], []
    for number, moment in enumerate(moments):
        copy = first.id if number == 0 else new_id()
        if number:
            cases.append({**case, "id": copy, "number": f"MANY-{copy.hex}"})
            timers.append({**timer, "id": new_id(), "case_id": copy, "fire_at": moment})
        timers += [
            {
                **timer,
                "id": new_id(),
                "case_id": copy,
                "engine_id": f"later-{one}",
                "fire_at": now + timedelta(days=365 + one, seconds=number),
            }
            for one in range(later)
        ]
    for table, rows in ((Case, cases), (Timer, timers)):
        if rows:
            session.execute(insert(table), rows)
