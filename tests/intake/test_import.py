from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jieban.cases.tables import Case, Income, Member, Paper
from jieban.database import Database
from jieban.errors import NotAllowed
from jieban.intake.columns import APPLICATIONS, INCOMES, MEMBERS, PROPERTIES
from jieban.intake.tables import ImportedApplication
from jieban.people.tables import Person
from tests.factories import id_number
from tests.intake import books
from tests.people import People
from workflows.intake import ImportReport, import_file


def three(path: Path) -> Path:
    """A good application, one with two bad cells, and another good one."""
    return books.write_book(
        path,
        **{
            APPLICATIONS: [
                books.application("1"),
                books.application("2", 申请日期="明天"),
                books.application("3"),
            ],
            MEMBERS: [
                books.member("1"),
                books.member("2", 身份证号="379901197005061230", 姓名="李四"),
                books.member("3", 身份证号=id_number(date(1958, 2, 3), 203), 姓名="王五"),
            ],
            INCOMES: [books.income("1")],
            PROPERTIES: [books.owned("3")],
        },
    )


def summary(report: ImportReport) -> tuple[int, int, list[tuple[str, int, str, str]]]:
    return (
        report.added,
        report.known,
        [(one.sheet, one.row, one.field, one.value) for one in report.rejected],
    )


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


BAD = [("申请", 3, "申请日期", "明天"), ("家庭成员", 3, "身份证号", "379901197005061230")]


def test_good_rows_go_in_and_bad_ones_are_reported_cell_by_cell(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Two of three become cases, with their facts; of the third everything that is wrong is said at once."""
    seen: list[tuple[int, int]] = []

    report = import_file(
        database, three(tmp_path / "a.xlsx"), people.window, now, lambda *at: seen.append(at)
    )

    assert summary(report) == (2, 0, BAD)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with database.read() as session:
        cases = session.scalars(select(Case).order_by(Case.number)).all()
        assert report.numbers == [case.number for case in cases]
        assert [case.applicant_name for case in cases] == ["张秀兰", "王五"]
        assert [Decimal("350.50")] == list(session.scalars(select(Income.monthly)))
        assert {"申请书", "身份证件"} == set(session.scalars(select(Paper.name)))
        assert {people.window.id} == {case.first_receiver_id for case in cases}


def test_the_same_file_again_changes_nothing(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Neither does its content under another name, another numbering, or as a flat file."""
    import_file(database, three(tmp_path / "a.xlsx"), people.window, now)

    again = import_file(database, three(tmp_path / "b.xlsx"), people.window, now)
    flat = books.write_csv(
        tmp_path / "c.csv", [{**books.application("A9"), **books.member("A9"), **books.income("A9")}]
    )
    as_csv = import_file(database, flat, people.window, now)

    assert summary(again) == (0, 2, BAD)
    assert summary(as_csv) == (0, 1, [])
    assert tuple(count(database, table) for table in (Case, Person, ImportedApplication)) == (2, 2, 2)


def test_a_mended_file_adds_only_what_is_new(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """A clerk mends the bad row and gives the whole file again."""
    import_file(database, three(tmp_path / "a.xlsx"), people.window, now)
    mended = books.write_book(
        tmp_path / "b.xlsx",
        **{
            APPLICATIONS: [books.application("1"), books.application("2")],
            MEMBERS: [
                books.member("1"),
                books.member("2", 身份证号=id_number(date(1970, 5, 6), 204), 姓名="李四"),
            ],
            INCOMES: [books.income("1")],
        },
    )

    assert summary(import_file(database, mended, people.window, now)) == (1, 1, [])


def test_the_same_person_with_an_open_case_is_refused_with_its_number(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Another application of the same person is no repetition; the report names the case that stands in the way."""
    first = import_file(database, books.household(tmp_path / "a.xlsx"), people.window, now)
    other = books.household(tmp_path / "b.xlsx", **{APPLICATIONS: [books.application(申请理由="另有新情况")]})

    report = import_file(database, other, people.window, now)

    assert report.added == 0
    assert {"身份证号"} == {one.field for one in report.rejected}
    assert {("家庭成员", 2), ("家庭成员", 3)} == {(one.sheet, one.row) for one in report.rejected}
    assert all(first.numbers[0] in one.reason for one in report.rejected)


def test_an_application_of_another_township_is_refused(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """A clerk registers for the own township only; the column of the place is named."""
    report = import_file(database, books.household(tmp_path / "a.xlsx"), people.other_town_window, now)

    assert [(one.sheet, one.row, one.field) for one in report.rejected] == [("申请", 2, "村(社区)代码")]
    assert count(database, Case) == 0


def test_a_village_that_does_not_exist_is_told_as_that(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Its code begins like no place of the clerk, but it is nobody else's place either."""
    sheets = {APPLICATIONS: [books.application(**{"村(社区)代码": "119901001999"})]}

    report = import_file(database, books.household(tmp_path / "a.xlsx", **sheets), people.window, now)

    assert [(one.field, one.reason) for one in report.rejected] == [
        ("村(社区)代码", "没有这个村（社区），请从列表中选择。")
    ]


def test_a_wrong_relation_is_told_once(database: Database, people: People, now: datetime, tmp_path: Path):
    """Whether somebody applies cannot be said where a relation cannot be read."""
    sheets = {MEMBERS: [books.member(与申请人关系="户主")]}

    report = import_file(database, books.household(tmp_path / "a.xlsx", **sheets), people.window, now)

    assert [(one.sheet, one.field) for one in report.rejected] == [("家庭成员", "与申请人关系")]


def test_who_may_not_register_may_not_import(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """The permission is asked for before the file is looked at."""
    with pytest.raises(NotAllowed):
        import_file(database, tmp_path / "none.xlsx", people.county_leader, now)


def test_two_people_of_one_name_stay_two(database: Database, people: People, now: datetime, tmp_path: Path):
    """Members are kept apart by their place, not by their name."""
    second = books.member(身份证号=books.CHILD, 与申请人关系="子女")
    report = import_file(
        database,
        books.household(tmp_path / "a.xlsx", **{MEMBERS: [books.member(), second], INCOMES: []}),
        people.window,
        now,
    )

    assert report.added == 1
    with database.read() as session:
        rows = session.execute(
            select(Member.relation, Person.id_number).join(Person, Person.id == Member.person_id)
        ).all()
    assert {("self", books.APPLICANT), ("child", books.CHILD)} == {tuple(row) for row in rows}


def test_two_clerks_who_take_in_the_same_file_at_once_register_it_once(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Whatever the order, every person has one case."""
    rows = range(6)
    path = books.write_book(
        tmp_path / "a.xlsx",
        **{
            APPLICATIONS: [books.application(str(row)) for row in rows],
            MEMBERS: [
                books.member(str(row), 身份证号=id_number(date(1960, 1, 1), 300 + row)) for row in rows
            ],
        },
    )

    with ThreadPoolExecutor(2) as pool:
        reports = list(
            pool.map(lambda actor: import_file(database, path, actor, now), (people.window, people.window2))
        )

    assert sum(report.added for report in reports) == 6
    assert 6 == count(database, Case) == count(database, Person) == count(database, ImportedApplication)
