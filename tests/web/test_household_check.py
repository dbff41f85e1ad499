"""A household check that stands alone: what was asked of whom is on the page, with what is still awaited."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from jieban.intake.applications import NewMatter
from tasks.tables import Task
from tests.people import VILLAGE, People
from tests.web.site import Site
from workflows.cases import open_matter
from workflows.steps import complete_task

CONSENT = {"member": "钱桂兰", "by": "self"}


@pytest.fixture
def case_id(site: Site, people: People) -> uuid.UUID:
    data = {"purpose": "other", "asked_by": "住房保障中心", "content": "公共租赁住房"}
    matter = NewMatter("window", VILLAGE, "钱桂兰", phone="0539-7654321", data=data)
    with site.database.write() as session:
        return open_matter(session, people["window"], site.now, matter, procedure="household_check").id


def do(site: Site, people: People, case_id: uuid.UUID, element: str, data: Mapping[str, Any]) -> None:
    with site.database.write() as session:
        query = select(Task).where(Task.case_id == case_id, Task.element == element, Task.state == "open")
        complete_task(session, people["county_check"], site.now, session.scalars(query).one().id, data)


def test_requests_and_answers_stand_with_the_check(site: Site, people: People, case_id: uuid.UUID) -> None:
    """A late answer is marked, and one that has not come says by when it was wanted."""
    asked_on = site.now.date()
    requests = [
        {"body": "tax", "item": "tax", "about": "钱桂兰"},
        {"body": "payment", "item": "internet_finance", "about": "钱桂兰"},
    ]
    consents = [{**CONSENT, "signed_on": asked_on.isoformat()}]
    given = {"authorised": True, "departments": ["bank"], "consents": consents, "requests": requests}
    do(site, people, case_id, "start_check", given)
    site.forward(days=20)
    answer = {"body": "tax", "item": "tax", "answered_on": site.now.date().isoformat(), "found": "none"}
    do(site, people, case_id, "collect_answers", {"answers": [answer], "next": "wait"})

    page = site.desk("window").get(f"/cases/{case_id}").text

    assert "税务 · 纳税记录" in page
    assert "没有记录" in page
    assert "迟到" in page
    assert "非银行支付机构 · 互联网金融资产" in page
    assert "等待反馈" in page


def test_the_form_of_the_check_opens_on_the_query(site: Site, people: People, case_id: uuid.UUID) -> None:
    """The usual way is chosen already, so that the departments are there to be ticked."""
    with site.database.read() as session:
        task = session.scalars(select(Task.id).where(Task.case_id == case_id)).one()

    page = site.desk("county_check").get(f"/tasks/{task}").text

    assert "逐人授权" in page
    assert 'value="query" checked' in page or 'checked value="query"' in page
