"""Warnings come in as a file: right rows become cases, wrong ones are named, the same file twice changes nothing."""

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import bpmn
from jieban.cases.tables import Case
from jieban.database import Database
from jieban.deadlines.tables import Deadline
from jieban.errors import Invalid
from jieban.monitoring.comparing import comparisons, record_comparison
from jieban.monitoring.words import INDICATORS, LEVELS, SOURCES
from jieban.monitoring.workbook import COLUMNS, read_warnings, write_template
from tasks.tables import Task
from tests.factories import id_number
from tests.people import COUNTY, OTHER_VILLAGE, VILLAGE, People
from workflows.warning_intake import import_warnings

ROW = {
    "姓名": "张秀兰",
    "身份证号": id_number(serial=901),
    "区划代码": VILLAGE,
    "线索来源": "医保",
    "预警指标": "医疗自付费用较高",
    "医疗自付(元)": "12000",
    "预警日期": "2026-11-20",
    "预警内容": "上月医疗自付 12000 元",
}


def _file(path: Path, *rows: dict[str, str]) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, [column.header for column in COLUMNS])
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    return path


def test_right_rows_become_cases_of_their_township_with_their_limits(
    database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    other = {"姓名": "李二", "身份证号": id_number(serial=902), "区划代码": COUNTY, "级别": "黄色"}
    path = _file(tmp_path / "预警.csv", {}, other)

    report = import_warnings(database, path, people.county_reviewer, now)

    assert (report.added, report.known, report.rejected) == (2, 0, [])
    with database.read() as session:
        cases = session.scalars(
            select(Case).where(Case.number.in_(report.numbers)).order_by(Case.number)
        ).all()
        tasks = {task.case_id: task.element for task in session.scalars(select(Task))}
        clocks = {
            clock.case_id: clock.rule_key
            for clock in session.scalars(select(Deadline).where(Deadline.kind == "feedback"))
        }
    assert [tasks[case.id] for case in cases] == ["line_check", "push_town"]
    assert [clocks[case.id] for case in cases] == ["monitor.feedback.red", "monitor.feedback.yellow"]


def test_the_same_file_twice_changes_nothing(
    database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    path = _file(tmp_path / "预警.csv", {})
    import_warnings(database, path, people.county_reviewer, now)

    again = import_warnings(database, path, people.county_reviewer, now + timedelta(days=1))

    assert (again.added, again.known, again.rejected) == (0, 1, [])
    with database.read() as session:
        assert len(session.scalars(select(Case).where(Case.procedure == "warning_check")).all()) == 1


def test_whoever_is_being_checked_for_the_same_thing_is_not_registered_again(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    import_warnings(sqlite_database, _file(tmp_path / "一.csv", {}), people.county_reviewer, now)
    second = _file(tmp_path / "二.csv", {"预警日期": "2026-11-23"}, {"预警指标": "失业", "医疗自付(元)": ""})

    report = import_warnings(sqlite_database, second, people.county_reviewer, now)

    assert report.added == 1
    assert [(one.row, one.field) for one in report.rejected] == [(2, "姓名")]
    assert "正在核查" in report.rejected[0].reason


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"姓名": ""}, "姓名", "请填写姓名"),
    ({"身份证号": "379901196503074420"}, "身份证号", "校验"),
    ({"身份证号": ""}, "身份证号", "请填写身份证号"),
    ({"区划代码": "999999"}, "区划代码", ""),
    ({"区划代码": "379902001001"}, "区划代码", "本辖区"),
    ({"线索来源": "听说"}, "线索来源", "应为列出的一种"),
    ({"预警指标": ""}, "预警指标", "请填写预警指标"),
    ({"级别": "紫色"}, "级别", "应为列出的一种"),
    ({"医疗自付(元)": ""}, "医疗自付(元)", "请填写此项"),
    ({"医疗自付(元)": "很多"}, "医疗自付(元)", "应为数字"),
    ({"预警日期": "2026-12-24"}, "预警日期", "不能晚于现在"),
    ({"预警日期": "前天"}, "预警日期", "日期应写成"),
    ({"预警内容": ""}, "预警内容", "请填写预警内容"),
    ({"联系电话": "打给村里"}, "联系电话", "电话"),
]


def test_wrong_rows_are_named_and_the_right_one_is_registered(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    right = {"姓名": "李二", "身份证号": id_number(serial=903), "区划代码": OTHER_VILLAGE}
    path = _file(tmp_path / "预警.csv", *(cells for cells, _, _ in WRONG), right)

    report = import_warnings(sqlite_database, path, people.county_reviewer, now)

    assert report.added == 1
    said = {one.row: (one.field, one.reason) for one in report.rejected}
    assert len(said) == len(report.rejected) == len(WRONG)
    for place, (_, column, words) in enumerate(WRONG, 2):
        assert said[place][0] == column, WRONG[place - 2]
        assert words in said[place][1]


def test_somebody_without_the_post_registers_nothing(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    report = import_warnings(sqlite_database, _file(tmp_path / "预警.csv", {}), people.county_finance, now)

    assert (report.added, len(report.rejected)) == (0, 1)


def test_the_untouched_template_brings_nothing(tmp_path: Path) -> None:
    write_template(tmp_path / "预警.xlsx")

    with pytest.raises(Invalid, match="示例行不会导入"):
        read_warnings(tmp_path / "预警.xlsx")


def test_the_opening_form_has_the_same_choices() -> None:
    path = Path(bpmn.__file__).parent / "procedures" / "warning_check" / "forms" / "open_warning.json"
    fields: dict[str, Any] = json.loads(path.read_text("utf-8"))["properties"]

    for name, words in (("source", SOURCES), ("indicator", INDICATORS), ("level", LEVELS)):
        assert {one["const"]: one["title"] for one in fields[name]["oneOf"]} == words


def test_a_county_sees_when_it_has_to_compare_again(
    database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    import_warnings(database, _file(tmp_path / "预警.csv", {}), people.county_reviewer, now)
    with database.write() as session:
        record_comparison(session, people.county_reviewer, now, "agriculture", COUNTY, found=0)
        with pytest.raises(Invalid, match="本辖区"):
            record_comparison(session, people.county_reviewer, now, "agriculture", "379902", found=0)
        with pytest.raises(Invalid, match="没有这个来源"):
            record_comparison(session, people.county_reviewer, now, "stars", COUNTY, found=0)

    with database.write() as session:
        found = {(one.county_code, one.source): one for one in comparisons(session, now, "3799")}

    assert found[COUNTY, "medical_insurance"].due.isoformat() == "2026-12-24"
    assert found[COUNTY, "agriculture"].due.isoformat() == "2027-05-24"
    assert found["379902", "agriculture"].last is None
