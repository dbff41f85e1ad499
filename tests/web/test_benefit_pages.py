"""Reviews and changes of what was granted, in the browser."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.payments.making import make_lines
from jieban.people.tables import Person
from jieban.rules.standards.behind import outdated
from tasks.tables import Task
from tests.granted import add_granted
from tests.payments.granted import keep_list
from tests.people import People
from tests.web.site import Site
from tests.workflows.walk import Walk, application
from workflows import reviews
from workflows.steps import complete_task

NEW = "/matters/new?procedure=benefit_change"


def granted(site: Site, people: People) -> tuple[Benefit, Person]:
    benefit = add_granted(site.database, people, site.now, application(site.now))
    with site.database.read() as session:
        return benefit, session.get_one(Person, benefit.person_id)


def register(site: Site, person: Person, **extra: str) -> str:
    form = {
        "channel": "window",
        "area_code": "379901001001",
        "subject": person.name,
        "id_number": person.id_number or "",
        "urban": "rural",
        **{f"extra.{name}": value for name, value in extra.items()},
    }
    answer = site.desk("window").post(NEW, form, follow_redirects=False)
    return answer.headers.get("location", "") or answer.text


def test_the_benefit_is_chosen_from_those_of_the_own_office(site: Site, people: People) -> None:
    """By name or case number; another township does not see who is supported here."""
    benefit, person = granted(site, people)

    own, other = site.desk("window").get(NEW).text, site.desk("other_town_window").get(NEW).text

    assert f'<option value="{benefit.case_number}">{person.name}（最低生活保障，每月 500.00 元）' in own
    assert benefit.case_number not in other
    assert person.name not in other


def test_a_change_is_registered_by_the_number_of_the_case_that_granted_it(site: Site, people: People) -> None:
    """The new case shows what it is about; a second one for the same benefit is refused beside the field."""
    benefit, person = granted(site, people)

    place = register(site, person, benefit=benefit.case_number, change="income")
    again = register(site, person, benefit=benefit.case_number, change="income")

    page = site.desk("window").get(place.split("#")[0]).text
    assert "涉及的待遇" in page
    assert benefit.case_number in page
    assert "这项待遇已有正在办理的变更" in again


def test_whoever_decides_sees_the_proposal_with_its_figures(site: Site, people: People) -> None:
    """Before and after, how it was worked out, and what the person said; the decision letter says the same."""
    benefit, person = granted(site, people)
    register(site, person, benefit=benefit.case_number, change="income")
    steps = [
        (
            "verify_change",
            "investigator1",
            {"result": "true", "incomes": [{"kind": "wage", "monthly": 700}], "finding": "务工"},
        ),
        ("propose_change", "reviewer", {"result": "reduce", "ground": "income", "reason": "月收入 700 元"}),
        (
            "hear_person",
            "reviewer",
            {
                "outcome": "heard",
                "heard_on": "2026-11-24",
                "way": "phone",
                "who": "self",
                "name": person.name,
                "opinion": "收入不稳定",
            },
        ),
    ]
    for element, who, data in steps:
        site.now += timedelta(minutes=1)
        with site.database.write() as session:
            task = session.scalars(select(Task.id).where(Task.element == element, Task.state == "open")).one()
            complete_task(session, people[who], site.now, task, data)
    with site.database.read() as session:
        decide = session.scalars(select(Task).where(Task.element == "decide_town")).one()

    page = site.desk("leader").get(f"/tasks/{decide.id}").text

    for words in ("500.00", "100.00", "月收入 700 元", "收入不稳定"):
        assert words in page
    sent = site.desk("leader").post(
        f"/tasks/{decide.id}/complete", {"decision": "confirm"}, follow_redirects=False
    )
    assert sent.status_code == 303
    with site.database.read() as session:
        changed = session.get_one(Benefit, benefit.id)
        case = session.get_one(Case, decide.case_id)
    assert (changed.amount, case.stage) == (100, "decided")
    assert "社会救助金减发通知书" in site.desk("leader").get(f"/cases/{case.id}").text


def test_ends_that_come_are_told_on_the_page_of_the_case(site: Site, people: People) -> None:
    """The history of the case that granted it says in words that the end was foretold and came."""
    benefit, _ = granted(site, people)
    with site.database.write() as session:
        held = session.get_one(Benefit, benefit.id)
        held.until = date(2027, 1, 31)
    for day in (datetime(2027, 1, 5, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)):
        with site.database.write() as session:
            reviews.foretell_ends(session, day, 10)
            reviews.end_what_ran_out(session, day, 10)

    page = site.desk("window").get(f"/cases/{benefit.case_id}").text

    assert "提醒“最低生活保障”待遇将于 2027-01-31 届满" in page
    assert "“最低生活保障”待遇于 2027-01-31 届满停止" in page


def test_a_month_of_a_new_year_at_the_old_standard_says_so(site: Site, people: People, walk: Walk) -> None:
    """The case keeps the standard of its acceptance; page and payment list say that it has been adjusted since."""
    case = walk.to_the_end()
    site.now = walk.now  # the first day of 2027
    with site.database.write() as session:
        benefit = session.scalars(select(Benefit)).one()
        month = "2027-02"
        made = make_lines(session, case.county_code, case.procedure, month)
        kept = keep_list(session, people["county_finance"], walk.now, made.lines, month)
        kept.case_id = case.id
        before = outdated(session, [benefit], "2026-12")
        after = outdated(session, [benefit], month)
    desk = site.desk("county_reviewer")

    assert (before, after) == ({}, {benefit.id: 2026})
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/payments"):
        assert "按2026年标准，待调整" in desk.get(path).text
    assert "须登记待遇变更逐户作出决定" in desk.get(f"/cases/{case.id}").text
