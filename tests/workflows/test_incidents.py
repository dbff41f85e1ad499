from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ledger.tables import LedgerRecord
from tasks.tables import Task, TaskDraft
from tests.people import People
from tests.workflows.stuck import Office, incidents, open_stuck_case, operations, task_at
from workflows.flows import fire_timers
from workflows.incidents import OperationFailed, count_open, keep_failure, open_incidents
from workflows.retrying import read_fact, retry_incident
from workflows.steps import complete_task


@pytest.fixture
def office() -> Iterator[Office]:
    with operations() as made:
        yield made


def do(database: Database, people: People, now: datetime, element: str) -> None:
    task = task_at(database, element)
    assert task
    with database.write() as session:
        complete_task(session, people.window, now, task.id, {"found": "属实"})


def kinds(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(CaseEvent.kind).order_by(CaseEvent.id)))


def test_a_missing_fact_becomes_an_incident_and_the_work_is_kept(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """The clerk's task is done; the case waits with element, expression and the facts that were looked at."""
    case = open_stuck_case(database, people, now)
    do(database, people, now, "look")

    [incident] = incidents(database)
    assert (incident.element, incident.name, incident.expression) == ("x", "够不够", "limit > 10")
    assert (incident.facts, incident.state, incident.case_id) == ({"limit": None}, "open", case.id)
    assert kinds(database)[-2:] == ["task.completed", "incident.opened"]
    assert office.printed == 0


def test_telling_the_fact_lets_the_case_go_on(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """The retry stands in the history and in the ledger, with what was told."""
    open_stuck_case(database, people, now)
    do(database, people, now, "look")
    [incident] = incidents(database)

    with database.write() as session:
        assert retry_incident(session, people.model_admin, now, incident.id, {"limit": "12"}, "规则表漏了")

    assert (task_at(database, "serve") is not None, office.printed) == (True, 1)
    [incident] = incidents(database)
    assert (incident.state, incident.settled_at) == ("settled", now)
    with database.read() as session:
        record = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "incident.retried")).one()
        assert record.actor_name == "马超"
        assert '"limit":["","12"]' in record.body
    with database.write() as session, pytest.raises(Conflict):
        retry_incident(session, people.model_admin, now, incident.id, {"limit": "12"})


def test_retrying_without_the_fact_changes_nothing_but_the_count(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    open_stuck_case(database, people, now)
    do(database, people, now, "look")
    [incident] = incidents(database)

    with database.write() as session:
        assert not retry_incident(session, people.model_admin, now, incident.id)

    [incident] = incidents(database)
    assert (incident.state, incident.tries, office.printed) == ("open", 1, 0)


def test_only_what_the_element_looks_at_can_be_told_and_known_facts_need_a_reason(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """Nobody steers a case by telling it that it was approved."""
    office.facts = {"limit": "not a number"}
    open_stuck_case(database, people, now)
    do(database, people, now, "look")
    [incident] = incidents(database)

    with database.write() as session, pytest.raises(Invalid) as wrong:
        retry_incident(session, people.model_admin, now, incident.id, {"decision": "approve"})
    assert wrong.value.errors[0]["field"] == "decision"
    with database.write() as session, pytest.raises(Invalid) as wrong:
        retry_incident(session, people.model_admin, now, incident.id, {"limit": "3"})
    assert wrong.value.errors[0]["field"] == "why"
    with database.write() as session:
        assert retry_incident(session, people.model_admin, now, incident.id, {"limit": "3"}, "录入有误")
    assert task_at(database, "explain")


def test_an_operation_that_breaks_keeps_the_case_at_its_step(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """What the operation had changed is undone; the work of the clerk is not."""
    office.facts, office.print = {"limit": 12}, RuntimeError("打印机没有纸")
    case = open_stuck_case(database, people, now)
    do(database, people, now, "look")

    [incident] = incidents(database)
    assert (incident.element, incident.expression) == ("print", "test_print")
    assert incident.reason == "RuntimeError: 打印机没有纸"
    assert task_at(database, "serve") is None
    assert "test.printed" not in kinds(database)
    with database.read() as session:
        assert session.get_one(Case, case.id).stage == "reviewing"
        assert session.scalars(select(Task.name)).all() == ["核实"]
    office.print = None
    with database.write() as session, pytest.raises(Invalid):
        retry_incident(session, people.model_admin, now, incident.id, {"decision": "approve"}, "想改")
    with database.write() as session:
        assert retry_incident(session, people.model_admin, now, incident.id)
    assert task_at(database, "serve")
    assert kinds(database).count("test.printed") == 1
    with database.read() as session:
        assert session.get_one(Case, case.id).stage == "approved"


def test_an_operation_of_a_task_that_breaks_loses_no_input(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """The task stays open with a draft of what was filled in, and the case says what happened."""
    office.look = KeyError("income")
    open_stuck_case(database, people, now)
    task = task_at(database, "look")
    assert task
    for _ in range(2):
        with pytest.raises(OperationFailed) as failed, database.write() as session:
            complete_task(session, people.window, now, task.id, {"found": "属实"})
        with database.write() as session:
            keep_failure(session, people.window, now, task.id, {"found": "属实"}, failed.value)

    with database.read() as session:
        assert session.get_one(TaskDraft, (task.id, people.window.id)).data == {"found": "属实"}
        assert count_open(session) == 1
    [incident] = incidents(database)
    assert (incident.expression, incident.reason, incident.tries) == ("test_look", "KeyError: 'income'", 1)
    with database.write() as session, pytest.raises(Conflict):
        retry_incident(session, people.model_admin, now, incident.id)
    office.look, office.facts = None, {"limit": 3}
    do(database, people, now, "look")
    with database.read() as session:
        assert count_open(session) == 0


def test_what_a_clerk_can_put_right_is_told_to_the_clerk(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """A wrong field is not an incident."""
    office.facts, office.print = {"limit": 12}, Invalid("没有写明理由，不能出具该文书。")
    open_stuck_case(database, people, now)

    with pytest.raises(Invalid):
        do(database, people, now, "look")
    assert incidents(database) == []
    assert task_at(database, "look")


def test_a_procedure_that_goes_round_and_round_is_not_saved(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    office.facts = {"again": True}
    text = "start s\nuser look role=town.window operation=test_look\nxor x\nend e\ns -> look -> x\nx -> x : again\nx -> e : *"
    open_stuck_case(database, people, now, text)

    with pytest.raises(OperationFailed) as failed:
        do(database, people, now, "look")
    assert "StepLimit" in failed.value.reason
    assert task_at(database, "look")


def test_an_operation_that_breaks_after_a_timer_is_an_incident_and_not_a_stuck_timer(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    office.print = RuntimeError("打印机没有纸")
    open_stuck_case(
        database,
        people,
        now,
        "start s\ncatch t duration=P1D\nservice print operation=test_print\nuser serve role=town.window\nend e\n"
        "s -> t -> print -> serve -> e",
    )
    swept = fire_timers.sweep(database, now + timedelta(days=2), "run-1", 30)

    assert (swept.done, swept.set_aside) == (1, 0)
    assert [one.element for one in incidents(database)] == ["print"]


def test_a_notice_is_a_letter_and_what_is_thrown_stands_in_the_history(
    database: Database, people: People, now: datetime, office: Office
) -> None:
    """Whatever an element asks for is done or written down, and never breaks the step."""
    office.facts = {}
    open_stuck_case(
        database,
        people,
        now,
        "start s\nuser look role=town.window operation=test_look\nthrow m message=抄送 notice=acceptance\n"
        "throw g signal=已核实\nend e escalation=督办\ns -> look -> m -> g -> e",
    )
    do(database, people, now, "look")

    found = kinds(database)
    assert incidents(database) == []
    assert (found.count("service.done"), found.count("event.thrown"), found[-1]) == (1, 3, "case.closed")


def test_who_may_see_and_retry(database: Database, people: People, now: datetime, office: Office) -> None:
    """The area binds here as everywhere, and a clerk sees but does not retry."""
    case = open_stuck_case(database, people, now)
    do(database, people, now, "look")
    [incident] = incidents(database)

    with database.read() as session:
        assert [row[0].id for row in open_incidents(session, people.window, case.id)] == [incident.id]
        assert open_incidents(session, people.other_town_window) == []
        assert open_incidents(session, people.no_area) == []
    with database.write() as session, pytest.raises(NotAllowed):
        retry_incident(session, people.window, now, incident.id)
    with database.write() as session, pytest.raises(NotFound):
        retry_incident(session, people.model_admin, now, case.id)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是", True),
        (" false ", False),
        ("12", 12),
        ("-3", -3),
        ("2026-01-31", "2026-01-31"),
        ("“同意”", "同意"),
    ],
)
def test_facts_are_read_as_people_write_them(text: str, value: object) -> None:
    assert read_fact(text) == value
