import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from jieban.audit.tables import ReadRecord
from jieban.cases.tables import Case, Objection
from jieban.deadlines.tables import Extension
from jieban.people.tables import Person
from notifications.tables import Letter
from tasks.cases import dossier
from tests.people import People
from tests.web.site import Site
from tests.workflows.walk import Walk


def _applicant(walk: Walk) -> Person:
    with walk.database.read() as session:
        return session.get_one(Person, walk.case().applicant_id)


def test_shows_the_whole_file_with_masked_numbers(site: Site, walk: Walk) -> None:
    walk.to_the_end()
    site.now = walk.now

    page = site.desk("window").get(f"/cases/{walk.case_id}").text

    case = walk.case()
    assert case.number in page
    assert "已确认并发放" in page
    assert "确认同意" in page
    assert "每月救助金额" in page
    assert "入户调查" in page
    number = str(_applicant(walk).id_number)
    assert number not in page
    assert f"{number[:4]}**********{number[-4:]}" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"custody": "family"}, "存折（银行卡）由家庭成员自己保管。"),
        (
            {
                "custody": "staff",
                "custody_keeper": "柳林村村委会 李会计",
                "custody_agreed_on": "2026-12-01",
                "custody_filed_on": "2026-12-03",
            },
            "由柳林村村委会 李会计代为保管，2026-12-01 签订书面协议，2026-12-03 报县级民政部门备案。",
        ),
    ],
)
def test_who_keeps_the_bankbook_stands_with_the_payment(
    site: Site, walk: Walk, given: dict[str, str], words: str
) -> None:
    walk.until("first_payment")
    walk.do("first_payment", **given)
    site.now = walk.now

    assert words in site.desk("window").get(f"/cases/{walk.case_id}").text


def test_the_limits_stand_in_the_order_in_which_they_began(site: Site, walk: Walk) -> None:
    walk.to_the_end()
    with walk.database.read() as session:
        began = [row.starts_at for row in dossier(session, walk.case(), walk.now).deadlines]

    assert began == sorted(began)
    assert len(set(began)) > 1


def test_the_history_is_in_plain_words(site: Site, walk: Walk) -> None:
    walk.until("home_visit")
    site.now = walk.now

    page = site.desk("window").get(f"/cases/{walk.case_id}").text

    for words in (
        "登记申请，出具首接回执",
        "办理“审查材料”",
        "受理申请，开始计算办理期限",
        "转入“入户调查”，由入户调查员办理",
    ):
        assert words in page


def test_a_limit_of_our_own_is_not_shown_as_law(site: Site, walk: Walk) -> None:
    page = site.desk("window").get(f"/cases/{walk.case_id}").text

    assert "本系统期限（非法定）" in page


def test_every_reading_is_recorded_and_shown(site: Site, walk: Walk) -> None:
    site.desk("window").get(f"/cases/{walk.case_id}")
    site.desk("county_reviewer").get(f"/cases/{walk.case_id}")

    page = site.desk("leader").get(f"/cases/{walk.case_id}").text

    assert "王芳" in page
    assert "黄磊" in page
    with site.database.read() as session:
        assert session.scalars(select(ReadRecord.what)).all() == ["case"] * 3


def test_whole_numbers_are_shown_once_for_a_reason_that_is_recorded(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    whole = str(_applicant(walk).id_number)

    refused = desk.post(f"/cases/{walk.case_id}/unmask", {"why": " "})
    assert refused.headers["location"] == f"/cases/{walk.case_id}"
    shown = desk.post(f"/cases/{walk.case_id}/unmask", {"why": "核对身份证原件"})

    assert whole in shown.text
    assert whole not in desk.get(f"/cases/{walk.case_id}").text
    with site.database.read() as session:
        reads = session.scalars(select(ReadRecord).where(ReadRecord.what == "unmasked")).all()
    assert [read.detail for read in reads] == ["核对身份证原件"]


def test_a_letter_opens_as_pdf_and_the_reading_is_recorded(site: Site, walk: Walk) -> None:
    with site.database.read() as session:
        letter = session.scalars(select(Letter).where(Letter.kind == "receipt")).one()

    answer = site.desk("window").get(f"/cases/{walk.case_id}/letters/{letter.id}")

    assert answer.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "首接回执" in text
    with site.database.read() as session:
        assert session.scalars(select(ReadRecord.what)).all() == ["letter"]


def test_a_letter_of_another_case_is_not_found(site: Site, people: People, walk: Walk) -> None:
    other = Walk.begin(site.database, people, site.now)
    with site.database.read() as session:
        letter = session.scalars(select(Letter).where(Letter.case_id == other.case_id)).first()
    assert letter

    answer = site.desk("window").get(f"/cases/{walk.case_id}/letters/{letter.id}")

    assert answer.status_code == 404


def test_the_diagram_is_that_of_the_case(site: Site, walk: Walk) -> None:
    answer = site.desk("window").get(f"/cases/{walk.case_id}/diagram.bpmn")

    assert answer.headers["content-type"].startswith("application/xml")
    assert b"examine_papers" in answer.content
    assert 'data-active="examine_papers"' in site.desk("window").get(f"/cases/{walk.case_id}").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "number"}, True),
        ({"search": "name"}, True),
        ({"search": "id"}, True),
        ({"search": "查无此人"}, False),
        ({"stage": "registered"}, True),
        ({"stage": "paid"}, False),
        ({"state": "open"}, True),
        ({"state": "closed"}, False),
        ({"late": "1"}, False),
    ],
)
def test_cases_are_found(site: Site, walk: Walk, query: dict[str, str], found: bool) -> None:
    case = walk.case()
    values = {"number": case.number, "name": case.applicant_name, "id": _applicant(walk).id_number}
    search = values.get(query.get("search", ""), query.get("search", ""))

    page = site.desk("window").get("/cases", params={**query, "search": search or ""}).text

    assert (f"/cases/{case.id}" in page) is found


def test_searching_for_an_identity_number_is_recorded(site: Site, walk: Walk) -> None:
    site.desk("window").get("/cases", params={"search": str(_applicant(walk).id_number)})

    with site.database.read() as session:
        assert session.scalars(select(ReadRecord.case_id)).all() == [None]


def test_an_objection_is_registered_while_the_notice_hangs(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    data = {"kind": "notice", "raised_by": "村民甲", "content": "家中有小汽车"}
    early = desk.post(f"/cases/{walk.case_id}/objections", data)
    assert early.status_code == 303
    assert "没有正在公示" in desk.get(f"/cases/{walk.case_id}").text

    walk.until("post_notice")
    walk.do("post_notice")
    site.now = walk.now
    desk = site.desk("window")
    missing = desk.post(f"/cases/{walk.case_id}/objections", {**data, "content": " "})
    assert missing.status_code == 422
    assert "村民甲" in missing.text
    desk.post(f"/cases/{walk.case_id}/objections", data)

    assert "家中有小汽车" in desk.get(f"/cases/{walk.case_id}").text
    with site.database.read() as session:
        assert session.scalars(select(Objection.kind)).all() == ["notice"]


def test_a_complaint_is_registered_and_marked(site: Site, walk: Walk) -> None:
    desk = site.desk("window")

    desk.post(
        f"/cases/{walk.case_id}/objections",
        {"kind": "complaint", "raised_by": "村民乙", "content": "收入不实"},
    )

    assert "有投诉举报，县级应当入户调查" in desk.get(f"/cases/{walk.case_id}").text
    with site.database.read() as session:
        assert session.get_one(Case, walk.case_id).has_complaint


def test_more_time_is_asked_for_and_answered_by_somebody_else(site: Site, walk: Walk) -> None:
    walk.until("home_visit")
    site.now = walk.now
    clerk, leader = site.desk("window"), site.desk("leader")
    bad = clerk.post(f"/cases/{walk.case_id}/extensions", {"reason": "holiday", "explanation": "放假"})
    assert bad.status_code == 422
    assert "请从列出的四种情形中选择" in bad.text

    clerk.post(
        f"/cases/{walk.case_id}/extensions",
        {"reason": "hard_investigation", "explanation": "家庭成员在外地务工"},
    )
    assert "不能申请延期：本案已经申请或批准过延长" in clerk.get(f"/cases/{walk.case_id}").text
    assert "家庭成员在外地务工" in leader.get("/extensions").text
    with site.database.read() as session:
        extension = session.scalars(select(Extension)).one()
    silent = leader.post(f"/extensions/{extension.id}", {"verdict": "reject", "words": ""})
    assert silent.status_code == 422
    assert "不同意的，请写明理由" in silent.text
    leader.post(f"/extensions/{extension.id}", {"verdict": "approve", "words": "情况属实"})

    assert "批准延长办理期限" in clerk.get(f"/cases/{walk.case_id}").text
    assert "没有等待审批的延期申请" in leader.get("/extensions").text
    again = leader.post(f"/extensions/{extension.id}", {"verdict": "approve", "words": ""})
    assert again.headers["location"] == "/extensions"
    assert "该延期申请已经答复" in leader.get("/extensions").text


def test_an_unknown_verdict_is_refused(site: Site, walk: Walk) -> None:
    answer = site.desk("leader").post(f"/extensions/{walk.case_id}", {"verdict": "perhaps"})

    assert answer.status_code == 422


def test_a_sample_case_says_so(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    assert "示例数据" not in desk.get(f"/cases/{walk.case_id}").text

    with site.database.write() as session:
        session.get_one(Case, walk.case_id).sample = True

    assert "示例数据" in desk.get(f"/cases/{walk.case_id}").text
    assert "示例数据" in desk.get(f"/tasks/{walk.open_tasks()[0].id}").text
