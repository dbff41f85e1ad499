"""The month of an area: what came in, what ended in time and late, by office, as a page and as a workbook."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event
from sqlalchemy.orm import object_session

from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from tasks import monthly
from tests.factories import add_case
from tests.people import COUNTY, OTHER_COUNTY, OTHER_TOWN, TOWN, People
from tests.web.site import Site

MAY = datetime(2027, 5, 10, 2, tzinfo=UTC)
QUESTIONS = 4
"""Of the offices, whatever their number; the course of the months is one more."""


@pytest.fixture
def month(site: Site, people: People) -> Site:
    """Two cases of May in one town, one of them late; one that goes on in the next town; one of April."""
    with site.database.write() as session:
        for village, ends, late in ((TOWN, 10, False), (TOWN, 20, True), (OTHER_TOWN, None, False)):
            closed = MAY + timedelta(days=ends) if ends else None
            case = add_case(
                session,
                people.window,
                MAY,
                village=f"{village}201",
                accepted_at=MAY,
                closed_at=closed,
                state="closed" if ends else "open",
            )
            add_clock(case, "total", MAY + timedelta(days=15) if late else None)
            add_clock(case, "step", MAY + timedelta(days=2) if late else None)
            add_clock(case, "notice", MAY + timedelta(days=3))
            if late:
                contact = session.get_one(FirstContact, case.first_contact_id)
                contact.breached_at = MAY + timedelta(days=5)
        add_case(session, people.window, MAY - timedelta(days=30), village=f"{TOWN}201")
    site.now = datetime(2027, 5, 31, 15, 59, tzinfo=UTC)  # one minute before June in China
    return site


def add_clock(case: Case, kind: str, breached_at: datetime | None) -> None:
    session = object_session(case)
    assert session is not None
    session.add(
        Deadline(
            id=new_id(),
            case_id=case.id,
            kind=kind,
            name=kind,
            length=20,
            unit="wd",
            starts_at=MAY,
            due_at=MAY + timedelta(days=14),
            breached_at=breached_at,
        )
    )


def cells(page: str) -> dict[str, list[str]]:
    """Read the rows of the table by the name of the place."""
    found = {}
    for row in re.findall(r"<tr>\s*<td class=.nowrap.>(.*?)</tr>", page, re.DOTALL):
        name, *rest = [re.sub(r"<[^>]+>", "", one).strip() for one in re.split(r"<td[^>]*>", row)]
        found[name] = rest
    return found


def test_a_county_sees_its_towns(month: Site) -> None:
    page = month.desk("county_leader").get("/monthly").text

    rows = cells(page)
    assert rows["柳林镇"] == ["2", "1", "1", "50.0%", "15.0", "1", "1", "0", "1", "0"]
    assert rows["石桥镇"] == ["1", "0", "0", "—", "—", "0", "0", "0", "0", "0"]
    assert "2027-04：登记 1，按期 0，超期 0。2027-05：登记 3，按期 1，超期 1。" in page


def test_the_month_before_and_a_part_of_the_area(month: Site) -> None:
    desk = month.desk("supervisor")

    assert cells(desk.get(f"/monthly?month=2027-04&area={COUNTY}").text)["柳林镇"][0] == "1"
    assert cells(desk.get(f"/monthly?area={TOWN}").text)["柳林镇"][0] == "2"
    # A month that has not come shows the present one.
    assert "每月情况 2027-05" in desk.get("/monthly?month=2031-01").text


def test_others_see_nothing_of_it(month: Site) -> None:
    assert month.desk("county_leader").get(f"/monthly?area={OTHER_COUNTY}").status_code == 404
    assert month.desk("window").get("/monthly").status_code == 403
    assert month.desk("county_leader").get("/monthly/export.xlsx").status_code == 403


def test_the_workbook_has_the_same_and_a_total(month: Site) -> None:
    answer = month.desk("supervisor").get(f"/monthly/export.xlsx?area={COUNTY}")

    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
    rows = {row[0]: row[1:] for row in sheet.to_python()}
    assert rows["柳林镇"] == ["2027-05", "2", "1", "1", "50.0%", "15.0", "1", "1", "0", "1", "0"]
    assert rows["合计"] == ["2027-05", "3", "1", "1", "50.0%", "15.0", "1", "1", "0", "1", "0"]


def test_the_questions_do_not_grow_with_the_offices(month: Site, people: People) -> None:
    said: list[str] = []
    event.listen(month.database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    with month.database.read() as session:
        monthly.offices(session, people.supervisor, MAY.date().replace(day=1), COUNTY)
        monthly.course(session, people.supervisor, [monthly.start_of(MAY.date(), back) for back in range(6)])

    assert len([one for one in said if one.startswith("SELECT")]) == QUESTIONS + 1
