"""A notice moves the running deadlines: seen before, recorded on every case, timers and chains with them."""

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from jieban.audit.tables import AdminEvent
from jieban.cases.tables import Case, CaseEvent
from jieban.clock import end_of_day, local_day, start_of_day
from jieban.deadlines import start_deadline
from jieban.deadlines.tables import Deadline, FactDay
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.handovers.tables import Handover
from jieban.ids import new_id
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.tables import FirstContact, LedgerRecord
from jieban.supervision.tables import SupervisionOrder
from jieban.workdays import Calendar, load_calendar
from jieban.workdays.tables import WorkCalendarDay
from jieban.workdays.working_days import Day
from notifications.tables import Message
from tasks.supervision import issue_order
from tasks.tables import Task
from tests.jieban.test_calendar_import import ROWS, STATE, csv_file
from tests.people import CITY, COUNTY, TOWN, load_people
from tests.workflows.deadlines import add_driven, add_driven_case, by_two
from workflows import calendars, model_store
from workflows.flows import escalate_overdue, follow_contacts, move_deadlines
from workflows.flows.budget import Budget
from workflows.steps import fire_timer
from workflows.tables import Timer

OPENED = datetime(2027, 2, 3, 2, tzinfo=UTC)
"""A Wednesday before the Spring Festival of a year that is not official yet."""
BEFORE, AFTER = end_of_day(date(2027, 2, 16)), end_of_day(date(2027, 2, 17))
"""Five working days later: the notice makes the eleventh a day of rest."""
NOTICE_BEFORE, NOTICE_AFTER = end_of_day(date(2027, 2, 11)), end_of_day(date(2027, 2, 12))
"""Seven days later is the tenth, a day of rest; the next working day."""


@pytest.fixture
def case(database, people):
    with database.write() as session:
        return add_driven_case(session, people.window, OPENED, add_driven(session, OPENED))


def preview(database, actor, content=None, name="2027.csv", now=OPENED):
    with database.write() as session:
        return calendars.record_preview(
            session, actor, now, content=content or csv_file(), file=name, notice=STATE
        )


def confirm(database, people, now=OPENED, content=None, name="2027.csv"):
    made = preview(database, people.sys_admin, content, name, now)
    return by_two(calendars.confirm, database, people, now, made)


def clocks(database, case):
    with database.read() as session:
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case.id)).all()
        return {row.name: row for row in rows}


def timers(database, case):
    with database.read() as session:
        rows = session.scalars(select(Timer).where(Timer.case_id == case.id, Timer.state == "armed"))
        return {row.element: row.fire_at for row in rows}


def test_a_preview_lists_what_would_move_and_moves_nothing(database, people, case):
    made = preview(database, people.sys_admin)

    with database.read() as session:
        plan, outlook = calendars.outlook_of(session, calendars.find_preview(session, made), OPENED)
    assert (plan.years, plan.changed) == ([2027], 365)
    assert (outlook.looked, outlook.later, outlook.earlier, len(outlook.cases)) == (2, 2, 0, 1)
    assert [(one.case_number, one.name, one.before, one.after) for one in outlook.shown] == [
        (case.number, "公示期", date(2027, 2, 11), date(2027, 2, 12)),
        (case.number, "核实", date(2027, 2, 16), date(2027, 2, 17)),
    ]
    assert clocks(database, case)["核实"].due_at == BEFORE


def test_a_confirmed_notice_moves_clock_task_chain_timers_and_facts(database, people, case):
    totals = confirm(database, people)

    assert (totals.moved, totals.cases, totals.annulled) == (2, 1, 0)
    found = clocks(database, case)
    assert (found["核实"].due_at, found["公示期"].due_at) == (AFTER, NOTICE_AFTER)
    assert timers(database, case) == {"late": AFTER, "wait": NOTICE_AFTER}
    with database.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == case.id)).one()
        kept = session.get_one(Case, case.id)
        run = model_store.get_model(session, kept.model_version_id).restore(kept.engine_state)
    assert task.due_at == AFTER
    assert [datetime.fromisoformat(step["at"]) for step in task.escalation] == [
        end_of_day(date(2027, 2, 16)),
        AFTER,
        end_of_day(date(2027, 2, 19)),
    ]
    assert task.escalate_at == end_of_day(date(2027, 2, 16))
    assert run.facts["ends"] == NOTICE_AFTER.isoformat()


def test_the_act_is_recorded_with_before_and_after_on_the_case(database, people, case):
    confirm(database, people)

    with database.read() as session:
        [event] = session.scalars(select(CaseEvent).where(CaseEvent.kind == "deadline.moved"))
        [record] = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "deadline.moved"))
        acts = {one.kind: one for one in session.scalars(select(AdminEvent))}
    assert {one["deadline"]: (one["before"], one["after"]) for one in event.data["clocks"]} == {
        "核实": (BEFORE.isoformat(), AFTER.isoformat()),
        "公示期": (NOTICE_BEFORE.isoformat(), NOTICE_AFTER.isoformat()),
    }
    assert (event.actor_name, event.case_id, record.case_id) == ("徐明", case.id, case.id)
    assert event.data["notice"] == STATE.words
    assert (event.data["entered_by"], event.data["confirmed_by"]) == ("朱琳", "徐明")
    assert event.run_id == str(acts["calendar.imported"].id)
    assert acts["calendar.imported"].data["sha256"] == acts["calendar.previewed"].data["sha256"]
    assert acts["calendar.recalculated"].data["moved"] == 2


def test_a_provisional_end_becomes_certain_even_where_it_stays(database, people):
    with database.write() as session:
        late = datetime(2027, 5, 10, 2, tzinfo=UTC)
        case = add_driven_case(session, people.window, late, add_driven(session, late))
    assert clocks(database, case)["核实"].provisional

    totals = confirm(database, people)

    assert (totals.moved, totals.confirmed) == (0, 2)
    assert not clocks(database, case)["核实"].provisional
    with database.read() as session:
        assert not session.scalar(select(func.count()).where(CaseEvent.kind == "deadline.moved"))


def test_what_is_finished_does_not_move(database, people, case):
    with database.write() as session:
        session.execute(update(Case).values(state="closed"))

    assert confirm(database, people).moved == 0
    assert clocks(database, case)["核实"].due_at == BEFORE


def breached(database):
    escalate_overdue.sweep(database, BEFORE + timedelta(seconds=1), "run-1", 30)


def test_a_breach_that_is_none_by_the_new_calendar_is_annulled_by_a_new_record(database, people, case):
    """It points at the old one, which stays, and says why and who; one person alone only asks for it."""
    breached(database)
    now = BEFORE + timedelta(hours=3)
    made = preview(database, people.sys_admin, now=now)
    with database.read() as session:
        outlook = calendars.outlook_of(session, calendars.find_preview(session, made), now)[1]
        [old] = session.scalars(
            select(LedgerRecord).where(
                LedgerRecord.kind == "deadline.breached", LedgerRecord.body.contains("核实")
            )
        )
    assert [one.name for one in outlook.voided] == ["核实"]
    with pytest.raises(Invalid, match="已经过去"):
        calendars.confirm(database, people.sys_admin, now, made)

    assert calendars.confirm(database, people.sys_admin, now, made, why="通知迟到") is None
    assert clocks(database, case)["核实"].breached_at == BEFORE
    with database.read() as session:
        [waits] = calendars.waiting(session)
        [told] = session.scalars(select(Message).where(Message.user_id == people.supervisor.id))
    assert (waits.id, "工作日历" in told.text) == (made, True)
    with pytest.raises(Conflict, match="另一人"):
        calendars.confirm(database, people.sys_admin, now, made)
    for nobody in (people.leader, people.model_admin):
        with pytest.raises(NotAllowed):
            calendars.confirm(database, nobody, now, made)
    totals = calendars.confirm(database, people.supervisor, now, made)

    assert totals.annulled == 1
    assert clocks(database, case)["核实"].breached_at is None
    with database.read() as session:
        [told] = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "deadline.annulled"))
        [event] = session.scalars(select(CaseEvent).where(CaseEvent.kind == "deadline.annulled"))
        body = json.loads(told.body)
        assert session.get(LedgerRecord, old.id)
        assert calendars.waiting(session) == []
    assert (event.data["deadline"], event.data["breached"]) == ("核实", BEFORE.isoformat())
    assert (told.case_id, body["record"], body["why"]) == (case.id, str(old.id), "通知迟到")
    assert (body["entered_by"], body["confirmed_by"], body["notice"]) == ("朱琳", "徐明", STATE.words)


def test_the_second_person_may_decline(database, people, case):
    made = preview(database, people.sys_admin)
    assert calendars.confirm(database, people.sys_admin, OPENED, made) is None

    with database.write() as session:
        with pytest.raises(NotAllowed):
            calendars.decline(session, people.sys_admin, OPENED, made, "不对")
        calendars.decline(session, people.supervisor, OPENED, made, "与通知不符")

    with pytest.raises(Conflict, match="没有通过"):
        calendars.confirm(database, people.supervisor, OPENED, made)
    assert clocks(database, case)["核实"].due_at == BEFORE


def test_what_changed_since_it_was_asked_for_is_not_confirmed(database, people, case):
    made = preview(database, people.sys_admin)
    assert calendars.confirm(database, people.sys_admin, OPENED, made) is None
    confirm(database, people, content=csv_file([*ROWS, ("2027-12-30", 0, "")]), name="other.csv")

    with pytest.raises((Conflict, Invalid), match=r"有了变化|没有需要更改"):
        calendars.confirm(database, people.supervisor, OPENED, made)


def test_a_breach_stays_where_the_time_is_over_by_the_new_calendar_too(database, people, case):
    breached(database)

    totals = confirm(database, people, now=AFTER + timedelta(hours=3))

    found = clocks(database, case)["核实"]
    assert (totals.annulled, found.due_at, found.breached_at) == (0, AFTER, BEFORE)


def test_a_step_of_the_chain_that_came_too_early_comes_again(database, people, case):
    with database.write() as session:
        session.execute(update(Task).values(escalation_level=2, escalate_at=end_of_day(date(2027, 2, 18))))

    confirm(database, people, now=BEFORE + timedelta(hours=3))

    with database.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == case.id)).one()
    assert (task.escalation_level, task.escalate_at) == (1, AFTER)


def test_a_longer_clock_moves_with_the_end_that_it_was_counted_from(database, people, case):
    def start(session, begin, **values):
        calendar = load_calendar(session)
        given = {"kind": "total", "name": "总期限", "rule_key": "x.total", "unit": "wd", "length": 5}
        return start_deadline(
            session,
            case=case,
            start=begin,
            article="",
            provenance="ours",
            calendar=calendar,
            **(given | values),
        )

    with database.write() as session:
        first = start(session, OPENED)
    with database.write() as session:
        longer = start(session, first.due_at, name="延长后的总期限")
    with database.write() as session:
        session.execute(
            update(Deadline).where(Deadline.id == first.id).values(state="extended", replaced_by=longer.id)
        )

    confirm(database, people)

    found = clocks(database, case)
    assert found["总期限"].due_at == AFTER
    assert found["延长后的总期限"].starts_at == AFTER
    assert local_day(found["延长后的总期限"].due_at) == date(
        2027, 2, 23
    )  # Saturday the twentieth is a working day


def test_a_handover_that_waits_for_an_answer_moves_with_its_task(database, people, case):
    def hand(session, **values):
        given = {"case_id": case.id, "to_area": TOWN, "to_unit": "柳林镇", "reason": "", "handed_at": OPENED}
        row = Handover(id=new_id(), due_at=BEFORE, **(given | values))
        session.add(row)
        return row.id

    with database.write() as session:
        open_one, answered = hand(session), hand(session, answer="accepted")

    confirm(database, people)

    with database.read() as session:
        assert session.get_one(Handover, open_one).due_at == AFTER
        assert session.get_one(Handover, answered).due_at == BEFORE


def test_an_act_that_was_broken_off_is_finished_by_the_sweep(database, people, case, monkeypatch):
    """It goes on where it stopped, some rows at a time, as the act of whoever confirmed it, and is recorded once."""
    monkeypatch.setattr("workflows.calendars.clocks.AT_ONCE", 1)
    made = preview(database, people.sys_admin)
    assert not move_deadlines.is_due(database, OPENED)
    totals = by_two(calendars.confirm, database, people, OPENED, made, Budget(0))
    assert (totals.done, totals.moved) == (False, 1)
    with database.read() as session:
        [waiting] = calendars.unfinished(session)
    assert (waiting.id, waiting.unfinished, waiting.can_be_undone) == (made, True, False)
    assert (waiting.progress.looked, waiting.progress.expected) == (1, 2)
    with pytest.raises(Conflict, match="不能撤销"):
        by_two(calendars.undo, database, people, OPENED, made)
    assert move_deadlines.is_due(database, OPENED)

    assert move_deadlines.sweep(database, OPENED, "run-0", 0).unfinished
    swept = move_deadlines.sweep(database, OPENED, "run-1", 30)

    assert (swept.done, swept.unfinished, move_deadlines.is_due(database, OPENED)) == (1, False, False)
    assert calendars.finish(database, OPENED, made).moved == 0
    found = clocks(database, case)
    assert (found["核实"].due_at, found["公示期"].due_at) == (AFTER, NOTICE_AFTER)
    with database.read() as session:
        assert calendars.unfinished(session) == []
        told = session.scalars(select(CaseEvent).where(CaseEvent.kind == "deadline.moved")).all()
        [done] = session.scalars(select(AdminEvent).where(AdminEvent.kind == "calendar.recalculated"))
    assert {one.actor_name for one in told} == {"徐明"}
    assert (done.data["moved"], done.data["cases"], done.data["looked"]) == (2, 1, 2)


def test_sweeps_and_clicks_at_once_share_the_work(database, people, monkeypatch):
    """Each row is moved once, whoever comes first."""
    monkeypatch.setattr("workflows.calendars.clocks.AT_ONCE", 2)
    with database.write() as session:
        version = add_driven(session, OPENED)
        cases = [add_driven_case(session, people.window, OPENED, version) for _ in range(6)]
    made = preview(database, people.sys_admin)
    by_two(calendars.confirm, database, people, OPENED, made, Budget(0))
    start = threading.Barrier(3)

    def go_on() -> None:
        start.wait()
        calendars.finish(database, OPENED, made)

    threads = [threading.Thread(target=go_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {clocks(database, case)["核实"].due_at for case in cases} == {AFTER}
    with database.read() as session:
        count = session.scalar(select(func.count()).where(CaseEvent.kind == "deadline.moved"))
        [done] = session.scalars(select(AdminEvent).where(AdminEvent.kind == "calendar.recalculated"))
    assert (done.data["moved"], done.data["cases"]) == (12, 6)
    assert count >= 6


ORDERED = datetime(2027, 2, 1, 2, tzinfo=UTC)


def test_days_of_orders_word_to_people_and_facts_move_with_it_and_back(database, people):
    """The same preview, the same act with before and after, the same undo; what was promised by name stays."""
    with database.write() as session:
        version = add_driven(session, OPENED)
        held = BEFORE - timedelta(days=1)
        facts = {"again": held.isoformat()}
        case = add_driven_case(session, people.window, OPENED, version, facts)
        promised = add_driven_case(session, people.window, OPENED, version)
        limit = FeedbackLimit(BEFORE, start_of_day(date(2027, 2, 15)), OPENED, 5, "wd")
        for one, given in ((case, limit), (promised, FeedbackLimit(BEFORE, BEFORE))):
            session.execute(
                update(FirstContact).where(FirstContact.id == one.first_contact_id).values(given.columns)
            )
        day = {"name": "下次评估", "starts_at": OPENED, "length": 5, "unit": "wd", "ahead": 1}
        session.add(FactDay(id=new_id(), case_id=case.id, fact="again", due_at=held, **day))
        order = issue_order(
            session,
            people.supervisor,
            ORDERED,
            case_id=case.id,
            to=f"office:town.leader:{TOWN}",
            what="请说明",
            due_on=date(2027, 2, 11),
        )
        order_id = order.id
    assert order.due_at == NOTICE_BEFORE
    made = preview(database, people.sys_admin)

    with database.read() as session:
        outlook = calendars.outlook_of(session, calendars.find_preview(session, made), OPENED)[1]
    shown = {(one.case_number, one.name, one.before.day, one.after.day) for one in outlook.shown}
    assert {
        (case.number, "首接反馈期限", 16, 17),
        (case.number, "下次评估", 15, 16),
        (case.number, f"督办单{order.number}答复期限", 11, 12),
    } <= shown
    assert not any(name == "首接反馈期限" and number == promised.number for number, name, *_ in shown)

    def days():
        with database.read() as session:
            kept = session.get_one(Case, case.id)
            one = session.get_one(SupervisionOrder, order_id)
            contact = session.get_one(FirstContact, kept.first_contact_id)
            facts = model_store.get_model(session, version.id).restore(kept.engine_state).facts
            fact = session.scalars(select(FactDay)).one()
        return (
            (one.due_at, [datetime.fromisoformat(step["at"]) for step in one.escalation], one.escalate_at),
            (contact.feedback_due, local_day(contact.follow_at)),
            (facts["again"], fact.due_at),
        )

    before = days()
    totals = by_two(calendars.confirm, database, people, OPENED, made)

    after = days()
    # A working day before, the end for the county's leader, two working days after it for the supervisor.
    chain = [end_of_day(date(2027, 2, day)) for day in (4, 12, 16)]
    assert (before[0][1], after[0]) == (
        [chain[0], NOTICE_BEFORE, end_of_day(date(2027, 2, 15))],
        (NOTICE_AFTER, chain, chain[0]),
    )
    assert after[1] == (AFTER, date(2027, 2, 16))
    assert after[2] == ((AFTER - timedelta(days=1)).isoformat(), AFTER - timedelta(days=1))
    assert totals.moved == 7
    with database.read() as session:
        told = session.scalars(
            select(CaseEvent).where(CaseEvent.kind == "deadline.moved", CaseEvent.case_id == case.id)
        )
        said = {one["kind"]: (one["before"], one["after"]) for event in told for one in event.data["clocks"]}
    assert said["order"] == (NOTICE_BEFORE.isoformat(), NOTICE_AFTER.isoformat())
    assert said["feedback"] == (BEFORE.isoformat(), AFTER.isoformat())
    assert {"step", "notice", "fact"} <= said.keys()

    assert by_two(calendars.undo, database, people, OPENED, made).moved == 7
    assert days() == before


def test_a_first_contact_that_was_late_by_the_old_days_alone_is_not_late(database, people, case):
    """What was written down stays; a new record annuls it, and whoever must be told is told when it is time."""
    later = datetime(2027, 2, 17, 2, tzinfo=UTC)
    with database.write() as session:
        limit = FeedbackLimit(BEFORE, BEFORE, OPENED, 5, "wd").columns
        session.execute(update(FirstContact).values(limit))
    follow_contacts.sweep(database, later, "run-1", 30)

    confirm(database, people, now=later)

    with database.read() as session:
        contact = session.scalars(select(FirstContact)).one()
        kinds = session.scalars(select(LedgerRecord.kind)).all()
    assert (contact.feedback_due, contact.breached_at, contact.alarmed_at) == (AFTER, None, None)
    assert contact.follow_at == AFTER
    assert {"first_contact.breached", "deadline.annulled"} <= set(kinds)
    assert follow_contacts.sweep(database, AFTER + timedelta(hours=1), "run-2", 30).counts == {"未反馈": 1}


def test_an_import_is_taken_back_with_its_deadlines(database, people, case):
    made = preview(database, people.sys_admin)
    by_two(calendars.confirm, database, people, OPENED, made)

    totals = by_two(calendars.undo, database, people, OPENED, made)

    assert totals.moved == 2
    found = clocks(database, case)
    assert (found["核实"].due_at, found["核实"].provisional) == (BEFORE, True)
    assert timers(database, case) == {"late": BEFORE, "wait": NOTICE_BEFORE}
    with pytest.raises(Conflict, match="不能撤销"):
        by_two(calendars.undo, database, people, OPENED, made)


def test_a_day_that_was_changed_since_is_not_taken_back(database, people):
    made = preview(database, people.sys_admin)
    by_two(calendars.confirm, database, people, OPENED, made)
    confirm(database, people, content=csv_file([("2027-02-11", 1, "")]), name="again.csv")

    with pytest.raises(Conflict, match="2027-02-11"):
        by_two(calendars.undo, database, people, OPENED, made)


def test_a_file_is_confirmed_once_and_not_where_it_says_nothing_new(database, people):
    made = preview(database, people.sys_admin)
    by_two(calendars.confirm, database, people, OPENED, made)

    with pytest.raises(Conflict, match="已经确认"):
        by_two(calendars.confirm, database, people, OPENED, made)
    with pytest.raises(Invalid, match="没有需要更改"):
        confirm(database, people)


OWN = csv_file([("2027-02-15", 0, "县庆", COUNTY)], header="day,working,name,area")


def test_a_county_has_a_day_of_its_own(database, people, case):
    with database.write() as session:
        far = add_driven_case(
            session,
            people.other_county_window,
            OPENED,
            model_store.get_version(session, case.model_version_id),
            town_code="379902001",
            county_code="379902",
        )

    totals = confirm(database, people, content=OWN, name="own.csv")

    assert totals.cases == 1
    assert clocks(database, case)["核实"].due_at == AFTER
    assert clocks(database, far)["核实"].due_at == BEFORE
    with database.read() as session:
        calendar = load_calendar(session)
    assert calendar.is_working(date(2027, 2, 15))
    assert calendar.at("379902001").is_working(date(2027, 2, 15))
    assert not calendar.at("379901001").is_working(date(2027, 2, 15))


def test_what_is_counted_from_now_on_counts_by_the_days_of_the_place(database, people):
    confirm(database, people, content=OWN, name="own.csv")
    with database.write() as session:
        case = add_driven_case(session, people.window, OPENED, add_driven(session, OPENED))

    assert clocks(database, case)["核实"].due_at == AFTER


def test_a_day_of_its_own_is_gone_when_it_is_taken_back(database, people, case):
    made = preview(database, people.sys_admin, OWN, "own.csv")
    by_two(calendars.confirm, database, people, OPENED, made)
    by_two(calendars.undo, database, people, OPENED, made)

    with database.read() as session:
        assert not session.scalar(select(func.count()).where(WorkCalendarDay.area_code == COUNTY))
    assert clocks(database, case)["核实"].due_at == BEFORE


def test_an_administrator_of_one_county_changes_only_that_countys_days(sqlite_database, people):
    local = replace(people.sys_admin, area_code=COUNTY)
    other = csv_file([("2027-02-15", 0, "", "379902")], header="day,working,name,area")

    assert preview(sqlite_database, local, OWN)
    for content in (csv_file(), other):
        with pytest.raises(NotAllowed):
            preview(sqlite_database, local, content)
    assert preview(sqlite_database, replace(local, area_code=CITY), csv_file())


def test_the_nearer_government_prevails():
    day = date(2027, 6, 1)
    calendar = Calendar(
        [Day(day, working=True)],
        {"3799": {day: Day(day, working=False)}, "379901": {day: Day(day, working=True)}},
    )

    assert calendar.is_working(day)
    assert not calendar.at("379902001").is_working(day)
    assert calendar.at("379901001").is_working(day)


@pytest.fixture(scope="module")
def many(sqlite_maker):
    with sqlite_maker.fresh("ready") as database:
        yield database


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begin=st.integers(0, 400 * 1440),
    span=st.sampled_from(["P1WD", "P3WD", "P10WD", "P7D", "P30D", "PT24H", "PT1H", "P1M"]),
    way=st.sampled_from(["", "beside"]),
)
def test_a_timer_on_the_border_fires_exactly_when_its_task_is_due(many, begin, span, way):
    """Whenever the task opens and however long it has: its timer, its row and its clock name the same moment."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=begin)
    with many.write() as session:
        case = add_driven_case(session, load_people(session).window, now, add_driven(session, now, span, way))
    with many.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == case.id, Task.element == "look")).one()
        clock = session.get_one(Deadline, task.deadline_id)
        timer = session.scalars(select(Timer).where(Timer.case_id == case.id, Timer.element == "late")).one()
    assert timer.fire_at == clock.due_at == task.due_at
    with many.write() as session:
        assert not fire_timer(session, clock.due_at - timedelta(seconds=1), timer.id)
        assert fire_timer(session, clock.due_at, timer.id)
    with many.read() as session:
        opened = {
            row.element: row.state for row in session.scalars(select(Task).where(Task.case_id == case.id))
        }
    assert opened == {"look": "open" if way else "cancelled", "chase": "open"}
