from datetime import timedelta

import pytest
from sqlalchemy import func, select

from jieban.errors import Invalid, NotFound
from jieban.staff import sessions
from jieban.staff.accounts import (
    SignInRefused,
    authenticate,
    check_password_strength,
    create_user,
    deactivate,
    set_password,
)
from jieban.staff.directory import find_user, staff_with_role
from jieban.staff.tables import LoginAttempt, WebSession
from tests.people import COUNTY, OTHER_TOWN, PASSWORD, TOWN

MINUTE = timedelta(minutes=1)


def sign_in(database, now, username="window", password=PASSWORD, client="10.0.0.1"):
    """Sign in as the edge does it: a refusal is written before it is told."""
    with database.write() as session:
        try:
            return authenticate(session, username, password, client, now).username
        except SignInRefused as refusal:
            return refusal.message


WRONG = "用户名或密码不正确。"


def test_the_right_password_signs_in(database, now):
    assert sign_in(database, now) == "window"


def test_capitals_and_blanks_around_a_username_do_not_matter(database, now):
    assert sign_in(database, now, " Window ") == "window"


@pytest.mark.parametrize("username", ["window", "nobody-of-this-name", ""])
def test_an_unknown_name_and_a_wrong_password_are_told_the_same(database, now, username):
    assert sign_in(database, now, username, "wrong") == WRONG


def test_a_closed_account_is_told_the_same_and_loses_its_sessions(database, now):
    with database.write() as session:
        user = find_user(session, "window")
        token, _ = sessions.start(session, user, now)
        deactivate(session, user)

    assert sign_in(database, now) == WRONG
    with database.read() as session:
        assert sessions.find(session, token, now) is None


def test_after_five_failures_even_the_right_password_waits(database, now):
    for second in range(5):
        assert sign_in(database, now + timedelta(seconds=second), password="wrong") == WRONG

    assert sign_in(database, now + MINUTE) == "尝试次数过多，请 14 分钟后再试。"
    assert sign_in(database, now + MINUTE, "reviewer") == "reviewer"
    assert sign_in(database, now + 15 * MINUTE) == "window"


def test_waiting_attempts_do_not_make_the_wait_longer(database, now):
    for _ in range(5):
        sign_in(database, now, password="wrong")
    for minute in range(1, 14):
        sign_in(database, now + minute * MINUTE, password="wrong")

    assert sign_in(database, now + 15 * MINUTE) == "window"


def test_a_success_clears_the_failures_of_the_name(database, now):
    for _ in range(2):
        for _ in range(4):
            assert sign_in(database, now, password="wrong") == WRONG
        assert sign_in(database, now) == "window"


def test_one_machine_may_fail_twenty_times_over_all_names(database, now):
    for number in range(20):
        assert sign_in(database, now, f"guess{number}", "wrong") == WRONG

    assert sign_in(database, now) == "尝试次数过多，请 15 分钟后再试。"
    assert sign_in(database, now, client="10.0.0.2") == "window"


def test_old_failures_are_not_kept(database, now):
    sign_in(database, now, "guess", "wrong")
    sign_in(database, now + timedelta(hours=1), "another", "wrong")

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 2


def test_the_password_itself_is_not_stored(database):
    with database.read() as session:
        assert find_user(session, "window").password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short-7", "至少需要 10 个字符"),
        ("a1" * 101, "不能超过"),
        ("xwindowx-77", "不能包含用户名"),
        ("Password-2026", "过于常见"),
        ("aaaaaaaaaa1", "过于常见"),
        ("lanternriver", "至少两种"),
    ],
)
def test_an_easily_guessed_password_is_refused(password, reason):
    with pytest.raises(Invalid, match=reason):
        check_password_strength(password, "window")


@pytest.mark.parametrize("password", [PASSWORD, "春风又绿江南岸明月何时2", "Correct Horse 8"])
def test_a_good_password_is_accepted(password):
    check_password_strength(password, "window")


def add(session, now, **values):
    return create_user(
        session,
        **{
            "username": "new.clerk",
            "name": "新人",
            "password": "moon-over-the-mill-3",
            "area_code": TOWN,
            "roles": ["town.window"],
            "now": now,
        }
        | values,
    )


def test_a_new_account_can_sign_in(database, now):
    with database.write() as session:
        add(session, now, username="New.Clerk", must_change_password=True)

    assert sign_in(database, now, "new.clerk", "moon-over-the-mill-3") == "new.clerk"
    with database.read() as session:
        assert find_user(session, "new.clerk").must_change_password


@pytest.mark.parametrize(
    ("values", "error", "reason"),
    [
        ({"username": "window"}, Invalid, "已被使用"),
        ({"username": "WINDOW"}, Invalid, "已被使用"),
        ({"username": "two words"}, Invalid, "不能有空格"),
        ({"username": ""}, Invalid, "1 至 64"),
        ({"name": " "}, Invalid, "请填写姓名"),
        ({"roles": ["town.window", "king"]}, Invalid, "没有名为“king”的岗位"),
        ({"password": "short"}, Invalid, "密码至少"),
        ({"area_code": "999999"}, NotFound, "999999"),
    ],
)
def test_an_account_that_cannot_be_is_refused(sqlite_database, now, values, error, reason):
    with pytest.raises(error, match=reason), sqlite_database.write() as session:
        add(session, now, **values)


def test_only_a_sample_account_may_have_a_weak_password(sqlite_database, now):
    with sqlite_database.write() as session:
        assert add(session, now, password="demo", sample=True).sample


def test_changing_a_password_ends_every_session_of_the_account(database, now):
    with database.write() as session:
        user = find_user(session, "window")
        token, _ = sessions.start(session, user, now)
        user.must_change_password = True
        set_password(session, user, "moon-over-the-mill-3")

    assert sign_in(database, now, password="moon-over-the-mill-3") == "window"
    with database.read() as session:
        assert sessions.find(session, token, now) is None
        assert not find_user(session, "window").must_change_password


@pytest.fixture
def token(database, now):
    with database.write() as session:
        return sessions.start(session, find_user(session, "window"), now)[0]


def user_of(database, token, moment):
    with database.read() as session:
        found = sessions.find(session, token, moment)
        return found and found[0].username


def test_a_cookie_finds_its_account(database, token, now):
    assert user_of(database, token, now) == "window"
    assert user_of(database, "another", now) is None


def test_the_cookie_itself_is_not_stored(database, token):
    with database.read() as session:
        row = session.scalars(select(WebSession)).one()
        assert token not in (row.token_hash, row.csrf)


def test_a_session_ends_after_eight_hours_without_use(database, token, now):
    assert user_of(database, token, now + timedelta(hours=7, minutes=59)) == "window"
    assert user_of(database, token, now + timedelta(hours=8)) is None


def test_use_keeps_a_session_but_not_beyond_a_day(database, token, now):
    moment = now
    while moment < now + timedelta(hours=23):
        moment += timedelta(hours=6)
        with database.write() as session:
            found = sessions.find(session, token, moment)
            if found:
                sessions.touch(session, found[1], moment)
    assert user_of(database, token, now + timedelta(hours=23, minutes=59)) == "window"
    assert user_of(database, token, now + timedelta(hours=24)) is None


def test_a_use_is_written_at_most_every_five_minutes(database, token, now):
    with database.read() as session:
        web_session = sessions.find(session, token, now)[1]
        assert not sessions.needs_touch(web_session, now + 4 * MINUTE)
        assert sessions.needs_touch(web_session, now + 5 * MINUTE)


def test_signing_out_ends_the_session(database, token, now):
    with database.write() as session:
        sessions.end(session, token)

    assert user_of(database, token, now) is None


@pytest.mark.parametrize(
    ("role", "place", "usernames"),
    [
        ("town.window", TOWN, ["window", "window2"]),
        ("town.window", OTHER_TOWN, ["other_town_window"]),
        ("town.window", "379901001001", ["window", "window2"]),
        ("county.reviewer", TOWN, ["county_reviewer", "county_reviewer2"]),
        ("county.reviewer", COUNTY, ["county_reviewer", "county_reviewer2"]),
        ("supervisor", TOWN, ["supervisor"]),
        ("town.window", COUNTY, []),
        ("no.such.role", TOWN, []),
    ],
)
def test_the_directory_lists_who_may_do_a_roles_work_for_a_place(database, role, place, usernames):
    with database.read() as session:
        assert [user.username for user in staff_with_role(session, role, place)] == usernames


def test_the_directory_lists_the_nearest_first_and_nobody_who_left(database, now):
    with database.write() as session:
        add(session, now, username="a.county.supervisor", area_code=COUNTY, roles=["supervisor"])
        deactivate(session, add(session, now, username="gone", area_code=COUNTY, roles=["supervisor"]))

    with database.read() as session:
        found = [user.username for user in staff_with_role(session, "supervisor", TOWN)]
    assert found == ["a.county.supervisor", "supervisor"]
