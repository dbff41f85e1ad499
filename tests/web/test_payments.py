"""The pages of a payment list: who sees what, the file that goes out, the answer that comes in."""

import csv
import io
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from jieban.audit.tables import ReadRecord
from jieban.intake.applications import NewMatter
from jieban.payments.bank_file import sha256_of
from jieban.payments.columns import ANSWERED
from jieban.payments.tables import PaymentLine, PaymentList
from tasks.tables import Task
from tests.payments.granted import grant
from tests.people import COUNTY, People
from tests.web.site import Desk, Site
from workflows.cases import open_matter
from workflows.steps import complete_task

BANK = {"sent_on": "2026-11-24", "bank": "示例农商银行", "way": "system"}


@dataclass
class Run:
    """A payment run of two households in two townships, one in each."""

    site: Site
    people: People
    case_id: uuid.UUID

    @classmethod
    def begin(cls, site: Site, people: People) -> "Run":
        with site.database.write() as session:
            grant(session, people.window, site.now, "600")
            grant(session, people.window, site.now, "450.50", village="379901002001")
        with site.database.write() as session:
            matter = NewMatter(
                "office",
                COUNTY,
                "2026年11月低保金",
                data={"month": "2026-11", "aid": "subsistence_allowance"},
            )
            case = open_matter(session, people.county_reviewer, site.now, matter, procedure="payment_run")
            return cls(site, people, case.id)

    def do(self, who: str, element: str, **data: Any) -> None:
        with self.site.database.write() as session:
            query = select(Task.id).where(
                Task.case_id == self.case_id, Task.element == element, Task.state == "open"
            )
            task_id = session.scalars(query).one()
            complete_task(session, self.people[who], self.site.now, task_id, data)

    def to_the_bank(self) -> None:
        self.do("county_reviewer", "make_list", action="build")
        self.do("county_reviewer2", "check_list", result="pass")
        self.do("county_treasury", "treasury_review", result="approve", fund="2081901")
        self.do("county_finance", "send_file", **BANK)

    def lines(self) -> list[PaymentLine]:
        with self.site.database.read() as session:
            return list(session.scalars(select(PaymentLine).order_by(PaymentLine.number)))

    def post(self, desk: Desk, content: bytes, name: str = "回盘.csv") -> Any:
        files = {"upload": (name, content, "application/octet-stream")}
        return desk.post(f"/cases/{self.case_id}/payments/receipt", files=files)


@pytest.fixture
def run(site: Site, people: People) -> Run:
    return Run.begin(site, people)


def _answered(content: bytes, day: datetime, **returned: str) -> bytes:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0], *ANSWERED])
    writer.writeheader()
    for row in rows:
        reason = returned.get(f"no{row['序号']}")
        answer = (
            {"结果": "退回", "退回原因": reason}
            if reason
            else {"结果": "成功", "交易日期": f"{day:%Y-%m-%d}"}
        )
        writer.writerow({**row, **({} if row["序号"] == "合计" else answer)})
    return out.getvalue().encode("utf-8-sig")


def test_the_case_shows_the_list_with_its_sums_its_digest_and_masked_accounts(site: Site, run: Run) -> None:
    run.do("county_reviewer", "make_list", action="build")
    with site.database.read() as session:
        the_list = session.scalars(select(PaymentList)).one()

    page = site.desk("county_reviewer2").get(f"/cases/{run.case_id}").text

    assert "发放名册" in page
    assert the_list.digest in page
    assert "1,050.50" in page
    assert all(line.account_number not in page for line in run.lines())
    assert "file.csv" not in page


def test_the_file_goes_to_the_payment_clerk_alone_and_is_the_one_that_was_recorded(
    site: Site, run: Run
) -> None:
    path = f"/cases/{run.case_id}/payments/file.csv"
    run.do("county_reviewer", "make_list", action="build")
    assert site.desk("county_finance").get(path).status_code == 409
    run.do("county_reviewer2", "check_list", result="pass")
    run.do("county_treasury", "treasury_review", result="approve", fund="2081901")
    assert site.desk("county_reviewer").get(path).status_code == 403

    answer = site.desk("county_finance").get(path)
    run.do("county_finance", "send_file", **BANK)

    with site.database.read() as session:
        the_list = session.scalars(select(PaymentList)).one()
        assert "export" in session.scalars(select(ReadRecord.what)).all()
    assert the_list.sent_sha256 == sha256_of(answer.content)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert the_list.digest[:8] in answer.headers["content-disposition"]
    assert site.desk("county_finance").get(path.replace("csv", "xlsx")).content.startswith(b"PK")
    assert site.desk("county_finance").get(path.replace("csv", "exe")).status_code == 404


def test_a_list_that_somebody_changed_in_the_database_goes_nowhere(site: Site, run: Run) -> None:
    run.do("county_reviewer", "make_list", action="build")
    run.do("county_reviewer2", "check_list", result="pass")
    run.do("county_treasury", "treasury_review", result="approve", fund="2081901")
    with site.database.write() as session:
        session.scalars(select(PaymentLine).where(PaymentLine.number == 1)).one().account_number = "62999"
    desk = site.desk("county_finance")

    answer = desk.get(f"/cases/{run.case_id}/payments/file.csv")
    task = site.desk("county_finance")
    with site.database.read() as session:
        task_id = session.scalars(select(Task.id).where(Task.element == "send_file")).one()
    sent = task.post(f"/tasks/{task_id}/complete", BANK)

    assert (answer.status_code, sent.status_code) == (409, 409)
    assert "与编制时不一致" in answer.text
    assert "与编制时不一致" in sent.text


def test_the_answer_is_taken_once_and_the_townships_see_what_came_back_of_theirs(
    site: Site, run: Run
) -> None:
    run.to_the_bank()
    desk = site.desk("county_finance")
    sent = desk.get(f"/cases/{run.case_id}/payments/file.csv").content
    back = _answered(sent, site.now, no1="账户已销户")

    assert run.post(desk, back).status_code == 303
    assert run.post(desk, back).status_code == 303
    assert [line.state for line in run.lines()] == ["returned", "paid"]
    run.do("county_finance", "reconcile")

    first, second = run.lines()
    window = site.desk("window")
    assert first.holder in window.get(f"/cases/{run.case_id}/payments").text
    assert str(second.account_number)[-4:] not in window.get(f"/cases/{run.case_id}/payments").text
    assert site.desk("other_town_window").get(f"/cases/{run.case_id}/payments").status_code == 404
    with site.database.read() as session:
        task_id = session.scalars(select(Task.id).where(Task.element == "follow_returns")).one()
    form = window.get(f"/tasks/{task_id}").text
    assert first.holder in form
    assert "账户已销户" in form


def test_wrong_rows_are_listed_with_the_reason(site: Site, run: Run) -> None:
    run.to_the_bank()
    desk = site.desk("county_finance")
    sent = desk.get(f"/cases/{run.case_id}/payments/file.csv").content
    back = _answered(sent, site.now).replace(b"600.00", b"60.00", 1)

    answer = run.post(desk, back)

    assert answer.status_code == 422
    assert "名册为 600.00 元" in answer.text
    assert "发放成功 1 笔" in answer.text
    assert [line.state for line in run.lines()] == ["listed", "paid"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "请选择银行回盘文件"),
        (b"x", "a.doc", "请选择银行回盘文件"),
        (b"PK\x03\x04", "a.xlsx", "文件"),
    ],
)
def test_a_file_that_is_none_gets_a_clear_answer(
    site: Site, run: Run, content: bytes, name: str, said: str
) -> None:
    run.to_the_bank()

    answer = run.post(site.desk("county_finance"), content, name)

    assert answer.status_code == 422
    assert said in answer.text


def test_only_the_payment_clerk_of_the_county_takes_the_answer(site: Site, run: Run) -> None:
    run.to_the_bank()
    sent = site.desk("county_finance").get(f"/cases/{run.case_id}/payments/file.csv").content
    back = _answered(sent, site.now)

    codes = [
        run.post(site.desk(who), back).status_code
        for who in ("county_reviewer", "county_treasury", "other_county_county_finance", "supervisor")
    ]

    assert codes == [403, 403, 404, 403]
    assert [line.state for line in run.lines()] == ["listed", "listed"]


def test_the_page_shows_one_state_and_goes_on_from_a_number(site: Site, run: Run) -> None:
    run.to_the_bank()
    desk, first = site.desk("county_finance"), run.lines()[0]

    held = desk.get(f"/cases/{run.case_id}/payments?state=held").text
    rest = desk.get(f"/cases/{run.case_id}/payments?after=1").text

    assert "没有这样的记录" in held
    assert first.account_number[-4:] not in rest
