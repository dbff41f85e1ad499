"""What the decision on a benefit sees to itself, whatever an administrator has drawn."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import bpmn
from jieban.benefits import changing
from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Case, Decision
from jieban.database import Database
from jieban.errors import Conflict, Invalid
from jieban.intake.applications import NewMatter
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from jieban.rules.tables import RuleSet
from tasks.operations.proposing import WORDS, needs_hearing
from tasks.tables import Task
from tests.granted import add_granted
from tests.people import VILLAGE, People
from tests.workflows.walk import application
from workflows import model_store
from workflows.called import read_model
from workflows.cases import open_matter
from workflows.steps import complete_task

FOLDER = Path(bpmn.__file__).parent / "procedures" / "benefit_change"
STOP = {"result": "stop", "ground": "property", "reason": "名下新购汽车一辆"}
HEARING = 'needs_hearing = "yes"'
NEVER = 'needs_hearing = "never"'
HEARD = {
    "outcome": "heard",
    "heard_on": "2026-11-24",
    "way": "phone",
    "who": "self",
    "name": "本人",
    "opinion": "没有意见",
}


def draw_hearing(session: Any, now: datetime, condition: str) -> None:
    """Publish the procedure as an administrator might draw it who has the person heard under another condition."""
    files = read_model(FOLDER)
    model = files["model.bpmn"].decode()
    assert HEARING in model
    files["model.bpmn"] = model.replace(HEARING, condition).encode()
    model_store.add_published(session, now, "benefit_change", files, note="test")


class Change:
    """A change of a benefit under way."""

    def __init__(
        self, database: Database, people: People, now: datetime, hearing_when: str = HEARING, **granted: Any
    ) -> None:
        self.database, self.people, self.now = database, people, now
        self.benefit = add_granted(database, people, now, application(now), **granted)
        with database.write() as session:
            draw_hearing(session, now, hearing_when)
            person = session.get_one(Person, self.benefit.person_id)
            matter = NewMatter(
                channel="window",
                area_code=VILLAGE,
                subject=person.name,
                id_number=person.id_number,
                data={"benefit": self.benefit.case_number, "change": "income"},
            )
            self.case_id: uuid.UUID = open_matter(
                session, people.window, now, matter, procedure="benefit_change"
            ).id

    def do(self, element: str, who: str, data: Mapping[str, Any]) -> None:
        self.now += timedelta(minutes=1)
        with self.database.write() as session:
            query = select(Task.id).where(
                Task.case_id == self.case_id, Task.element == element, Task.state == "open"
            )
            complete_task(session, self.people[who], self.now, session.scalars(query).one(), data)

    def until_proposed(self, **proposal: Any) -> None:
        self.do("verify_change", "investigator1", {"result": "true", "finding": "属实"})
        self.do("propose_change", "reviewer", {**STOP, **proposal})

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(table).where(*conditions)))


def test_nothing_is_ended_without_a_hearing_even_where_the_diagram_forgot_it(
    database: Database, people: People, now: datetime
) -> None:
    """Whoever takes the hearing out of the drawing gets no decision, and the benefit is paid on."""
    change = Change(database, people, now, hearing_when=NEVER)
    change.until_proposed()

    with pytest.raises(Invalid) as refused:
        change.do("decide_town", "leader", {"decision": "confirm"})

    assert "没有听取意见记录" in refused.value.errors[0]["message"]
    assert change.rows(Decision, Decision.case_id == change.case_id) == []
    assert [one.state for one in change.rows(Benefit, Benefit.id == change.benefit.id)] == ["active"]


def test_leaving_a_benefit_as_it_is_needs_no_hearing(
    database: Database, people: People, now: datetime
) -> None:
    """Only what takes something away does."""
    change = Change(database, people, now, hearing_when=NEVER)
    change.until_proposed()

    change.do("decide_town", "leader", {"decision": "keep", "reasons": "车辆为残疾人代步车。"})

    (decision,) = change.rows(Decision, Decision.case_id == change.case_id)
    assert (decision.result, decision.amount) == ("kept", Decimal(500))


def test_a_hearing_before_the_proposal_does_not_count(
    sqlite_database: Database, people: People, now: datetime
) -> None:
    """What somebody was heard about must be what is decided."""
    change = Change(sqlite_database, people, now, hearing_when=f"{HEARING} and undue = false")
    change.until_proposed()
    change.do("hear_person", "reviewer", HEARD)
    change.do("decide_town", "leader", {"decision": "return", "reasons": "再核实"})
    change.do("propose_change", "reviewer", {**STOP, "undue_amount": 100})

    with pytest.raises(Invalid) as refused:
        change.do("decide_town", "leader", {"decision": "confirm"})

    assert "没有听取意见记录" in refused.value.errors[0]["message"]


def test_a_change_is_written_once_and_says_from_when(
    database: Database, people: People, now: datetime
) -> None:
    """The end has its step, its month and its reason; a second change of the same benefit is refused."""
    change = Change(database, people, now)
    change.until_proposed()
    change.do("hear_person", "reviewer", HEARD)
    change.do("decide_town", "leader", {"decision": "confirm"})

    (benefit,) = change.rows(Benefit, Benefit.id == change.benefit.id)
    steps = change.rows(
        BenefitStep, BenefitStep.benefit_id == benefit.id, BenefitStep.case_id == change.case_id
    )
    assert (benefit.state, benefit.ended_month, benefit.end_reason, benefit.review_due) == (
        "ended",
        "2026-12",
        "property",
        None,
    )
    assert [(step.from_month, step.amount, step.reason) for step in steps] == [
        ("2026-12", Decimal(0), "stopped")
    ]
    with database.write() as session, pytest.raises(Conflict, match="已经终止"):
        changing.end(
            session,
            changing.hold(session, benefit.id),
            change.case_id,
            now,
            from_month="2027-01",
            reason="exit",
        )


def test_a_benefit_is_found_by_its_case_and_opened_for_its_holder_alone(
    database: Database, people: People, now: datetime
) -> None:
    """The number of the case that granted it is enough; somebody else's name is refused."""
    change = Change(database, people, now)
    matter = NewMatter(
        channel="window",
        area_code=VILLAGE,
        subject="别人",
        data={"benefit": change.benefit.case_number, "change": "income"},
    )

    with pytest.raises(Invalid) as refused, database.write() as session:
        open_matter(session, people.window, now, matter, procedure="benefit_change")

    assert refused.value.errors[0]["field"] == "benefit"
    with database.read() as session:
        assert session.get_one(Case, change.case_id).state == "open"


@given(
    st.sampled_from(sorted(WORDS)),
    st.booleans(),
    st.sampled_from([None, "true", "false"]),
    st.sampled_from([None, "true", "false"]),
)
def test_whatever_takes_something_away_needs_a_hearing(
    result: str, nobody: bool, required: str | None, of_the_dead: str | None
) -> None:
    """Somebody is heard whatever the rule table says, or it is on record that nobody is left to hear (CF-06)."""
    given_values = {"benefit.hearing.required": required, "benefit.hearing.death.required": of_the_dead}
    values = RuleSet(values={key: {"value": one} for key, one in given_values.items() if one is not None})

    needs = needs_hearing(values, result, nobody=nobody)

    takes_away = result in {"reduce", "stop", "grace"}
    assert (needs != "no") == takes_away
    assert (needs == "nobody") == (takes_away and nobody and of_the_dead != "true")


def test_an_amount_by_grade_follows_the_grade_that_is_chosen(
    sqlite_database: Database, people: People, now: datetime
) -> None:
    """Where the place pays by grade, another grade is another amount, and one has to be chosen."""
    change = Change(sqlite_database, people, now, method="grade")
    change.do("verify_change", "investigator1", {"result": "true", "finding": "属实"})
    proposal = {"result": "reduce", "ground": "income", "reason": "收入增加"}

    with pytest.raises(Invalid) as refused:
        change.do("propose_change", "reviewer", proposal)
    change.do("propose_change", "reviewer", {**proposal, "grade": "3"})

    assert refused.value.errors[0]["field"] == "grade"
    (record,) = change.rows(CaseRecord, CaseRecord.case_id == change.case_id, CaseRecord.kind == "proposal")
    assert (record.data["before"], record.data["after"]) == ("500.00", "360.00")
    assert record.data["calculation"]["rule"] == {"key": "dibao.grade.3", "provenance": "sample"}
