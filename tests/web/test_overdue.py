import io
from datetime import datetime

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from jieban.audit.tables import ReadRecord
from jieban.database import Database
from tests.people import OTHER_COUNTY_TOWN, People
from tests.web.site import Site
from tests.workflows.walk import Walk


@pytest.fixture
def late(site: Site, walk: Walk) -> Walk:
    """A case whose first task, due after one working day, is three working days old."""
    site.now = datetime.fromisoformat("2026-11-27T10:00:00+08:00")
    return walk


def test_shows_what_is_late_with_the_office_that_answers(site: Site, late: Walk) -> None:
    """A supervisor of the city sees the late task, since when it is late, its township and its role."""
    page = site.desk("supervisor").get("/overdue")

    assert page.status_code == 200
    assert "超期 2 个工作日" in page.text
    assert late.case().applicant_name in page.text
    assert "柳林镇" in page.text
    assert "窗口经办人" in page.text
    assert "未领取" in page.text


def test_names_the_person_who_took_the_task(site: Site, late: Walk) -> None:
    site.desk("window").post(f"/tasks/{late.open_tasks()[0].id}/claim")

    assert "王芳" in site.desk("supervisor").get("/overdue").text


def test_counts_per_place_and_goes_down(site: Site, late: Walk) -> None:
    """The city sees its counties, a county its townships, a township only its tasks."""
    desk = site.desk("supervisor")

    assert "area=379901" in desk.get("/overdue").text
    county = desk.get("/overdue?area=379901")
    assert "area=379901001" in county.text
    assert late.case().applicant_name in county.text
    assert late.case().applicant_name in desk.get("/overdue?area=379901001").text
    assert late.case().applicant_name not in desk.get("/overdue?area=379902").text


def test_due_soon_is_a_list_of_its_own(site: Site, walk: Walk) -> None:
    desk = site.desk("supervisor")

    assert "没有超期的任务" in desk.get("/overdue").text
    assert walk.case().applicant_name in desk.get("/overdue?view=soon").text


def test_a_leader_sees_the_own_area_alone(site: Site, people: People, late: Walk) -> None:
    other = Walk.begin(site.database, people, late.now, village=f"{OTHER_COUNTY_TOWN}001")
    desk = site.desk("leader")

    page = desk.get("/overdue").text

    assert late.case().number in page
    assert other.case().number not in page
    assert desk.get("/overdue?area=379902").status_code == 404
    assert desk.get("/overdue/export.csv?area=379902").status_code in {403, 404}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_has_the_rows_and_is_written_down(
    site: Site, late: Walk, database: Database, kind: str
) -> None:
    answer = site.desk("supervisor").get(f"/overdue/export.{kind}")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    if kind == "csv":
        lines = answer.content.decode("utf-8-sig").splitlines()
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        lines = [",".join(map(str, row)) for row in book.get_sheet_by_index(0).to_python()]
    assert len(lines) == 2
    assert late.case().number in lines[1]
    with database.read() as session:
        assert session.scalar(select(ReadRecord.what)) == "export"


def test_only_who_may_export_exports(site: Site, late: Walk) -> None:
    assert site.desk("leader").get("/overdue/export.csv").status_code == 403


def test_a_name_that_looks_like_a_formula_stays_a_name(site: Site, late: Walk) -> None:
    with site.database.write() as session:
        task = session.merge(late.open_tasks()[0])
        task.applicant_name = "=1+1"

    lines = site.desk("supervisor").get("/overdue/export.csv").content.decode("utf-8-sig")

    assert "'=1+1" in lines


def test_pages_go_on_after_fifty(site: Site, people: People, walk: Walk) -> None:
    """The second page goes on where the first one ended."""
    for _ in range(51):
        Walk.begin(site.database, people, walk.now)
    site.now = datetime.fromisoformat("2026-11-27T10:00:00+08:00")
    desk = site.desk("supervisor")

    first = desk.get("/overdue").text
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(f"/overdue{link}").text

    assert first.count("data-href") == 50
    assert second.count("data-href") == 2
