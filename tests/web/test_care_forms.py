"""The forms of services as assistance in the browser: what is known already stands in them."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from jieban.care.importing import seed_sample_supply
from jieban.errors import NotAllowed
from jieban.intake.applications import NewMatter
from jieban.staff.tables import User, UserRole
from tasks.tables import Task
from tests.people import VILLAGE, People, load_people
from tests.web.site import Site
from workflows.cases import open_matter
from workflows.steps import complete_task

MEALS = "东河示例养老服务中心·助餐"
SIDES = dict.fromkeys(
    ("economic", "health", "education", "housing", "employment", "guardianship", "inclusion"), 0
)


class Care:
    """A case of services, gone through by its people."""

    def __init__(self, site: Site, people: People) -> None:
        self.site, self.people = site, people
        form = {"object_kind": "destitute", "found_by": "visit", "need": "一日三餐"}
        with site.database.write() as session:
            seed_sample_supply(session, site.now)
            matter = NewMatter("window", VILLAGE, "赵大爷", phone="0539-1234567", data=form)
            self.case_id = open_matter(
                session, people.window, site.now, matter, procedure="care_service", sample=True
            ).id

    def task(self) -> uuid.UUID:
        with self.site.database.read() as session:
            query = select(Task.id).where(Task.case_id == self.case_id, Task.state == "open")
            return session.scalars(query).one()

    def page(self, username: str) -> str:
        return self.site.desk(username).get(f"/tasks/{self.task()}").text

    def do(self, username: str, data: dict) -> None:
        with self.site.database.write() as session:
            actor = self.people.actors[username]
            complete_task(session, actor, self.site.now, self.task(), data)


def test_each_form_begins_with_what_the_case_knows(site: Site, people: People) -> None:
    care, today = Care(site, people), "2026-11-24"
    care.do("window", {"consent": "yes", "told_on": today, "given_by": "self", "scope_told": True})
    care.do(
        "investigator1",
        {
            **SIDES,
            "health": 2,
            "visited_on": today,
            "place": "柳林村",
            "assessors": [{"username": "investigator1"}, {"username": "investigator2"}],
            "wish": "有人送饭",
            "basis": "腿脚不便",
        },
    )
    listing = care.page("window")
    assert '<option value="basic" selected>' in listing
    assert 'value="康复训练、助餐助浴"' in listing

    care.do("window", {"level": "basic", "needs": [{"item": "meals_bath", "what": "送午饭", "times": 2}]})
    matching = care.page("window")
    assert 'value="送午饭"' in matching
    assert f'<option value="{MEALS}">' in matching
    assert "余 40 个名额" in matching

    care.do("window", {"matches": [{"item": "meals_bath", "what": "送午饭", "service": MEALS}]})
    assert f'<option value="{MEALS}" selected>' in care.page("window")

    service = {"service": MEALS, "what": "送午饭", "times": 1, "from_on": today, "until_on": today}
    care.do("window", {"plan": "signed", "signed_on": today, "signed_by": "self", "services": [service]})
    signing_in = care.page("window")
    assert f'value="{MEALS}"' in signing_in
    assert f'value="{today}"' in signing_in

    care.do(
        "window",
        {
            "result": "done",
            "visited_on": today,
            "arrived": "09:00",
            "left": "09:10",
            "worker": "送餐员",
            "what": "送饭",
            "confirmed_by": "self",
        },
    )
    assert 'name="visits_done"' in care.page("reviewer")
    page = site.desk("window").get(f"/cases/{care.case_id}").text
    assert "助餐助浴" in page
    assert MEALS in page


def test_whoever_made_the_plan_does_not_accept_the_services(site: Site, people: People) -> None:
    """Somebody with both roles may do one of the two for the same person (FW-03)."""
    care, today = Care(site, people), "2026-11-24"
    with site.database.write() as session:
        user = session.scalars(select(User).where(User.username == "window")).one()
        user.roles.append(UserRole(role="town.reviewer"))
    with site.database.read() as session:
        care.people = load_people(session)
    assessors = [{"username": "investigator1"}, {"username": "investigator2"}]
    care.do("window", {"consent": "yes", "told_on": today, "given_by": "self", "scope_told": True})
    assessed = {
        "visited_on": today,
        "place": "柳林村",
        "assessors": assessors,
        "wish": "送饭",
        "basis": "独居",
    }
    care.do("investigator1", {**SIDES, "health": 2, **assessed})
    care.do("window", {"level": "basic", "needs": [{"item": "meals_bath", "what": "送饭", "times": 1}]})
    care.do("window", {"matches": [{"item": "meals_bath", "service": MEALS}]})
    service = {"service": MEALS, "what": "送饭", "times": 1, "from_on": today, "until_on": today}
    care.do("window", {"plan": "signed", "signed_on": today, "signed_by": "self", "services": [service]})
    care.do("window", {"result": "missed", "reason": "没有来"})
    site.now += timedelta(hours=1)
    judged = {"checked_on": today, "quality": "pass", "satisfaction": "fair", "rated_by": "self"}

    with pytest.raises(NotAllowed):
        care.do("window", {**judged, "afterwards": "finish"})
    care.do("reviewer", {**judged, "afterwards": "finish"})
