from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import FirstContact
from jieban.people.tables import Person
from tests.web.site import Site
from tests.workflows.walk import Walk


@pytest.fixture
def receipt(site: Site, walk: Walk) -> tuple[str, str, str]:
    """The code of the receipt, and the last four of the telephone and of the ID number."""
    with site.database.read() as session:
        case = session.get_one(Case, walk.case_id)
        contact = session.get_one(FirstContact, case.first_contact_id)
        number = session.scalars(select(Person.id_number).where(Person.id == case.applicant_id)).one()
        assert number
        return contact.receipt_code, contact.phone[-4:], number[-4:]


def test_an_applicant_sees_the_step_and_who_received_it(
    site: Site, walk: Walk, receipt: tuple[str, str, str]
) -> None:
    """With the code and four digits, without an account: plain words, and nothing about any person."""
    code, phone, _ = receipt

    page = site.stranger().client.post("/progress", data={"code": code, "last_four": phone})

    assert page.status_code == 200
    assert "正在审查材料" in page.text
    assert "王芳" in page.text
    assert walk.case().applicant_name not in page.text
    assert walk.case().number not in page.text


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}"])
def test_the_code_may_be_typed_in_many_ways(site: Site, receipt: tuple[str, str, str], typed: object) -> None:
    assert callable(typed)
    form = {"code": typed(receipt[0]), "last_four": receipt[2].lower()}

    assert site.stranger().client.post("/progress", data=form).status_code == 200


def test_wrong_digits_and_a_wrong_code_are_told_the_same(site: Site, receipt: tuple[str, str, str]) -> None:
    client = site.stranger().client

    wrong_digits = client.post("/progress", data={"code": receipt[0], "last_four": "xxxx"})
    wrong_code = client.post("/progress", data={"code": "AAAA-AAAA-AAAA", "last_four": receipt[1]})

    assert wrong_digits.status_code == wrong_code.status_code == 404
    assert "没有找到" in wrong_digits.text
    assert "没有找到" in wrong_code.text


def test_guessing_is_slowed_down_even_with_the_right_digits_in_the_end(
    site: Site, receipt: tuple[str, str, str]
) -> None:
    code, phone, _ = receipt
    client = site.stranger().client
    for guess in range(5):
        client.post("/progress", data={"code": code, "last_four": f"x{guess:03}"})

    refused = client.post("/progress", data={"code": code, "last_four": phone})
    site.forward(minutes=16)
    later = client.post("/progress", data={"code": code, "last_four": phone})

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "900"
    assert "查询次数过多" in refused.text
    assert later.status_code == 200


def test_the_next_date_is_the_end_of_the_total_clock(
    site: Site, walk: Walk, receipt: tuple[str, str, str]
) -> None:
    walk.until("home_visit")
    site.now = walk.now

    page = site.stranger().client.post("/progress", data={"code": receipt[0], "last_four": receipt[1]})

    assert "最迟作出决定" in page.text


def test_a_paid_case_says_so(site: Site, walk: Walk, receipt: tuple[str, str, str]) -> None:
    walk.to_the_end()
    site.now = walk.now

    page = site.stranger().client.post("/progress", data={"code": receipt[0], "last_four": receipt[1]})

    assert "已经发放" in page.text
    assert "最迟作出决定" not in page.text


def test_a_link_from_the_receipt_fills_the_code_in(site: Site, receipt: tuple[str, str, str]) -> None:
    page = site.stranger().get(f"/progress?code={receipt[0].lower()}")

    assert f'value="{receipt[0]}"' in page.text


def test_speaks_english(site: Site) -> None:
    client = site.stranger().client
    client.cookies.set("jieban_language", "en")

    assert "last four" in client.get("/progress").text.lower()


def test_from_the_day_of_a_breach_the_remedy_is_shown(
    site: Site, walk: Walk, receipt: tuple[str, str, str]
) -> None:
    """To the applicant and on the case page: what has passed, under which article, and the organ to turn to."""
    code, phone, _ = receipt
    walk.until("home_visit")
    with site.database.read() as session:
        total = session.scalars(
            select(Deadline).where(Deadline.case_id == walk.case_id, Deadline.kind == "total")
        ).one()
    form = {"code": code, "last_four": phone}
    site.now = total.due_at - timedelta(minutes=1)
    before = site.stranger().client.post("/progress", data=form).text
    site.now = total.due_at + timedelta(minutes=1)

    after = site.stranger().client.post("/progress", data=form).text
    page = site.desk("leader").get(f"/cases/{walk.case_id}").text

    assert total.name not in before
    for shown in (after, page):
        assert "已超过法定期限" in shown
        assert total.name in shown
        assert total.article in shown
        assert "东河县人民政府申请行政复议" in shown
    assert walk.case().applicant_name not in after


def test_a_limit_that_is_not_law_gives_no_remedy(
    site: Site, walk: Walk, receipt: tuple[str, str, str]
) -> None:
    """What we set ourselves, or only remember, is not held against an office before the applicant."""
    code, phone, _ = receipt
    with site.database.write() as session:
        session.execute(update(Deadline).where(Deadline.case_id == walk.case_id).values(provenance="memory"))
    site.forward(days=60)

    page = site.stranger().client.post("/progress", data={"code": code, "last_four": phone})

    assert page.status_code == 200
    assert "已超过法定期限" not in page.text
