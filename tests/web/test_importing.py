from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jieban.cases.tables import Case
from tests.intake import books
from tests.web.site import Desk, Site


def _send(desk: Desk, content: bytes, name: str) -> Any:
    return desk.post("/cases/import", files={"upload": (name, content, "application/octet-stream")})


def test_the_template_is_given_as_a_workbook(site: Site) -> None:
    answer = site.desk("window").get("/cases/import/template.xlsx")

    assert answer.content.startswith(b"PK")
    assert "attachment" in answer.headers["content-disposition"]


def test_the_untouched_template_brings_no_case(site: Site) -> None:
    desk = site.desk("window")

    answer = _send(desk, desk.get("/cases/import/template.xlsx").content, "申请.xlsx")

    assert answer.status_code == 422
    assert "文件中没有申请" in answer.text


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PK\x03\x04 not really", "申请.xlsx", ""),
        (b"\x00\x01\x02", "申请.csv", ""),
        (b"hello", "申请.doc", "只能导入 .xlsx 或 .csv 文件"),
    ],
)
def test_a_file_that_is_none_gets_a_clear_answer(site: Site, content: bytes, name: str, message: str) -> None:
    answer = _send(site.desk("window"), content, name)

    assert answer.status_code == 422
    assert "alert-danger" in answer.text
    assert message in answer.text


def test_no_file_at_all_gets_a_sentence(site: Site) -> None:
    answer = site.desk("window").post("/cases/import")

    assert answer.status_code == 422
    assert "请选择要导入的文件。" in answer.text


def test_good_rows_become_cases_and_bad_ones_are_reported(site: Site, tmp_path: Path) -> None:
    desk = site.desk("window")
    wrong = books.member("2", 姓名="李小四", 身份证号="379901195803090210")
    book = books.write_book(
        tmp_path / "book.xlsx",
        申请=[books.application("1"), books.application("2")],
        家庭成员=[books.member("1"), wrong],
    )
    content = book.read_bytes()

    answer = _send(desk, content, "申请.xlsx")

    assert answer.status_code == 200
    assert "<b>1</b>" in answer.text
    assert "身份证号" in answer.text
    again = _send(desk, content, "申请.xlsx")
    assert "以前已导入，未改动" in again.text
    with site.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
