"""A longer limit: a listed reason, asked for in time, answered by somebody else, told to the applicant, once."""

import contextlib
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jieban import rules
from jieban.cases.tables import Case
from jieban.deadlines import cancel_open, meet_kind, start_deadline
from jieban.deadlines.tables import Deadline, Extension
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.workdays import load_calendar
from notifications.tables import Letter
from tests.factories import add_case
from workflows import extensions
from workflows.writing_back import pinned_rules

PROCEDURES = {
    "subsistence_allowance": "dibao.total",
    "marginal_household": "marginal.total",
    "rigid_expenditure_household": "rigid.total",
}
LONGER = {key: f"{rule}.extended" for key, rule in PROCEDURES.items()}


@pytest.fixture(params=PROCEDURES)
def procedure(request):
    return request.param


@pytest.fixture
def case(database, people, now, procedure):
    rule = PROCEDURES[procedure]
    with database.write() as session:
        case = add_case(session, people.window, now, procedure=procedure, accepted_at=now, stage="accepted")
        entry = rules.entry(pinned_rules(session, case, now), rule)
        start_deadline(
            session,
            case=case,
            kind="total",
            name=entry.name,
            rule_key=rule,
            length=int(entry.value),
            unit=entry.unit,
            start=now,
            article=entry.article,
            provenance=entry.provenance,
            calendar=load_calendar(session),
        )
        return case


def ask(database, actor, now, case, reason="hard_investigation", words="家庭成员在外地，核对未完"):
    with database.write() as session:
        return extensions.ask(session, actor, now, case.id, reason, words)


def offered(database, now, case):
    with database.read() as session:
        return extensions.offer(session, session.get_one(Case, case.id), now)


def answer(database, actor, now, asked, *, approve=True, words=""):
    with database.write() as session:
        return extensions.answer(session, actor, now, asked.id, approve=approve, words=words)


def totals(database, case):
    with database.read() as session:
        query = select(Deadline).where(Deadline.case_id == case.id, Deadline.kind == "total")
        return {row.state: row for row in session.scalars(query)}


def test_the_longer_limit_is_that_of_the_procedure_and_counts_from_acceptance(
    database, people, now, case, procedure
):
    asked = ask(database, people.window, now, case)
    answer(database, people.leader, now + timedelta(days=3), asked)

    found = totals(database, case)
    assert set(found) == {"extended", "running"}
    assert found["running"].rule_key == LONGER[procedure]
    assert found["running"].starts_at == found["extended"].starts_at == now
    assert found["extended"].replaced_by == found["running"].id
    assert found["running"].due_at > found["extended"].due_at


def test_the_applicant_gets_a_notice_when_it_is_approved_and_none_when_not(database, people, now, case):
    asked = ask(database, people.window, now, case)
    answer(database, people.leader, now, asked, approve=False, words="可以按期办结")
    with database.read() as session:
        assert not session.scalars(select(Letter).where(Letter.kind == "extension")).all()

    again = ask(database, people.window, now, case)
    answer(database, people.leader, now, again)

    with database.read() as session:
        [letter] = session.scalars(select(Letter).where(Letter.kind == "extension"))
    assert letter.case_id == case.id


def test_it_is_granted_once(database, people, now, case):
    asked = ask(database, people.window, now, case)
    with pytest.raises(Conflict, match="只能延长一次"):
        ask(database, people.window, now, case)
    answer(database, people.leader, now, asked)

    with pytest.raises(Conflict, match="只能延长一次"):
        ask(database, people.window, now, case)


def test_whoever_asked_does_not_answer(database, people, now, case):
    asked = ask(database, people.window, now, case)
    both = replace(people.window, roles=people.window.roles | {"town.leader"})

    with pytest.raises(NotAllowed, match="本人"):
        answer(database, both, now, asked)


def test_it_is_asked_for_before_the_limit_has_passed(database, people, now, case):
    due = totals(database, case)["running"].due_at

    with pytest.raises(Conflict, match="已过"):
        ask(database, people.window, due + timedelta(seconds=1), case)
    assert offered(database, due + timedelta(seconds=1), case).why_not == "late"
    assert offered(database, due, case).why_not == ""
    assert ask(database, people.window, due, case).state == "asked"


@pytest.mark.parametrize("reason", ["", "busy", "other"])
def test_no_other_reason_is_accepted(database, people, now, case, reason):
    with pytest.raises(Invalid):
        ask(database, people.window, now, case, reason)
    with pytest.raises(Invalid):
        ask(database, people.window, now, case, words="长" * 501)


@pytest.mark.parametrize("reason", list(extensions.REASONS))
def test_each_procedure_accepts_the_reasons_that_its_rule_lists(
    database, people, now, case, procedure, reason
):
    """Article GX-05 names two of the four reasons; the others name all."""
    allowed = procedure != "rigid_expenditure_household" or reason in (
        "separated_residence",
        "hard_investigation",
    )
    assert (reason in offered(database, now, case).reasons) is allowed

    if allowed:
        ask(database, people.window, now, case, reason)
    else:
        with pytest.raises(Invalid):
            ask(database, people.window, now, case, reason)
    with database.read() as session:
        assert bool(session.scalars(select(Extension)).all()) is allowed


def test_nothing_is_granted_before_acceptance_or_after_the_end(database, people, now, procedure):
    with database.write() as session:
        case = add_case(session, people.window, now, procedure=procedure)

    with pytest.raises(Conflict, match="没有正在计算"):
        ask(database, people.window, now, case)


@pytest.mark.parametrize("end", ["over", "decided", "closed"])
def test_nothing_is_approved_when_it_is_too_late(database, people, now, case, end):
    """The limit has passed, or what it was for is done, while the request lay there; it can only be turned down."""
    asked = ask(database, people.window, now, case)
    later = now + timedelta(days=1)
    with database.write() as session:
        if end == "over":
            later = totals(database, case)["running"].due_at + timedelta(seconds=1)
        elif end == "decided":
            meet_kind(session, case.id, "total", now)
        else:
            session.execute(update(Case).values(state="closed"))
            cancel_open(session, case.id)
    before = {state: row.due_at for state, row in totals(database, case).items()}

    with pytest.raises(Conflict):
        answer(database, people.leader, later, asked)

    assert {state: row.due_at for state, row in totals(database, case).items()} == before
    with database.read() as session:
        assert not session.scalars(select(Letter)).all()
        assert len(extensions.waiting(session, people.leader)) == (end != "closed")
    assert answer(database, people.leader, later, asked, approve=False, words="已过期").state == "rejected"


def test_asked_and_answered_by_several_at_once_it_is_one(database, people, now, case):
    """Ten clicks on each button: one request, one answer, one longer clock, one letter."""
    won: list[str] = []

    def at_once(click) -> None:
        def one() -> None:
            with contextlib.suppress(Conflict):
                won.append(click().state)

        threads = [threading.Thread(target=one) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    at_once(lambda: ask(database, people.window, now, case))
    with database.read() as session:
        [asked] = session.scalars(select(Extension))
    at_once(lambda: answer(database, people.leader, now, asked))

    assert won == ["asked", "approved"]
    found = totals(database, case)
    assert set(found) == {"extended", "running"}
    with database.read() as session:
        assert len(session.scalars(select(Letter)).all()) == 1


def test_a_matter_without_a_rule_for_longer_and_a_person_without_the_right_get_nothing(
    sqlite_database, people, now
):
    """The quick lane of temporary assistance has no longer limit; other offices do not see the request."""
    with sqlite_database.write() as session:
        case = add_case(session, people.window, now, procedure="temporary_assistance", accepted_at=now)
        clock = {
            "case": case,
            "kind": "total",
            "name": "快速程序",
            "rule_key": "temp.quick.total",
            "length": 3,
        }
        calendar = load_calendar(session)
        start_deadline(
            session, **clock, unit="d", start=now, article="", provenance="ours", calendar=calendar
        )

    with pytest.raises(Conflict, match="没有规定可以延长"):
        ask(sqlite_database, people.window, now, case)
    assert offered(sqlite_database, now, case) is None
    for actor, wrong in ((people.other_county_window, NotFound), (people.sys_admin, NotAllowed)):
        with pytest.raises(wrong):
            ask(sqlite_database, actor, now, case)
