"""First contacts: the limit of feedback, what the first receiver records, the board, and the person's own rating."""

import io
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.deadlines.tables import Deadline
from jieban.handovers.tables import Handover
from jieban.ledger.tables import ContactStep, FirstContact, LedgerRecord
from jieban.rules.tables import RuleValue
from jieban.staff.tables import User
from notifications.tables import Letter, Message
from tests.people import OTHER_TOWN, TOWN, People
from tests.web.site import Site
from tests.web.test_handed_over import PHONE, call, dispatch, do
from workflows import extensions
from workflows.contacts import sweep_feedback


def the_contact(site: Site, case_id: uuid.UUID) -> FirstContact:
    with site.database.read() as session:
        case = session.get_one(Case, case_id)
        return session.get_one(FirstContact, case.first_contact_id)


def answered(site: Site, people: People) -> uuid.UUID:
    """A call that was answered at once, whose revisit says that the caller is satisfied: it is closed."""
    case_id = call(site, people)
    do(site, people, "county_reviewer", case_id, "triage", {"action": "answer", "answer": "灯已修好"})
    given = {"reached": "yes", "carried_out": "yes", "rating": "satisfied"}
    do(site, people, "county_reviewer", case_id, "revisit", given)
    return case_id


def handed(
    site: Site, case_id: uuid.UUID, to: str, *, answer: str = "", late: bool = False, designated: bool = False
) -> None:
    """Write a handover as it stands after an answer."""
    with site.database.write() as session:
        case = session.get_one(Case, case_id)
        due = site.now + timedelta(days=2)
        at = (due + timedelta(hours=1) if late else site.now) if answer else None
        session.add(
            Handover(
                id=uuid.uuid4(),
                case_id=case.id,
                from_user=case.first_receiver_id,
                from_name="黄磊",
                from_unit="东河县民政局",
                to_area=to,
                to_unit="示例单位",
                reason="请核实",
                handed_at=site.now,
                due_at=due,
                designated=designated,
                answer=answer,
                answered_at=at,
                answer_reason="不属职责" if answer == "returned" else "",
            )
        )


def rows(page: str) -> int:
    return page.count('<section class="card" id="contact-')


def test_the_receipt_says_by_when_the_person_hears_back(site: Site, people: People):
    """Matter, first receiver, time, limit of feedback and telephones, at once; what was told is kept."""
    case_id = call(site, people)

    with site.database.read() as session:
        letter = session.scalars(
            select(Letter).where(Letter.case_id == case_id, Letter.kind == "receipt")
        ).one()
    table = dict(letter.data["table"]["rows"])
    contact = the_contact(site, case_id)

    assert table["受理事项"] == "热线事项"
    assert table["首接人"] == "黄磊"
    assert table["首接时间"].startswith("2026年11月24日")
    assert table["反馈期限"] == "2026年12月1日前"
    assert table["咨询电话"] == "0539-0000000"
    assert table["监督投诉电话"] == "12345"
    assert "反馈期限" in contact.told


def test_a_matter_written_down_after_its_day_is_flagged(site: Site, people: People):
    """The limit runs from the day on which it came."""
    yesterday = "2026-11-23T09:00"

    case_id = call(site, people, received_at=yesterday, dispatched_at=yesterday)

    assert "登记迟延" in site.desk("county_leader").get(f"/cases/{case_id}").text
    assert the_contact(site, case_id).feedback_due.isoformat().startswith("2026-11-30")


def test_a_limit_that_passes_unheard_is_written_down_once_and_told(site: Site, people: People):
    case_id = call(site, people)
    dispatch(site, people, case_id, OTHER_TOWN)
    later = site.now + timedelta(days=8)

    first = sweep_feedback(site.database, later, "run", 60)
    second = sweep_feedback(site.database, later, "run", 60)

    assert (first.done, first.counts, second.done) == (1, {"未反馈": 1}, 0)
    with site.database.read() as session:
        query = (
            select(User.username)
            .join(Message, Message.user_id == User.id)
            .where(Message.kind.in_(("contact", "red_card")), Message.case_id == case_id)
        )
        assert sorted(session.scalars(query)) == ["county_leader", "county_reviewer"]
        kinds = select(LedgerRecord.kind).where(LedgerRecord.case_id == case_id)
        assert list(session.scalars(kinds)).count("first_contact.breached") == 1


def told(site: Site, case_id: uuid.UUID) -> list[tuple[str, str, str]]:
    """Who was told what by the sweep, in order."""
    with site.database.read() as session:
        query = (
            select(User.username, Message.kind, Message.text)
            .join(Message, Message.user_id == User.id)
            .where(Message.case_id == case_id, Message.run_id != "")
            .order_by(Message.at, Message.kind.desc())
        )
        return [(row[0], row[1], row[2]) for row in session.execute(query)]


def test_the_first_receiver_is_warned_and_then_the_leader_is_told_each_once(site: Site, people: People):
    """The warning comes on the working day before, the red card after the limit; a rule says how long after."""
    case_id = call(site, people)
    with site.database.write() as session:
        session.execute(update(RuleValue).where(RuleValue.key == "contact.alarm").values(value=2))

    counts = []
    for days in (5, 6, 6, 7, 8, 8, 9):
        swept = sweep_feedback(site.database, site.now + timedelta(days=days), "run", 60)
        counts.append(swept.counts)

    # Due on Tuesday, the first of December: warned on Monday, passed on Wednesday, alarmed on its second working day.
    assert counts == [{}, {"已提醒": 1}, {}, {}, {"未反馈": 1}, {}, {"已警示": 1}]
    found = told(site, case_id)
    assert [(who, kind) for who, kind, _ in found] == [
        ("county_reviewer", "yellow_card"),
        ("county_reviewer", "contact"),
        ("county_reviewer", "red_card"),
        ("county_leader", "contact"),
    ]
    assert "剩余 1 个工作日，请于12月1日前" in found[0][2]
    assert "超期 2 个工作日（应于12月1日前）" in found[3][2]
    with site.database.read() as session:
        kinds = list(session.scalars(select(LedgerRecord.kind).where(LedgerRecord.case_id == case_id)))
    for kind in ("warned", "breached", "alarmed"):
        assert kinds.count(f"first_contact.{kind}") == 1
    page = site.desk("county_leader").get(f"/cases/{case_id}").text
    for words in ("提醒首接人：反馈期限将到", "首接反馈期限已过，已上报"):
        assert words in page


def test_who_was_fed_back_in_time_is_not_warned(site: Site, people: People):
    case_id = answered(site, people)

    assert sweep_feedback(site.database, site.now + timedelta(days=20), "run", 60).done == 0
    assert told(site, case_id) == []


def test_a_matter_that_its_first_receiver_kept_too_long_is_flagged(site: Site, people: People):
    """A working day to hand it on (contact.handover), counted anew from when it came back."""
    quick, slow = call(site, people), call(site, people, content="井盖丢失")
    dispatch(site, people, quick, OTHER_TOWN)
    site.now += timedelta(days=2)
    dispatch(site, people, slow, OTHER_TOWN)

    with site.database.read() as session:
        late = dict(session.execute(select(Handover.case_id, Handover.made_late)).all())
    assert late == {quick: False, slow: True}
    board = site.desk("supervisor").get("/contacts?flag=handed_late").text
    assert rows(board) == 1
    assert "（超过首接转办期限）" in board


def test_a_letter_on_the_way_promises_a_day_and_one_that_passes_without_a_word_is_flagged_once(
    site: Site, walk: Any, people: People
):
    """Acceptance names the day of the decision, an extension a later one; each promise is followed until a letter ends it."""
    walk.until("home_visit")
    accepted = the_contact(site, walk.case_id)
    with site.database.write() as session:
        clock = session.scalars(select(Deadline).where(Deadline.kind == "total")).one()
        asked = extensions.ask(
            session, people.window, walk.now, walk.case_id, "hard_investigation", "家庭成员在外地务工"
        )
        extensions.answer(session, people.leader, walk.now, asked.id, approve=True, words="")
        longer = session.scalars(select(Deadline).where(Deadline.id == clock.replaced_by)).one()
    assert (accepted.feedback_due, accepted.feedback_from) == (clock.due_at, clock.starts_at)
    assert (accepted.feedback_length, accepted.feedback_unit) == (clock.length, clock.unit)
    promised = the_contact(site, walk.case_id)
    assert promised.feedback_due == longer.due_at > clock.due_at
    who = {"code": promised.receipt_code, "last_four": promised.phone[-4:]}
    assert f"{local_day(longer.due_at):%Y-%m-%d}" in site.stranger().client.post("/progress", data=who).text

    def sweep(moment: datetime) -> dict[str, int]:
        return sweep_feedback(site.database, moment, "run", 60).counts

    assert sweep(clock.due_at + timedelta(hours=1)) == {}
    assert sweep(longer.due_at - timedelta(hours=1)) == {"已提醒": 1}
    late = longer.due_at + timedelta(hours=1)
    assert (sweep(late), sweep(late)) == ({"未反馈": 1}, {})
    assert [(name, kind) for name, kind, _ in told(site, walk.case_id) if kind != "yellow_card"] == [
        ("window", "red_card"),
        ("leader", "contact"),
    ]
    assert str(walk.case_id) in site.desk("supervisor").get("/contacts?flag=unheard").text

    site.now = late
    again = {"how": "phone", "content": "还在办", "until": f"{local_day(late) + timedelta(days=14):%Y-%m-%d}"}
    assert site.desk("window").post(f"/cases/{walk.case_id}/contact/feedback", again).status_code == 303
    second = the_contact(site, walk.case_id)
    assert second.feedback_due > late
    assert (second.breached_at, sweep(late + timedelta(hours=1))) == (longer.due_at, {})
    walk.now = second.feedback_due + timedelta(hours=1)
    walk.to_the_end()
    ended = the_contact(site, walk.case_id)
    assert (ended.feedback_how, ended.breached_at, ended.follow_at) == ("letter", second.feedback_due, None)
    assert sweep(walk.now + timedelta(days=90)) == {}
    with site.database.read() as session:
        kinds = list(session.scalars(select(LedgerRecord.kind).where(LedgerRecord.case_id == walk.case_id)))
    assert kinds.count("first_contact.breached") == 2


def test_the_answer_of_a_matter_is_its_feedback_and_the_revisit_its_rating(site: Site, people: People):
    contact = the_contact(site, answered(site, people))

    assert contact.state == "closed"
    assert (contact.result, contact.satisfaction, contact.rated_by) == ("灯已修好", "satisfied", "staff")
    assert contact.feedback_at == site.now


def test_a_case_that_ends_with_a_letter_was_fed_back(site: Site, walk: Any):
    walk.to_the_end()

    contact = the_contact(site, walk.case_id)

    assert (contact.state, contact.feedback_how) == ("closed", "letter")


def test_the_first_receiver_records_feedback_also_while_others_handle_it(site: Site, people: People):
    case_id = call(site, people)
    dispatch(site, people, case_id, OTHER_TOWN)
    desk = site.desk("county_reviewer")
    address = f"/cases/{case_id}/contact/feedback"

    empty = desk.post(address, {"how": "phone", "content": ""})
    meanwhile = desk.post(address, {"how": "phone", "content": "正在办", "until": "2026-12-10"})
    promised = the_contact(site, case_id).feedback_due
    final = desk.post(address, {"how": "phone", "content": "已经修好"})

    assert (empty.status_code, meanwhile.status_code, final.status_code) == (422, 303, 303)
    assert promised is not None
    assert promised.isoformat().startswith("2026-12-10")
    contact = the_contact(site, case_id)
    assert (contact.result, contact.feedback_name, contact.state) == ("已经修好", "黄磊", "open")


def test_nobody_else_records_for_the_first_receiver(site: Site, people: People):
    case_id = call(site, people)

    answer = site.desk("county_reviewer2").post(
        f"/cases/{case_id}/contact/feedback", {"how": "phone", "content": "x"}
    )

    assert answer.status_code == 403
    assert the_contact(site, case_id).feedback_at is None


def test_the_person_rates_once_and_who_is_not_satisfied_is_owed_feedback_again(site: Site, people: People):
    """Reopened: the first receiver is told, it counts, and after new feedback it is rated anew."""
    case_id = answered(site, people)
    code = the_contact(site, case_id).receipt_code
    who = {"code": code, "last_four": PHONE[-4:]}
    client = site.stranger().client

    page = client.post("/progress", data=who)
    silent = client.post("/progress/rate", data=who | {"satisfaction": "dissatisfied", "reason": " "})
    taken = client.post("/progress/rate", data=who | {"satisfaction": "dissatisfied", "reason": "灯又坏了"})
    again = client.post("/progress/rate", data=who | {"satisfaction": "satisfied"})

    assert "您对办理满意吗" in page.text
    assert silent.status_code == 422
    assert "重新办理" in taken.text
    assert "还没有办结" in again.text
    contact = the_contact(site, case_id)
    assert (contact.state, contact.reopened, contact.satisfaction) == ("open", 1, "dissatisfied")
    assert contact.feedback_due is not None
    assert contact.feedback_due > site.now
    assert "灯又坏了" in site.desk("supervisor").get("/contacts?flag=dissatisfied").text
    assert "群众对您首接的事项不满意" in site.desk("county_reviewer").get("/messages").text

    site.desk("county_reviewer").post(
        f"/cases/{case_id}/contact/feedback", {"how": "phone", "content": "换了新灯"}
    )
    happy = client.post("/progress/rate", data=who | {"satisfaction": "very_satisfied"})

    assert "谢谢您的评价" in happy.text
    contact = the_contact(site, case_id)
    assert (contact.state, contact.satisfaction, contact.rated_by) == ("closed", "very_satisfied", "person")
    with site.database.read() as session:
        kinds = list(session.scalars(select(ContactStep.kind).order_by(ContactStep.at, ContactStep.id)))
        said = "".join(session.scalars(select(LedgerRecord.body)))
    assert sorted(kinds) == ["feedback", "feedback", "rated", "rated", "rated", "reopened"]
    assert "灯又坏了" not in said


def test_guessing_does_not_rate(site: Site, people: People):
    code = the_contact(site, answered(site, people)).receipt_code
    client = site.stranger().client
    for guess in range(5):
        client.post(
            "/progress/rate", data={"code": code, "last_four": f"x{guess:03}", "satisfaction": "fair"}
        )

    refused = client.post(
        "/progress/rate", data={"code": code, "last_four": PHONE[-4:], "satisfaction": "fair"}
    )

    assert refused.status_code == 429


def test_the_person_sees_the_chain_without_inner_reasons(site: Site, people: People):
    case_id = call(site, people)
    dispatch(site, people, case_id, OTHER_TOWN)
    given = {"answer": "returned", "reason": "内部理由"}
    do(site, people, "other_town_window", case_id, "answer_handover", given)
    contact = the_contact(site, case_id)

    page = site.stranger().client.post(
        "/progress", data={"code": contact.receipt_code, "last_four": PHONE[-4:]}
    )

    assert "您的事项正在办理" in page.text
    assert "黄磊首接" in page.text
    assert "不由其办理" in page.text
    assert "2026-12-01" in page.text
    for inner in ("内部理由", "请核实并修复", "胡军"):
        assert inner not in page.text


@pytest.mark.parametrize(
    ("flag", "handovers"),
    [
        ("handed_late", [{"answer": "accepted", "late": True}]),
        ("handed_late", [{}]),
        ("returned_wrongly", [{"answer": "returned", "late": True}]),
        ("returned_wrongly", [{"answer": "returned"}, {"answer": "accepted", "designated": True}]),
        ("pushed_away", [{"answer": "returned"}, {"answer": "returned"}]),
        ("pushed_away", [{"answer": "returned"}, {"designated": True}]),
        ("pushed_away", [{}, {"designated": True}]),
    ],
)
def test_each_flag_is_found_on_the_board(
    site: Site, people: People, flag: str, handovers: list[dict[str, Any]]
):
    case_id = call(site, people)
    call(site, people)
    for one in handovers:
        handed(site, case_id, TOWN, **one)
    site.forward(days=3)

    page = site.desk("supervisor").get(f"/contacts?flag={flag}").text

    assert rows(page) == 1
    assert str(case_id) in page


@pytest.mark.parametrize(
    "handovers",
    [
        [{"answer": "accepted"}],
        [{"answer": "returned"}, {"answer": "accepted"}],
        [{"answer": "returned"}, {"answer": "returned"}, {"answer": "accepted"}],
    ],
)
def test_what_went_right_is_not_on_the_board(site: Site, people: People, handovers: list[dict[str, Any]]):
    case_id = call(site, people)
    for place, one in enumerate(handovers):
        handed(site, case_id, (TOWN, OTHER_TOWN, "379901003")[place], **one)

    assert rows(site.desk("supervisor").get("/contacts").text) == 0


def test_the_board_shows_the_own_area_only_and_is_for_those_who_supervise(site: Site, people: People):
    case_id = call(site, people)
    handed(site, case_id, TOWN)
    site.forward(days=3)

    assert rows(site.desk("county_leader").get("/contacts").text) == 1
    assert rows(site.desk("other_county_county_leader").get("/contacts").text) == 0
    assert site.desk("county_leader").get("/contacts?area=379902").status_code == 404
    assert site.desk("window").get("/contacts").status_code == 403


def test_the_board_goes_into_a_workbook_with_every_chain(site: Site, people: People):
    case_id = call(site, people)
    handed(site, case_id, TOWN, answer="returned")
    handed(site, case_id, OTHER_TOWN, answer="returned")

    answer = site.desk("supervisor").get("/contacts/export.xlsx?flag=pushed_away")

    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    head, row = book.get_sheet_by_index(0).to_python()
    told = dict(zip(head, row, strict=True))
    assert told["问题"] == "推诿"
    assert told["经过"].count("退回：不属职责") == 2
    assert site.desk("county_leader").get("/contacts/export.xlsx").status_code == 403
