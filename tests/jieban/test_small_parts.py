from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from jieban.areas.lookup import area_name, children, full_name, get_area, is_village
from jieban.areas.sample import seed_sample_areas
from jieban.audit import record_admin, record_read, sweep_failed, sweep_ok, sweep_started
from jieban.audit.tables import AdminEvent, ReadRecord, Sweep
from jieban.cases.benefit import difference, graded
from jieban.cases.events import add_event
from jieban.cases.tables import CaseEvent
from jieban.errors import Invalid, NotFound
from jieban.ids import new_id
from tests.factories import add_case
from tests.people import COUNTY, TOWN, VILLAGE


def test_ids_of_one_process_rise_in_the_order_in_which_they_were_made():
    ids = [new_id() for _ in range(5000)]

    assert ids == sorted(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}


def test_ids_of_several_threads_never_meet():
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_id(), range(4000)))

    assert len(set(ids)) == 4000


def test_places_have_names(database):
    with database.read() as session:
        assert area_name(session, TOWN) == "柳林镇"
        assert full_name(session, VILLAGE) == "山东省示例市东河县(示例)柳林镇柳林村"
        # A county's own matters stand under a code that no township has; people read the county's name.
        assert area_name(session, f"{COUNTY}000") == "东河县(示例)"
        assert full_name(session, f"{COUNTY}000") == "山东省示例市东河县(示例)"
        assert full_name(session, f"{COUNTY}000", unknown="") == ""
        assert [area.code for area in children(session, COUNTY)] == ["379901001", "379901002", "379901003"]
        assert [area.code for area in children(session, None)] == ["37"]


def test_an_unknown_place_is_shown_by_its_code(database):
    with database.read() as session:
        assert area_name(session, "123456") == "123456"
        assert full_name(session, None) == ""
        with pytest.raises(NotFound, match="123456"):
            get_area(session, "123456")


@pytest.mark.parametrize(("code", "village"), [(VILLAGE, True), (TOWN, False), ("379901001999", False)])
def test_only_a_known_village_is_one(database, code, village):
    with database.read() as session:
        assert is_village(session, code) is village


def test_the_sample_places_are_marked_and_added_once(database):
    with database.write() as session:
        seed_sample_areas(session)
        assert get_area(session, COUNTY).sample
        assert not get_area(session, "37").sample


def test_a_case_event_says_who_did_what_in_order(database, people, now):
    with database.write() as session:
        case = add_case(session, people.window, now)
        for kind in ("case.opened", "task.opened", "task.completed"):
            add_event(session, case_id=case.id, at=now, kind=kind, actor=people.window, data={"n": 1})
        add_event(session, case_id=case.id, at=now, kind="timer.fired", actor=None, run_id="run-1")

    with database.read() as session:
        rows = session.scalars(select(CaseEvent).order_by(CaseEvent.at, CaseEvent.id)).all()
    assert [(row.kind, row.actor_name) for row in rows] == [
        ("case.opened", "王芳"),
        ("task.opened", "王芳"),
        ("task.completed", "王芳"),
        ("timer.fired", ""),
    ]


def test_reading_a_file_leaves_a_line(database, people, now):
    with database.write() as session:
        case = add_case(session, people.window, now)
        record_read(
            session, actor=people.reviewer, now=now, case_id=case.id, what="unmasked", detail="x" * 300
        )

    with database.read() as session:
        row = session.scalars(select(ReadRecord)).one()
        assert (row.user_name, row.what, row.at, len(row.detail)) == ("刘洋", "unmasked", now, 200)


def test_administration_leaves_a_line(database, people, now):
    with database.write() as session:
        record_admin(session, kind="user.created", now=now, actor=people.sys_admin, data={"username": "x"})
        record_admin(session, kind="user.created", now=now, actor_name="命令行")

    with database.read() as session:
        names = session.scalars(select(AdminEvent.actor_name).order_by(AdminEvent.id)).all()
    assert names == ["朱琳", "命令行"]


def test_a_sweep_that_fails_keeps_the_moment_of_its_last_success(database, now):
    later = now + timedelta(minutes=5)
    with database.write() as session:
        sweep_started(session, "fire_timers", now, "run-1")
        sweep_ok(session, "fire_timers", now, "run-1", {"fired": 3})
    with database.write() as session:
        sweep_started(session, "fire_timers", later, "run-2")
        sweep_failed(session, "fire_timers", later, "run-2", "database is gone")

    with database.read() as session:
        row = session.get_one(Sweep, "fire_timers")
        assert (row.last_ok_at, row.started_at, row.last_run_id) == (now, later, "run-2")
        assert (row.last_error, row.last_result) == ("database is gone", {"fired": 3})


def test_a_success_clears_the_error(database, now):
    with database.write() as session:
        sweep_failed(session, "fire_timers", now, "run-1", ValueError("no"))
    with database.write() as session:
        sweep_ok(session, "fire_timers", now, "run-2")

    with database.read() as session:
        assert session.get_one(Sweep, "fire_timers").last_error == ""


@pytest.mark.parametrize(
    ("standard", "income", "members", "amount"),
    [
        ("1000", "0", 1, "1000.00"),
        ("1000", "1200", 3, "1800.00"),
        ("1000", "1000", 3, "2000.00"),
        ("800.50", "333.33", 3, "2068.17"),
        ("1000", "3000", 3, "0.00"),
        ("1000", "9000", 3, "0.00"),
    ],
)
def test_the_difference_is_standard_less_income_per_head_times_members(standard, income, members, amount):
    benefit = difference(Decimal(standard), Decimal(income), members)

    assert benefit.amount == Decimal(amount)
    assert benefit.steps[-1]["value"] == f"{amount} 元"


def test_every_step_of_the_amount_can_be_followed():
    steps = difference(Decimal(1000), Decimal(1000), 3).steps

    assert [(step["label"], step["formula"], step["value"]) for step in steps] == [
        ("家庭人均月收入", "1000.00 元 ÷ 3 人", "333.33 元"),
        ("人均差额", "1000.00 元 − 333.33 元", "666.67 元"),
        ("每月救助金额", "1000.00 元 × 3 人 − 1000.00 元", "2000.00 元"),
    ]


def test_a_grade_is_an_amount_for_each_member():
    assert graded("一档", Decimal(700), 2).amount == Decimal("1400.00")


@pytest.mark.parametrize(
    ("standard", "income", "members"), [("1000", "0", 0), ("1000", "-1", 1), ("NaN", "0", 1)]
)
def test_an_amount_that_cannot_be_is_refused(standard, income, members):
    with pytest.raises(Invalid):
        difference(Decimal(standard), Decimal(income), members)
