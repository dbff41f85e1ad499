"""The page of the supply list: the county keeps it, the townships read it, and forms choose from it."""

from sqlalchemy import select

from jieban.care import supply
from jieban.care.importing import seed_sample_supply
from jieban.care.tables import CareSupply
from tests.people import COUNTY, OTHER_COUNTY
from tests.web.site import Site
from tests.workflows.walk import Walk
from web.forms.options import options_in

LINE = {
    "county": COUNTY,
    "provider": "和顺养老中心",
    "kind": "institution",
    "item": "nursing",
    "name": "居家照护",
    "capacity": "2",
    "active": "true",
}


def _rows(site: Site) -> list[CareSupply]:
    with site.database.read() as session:
        return list(session.scalars(select(CareSupply)))


def test_the_county_adds_a_line_and_a_township_reads_it(site: Site) -> None:
    answer = site.desk("county_reviewer").post("/supply", LINE)

    assert answer.status_code in {200, 303}
    assert [(row.label, row.capacity, row.active) for row in _rows(site)] == [
        ("和顺养老中心·居家照护", 2, True)
    ]
    page = site.desk("window").get("/supply").text
    assert "和顺养老中心·居家照护" in page
    assert 'name="provider"' not in page


def test_a_line_is_changed_and_stopped_but_never_removed(site: Site) -> None:
    desk = site.desk("county_reviewer")
    desk.post("/supply", LINE)
    row = _rows(site)[0]
    assert 'value="居家照护"' in desk.get(f"/supply?edit={row.id}").text

    desk.post(
        "/supply", {**LINE, "supply_id": str(row.id), "capacity": "", "active": ""} | {"active": "false"}
    )

    assert [(one.id, one.capacity, one.active) for one in _rows(site)] == [(row.id, None, False)]


def test_what_is_wrong_is_said_beside_the_field(site: Site) -> None:
    desk = site.desk("county_reviewer")
    answer = desk.post("/supply", {**LINE, "item": "money", "capacity": "二"})
    assert answer.status_code == 422
    assert "应为整数" in answer.text
    assert "其他单位填写服务的种类" in desk.post("/supply", {**LINE, "item": "money"}).text

    desk.post("/supply", LINE)
    assert "同名" in desk.post("/supply", LINE).text
    assert len(_rows(site)) == 1


def test_another_county_has_its_own_list(site: Site) -> None:
    assert site.desk("county_reviewer").post("/supply", {**LINE, "county": OTHER_COUNTY}).status_code == 403
    site.desk("county_reviewer").post("/supply", LINE)
    row = _rows(site)[0]
    other = site.desk("other_county_county_reviewer")

    assert other.get(f"/supply?edit={row.id}").status_code == 404
    assert "和顺养老中心" not in other.get("/supply").text
    assert "和顺养老中心" not in site.desk("no_area").get("/supply").text
    assert "和顺养老中心" in site.desk("sys_admin").get(f"/supply?county={COUNTY}").text


def test_what_was_lacking_is_counted_by_people(site: Site, walk: Walk) -> None:
    with site.database.write() as session:
        for _ in range(2):
            supply.note_gap(session, walk.case_id, COUNTY, "rehabilitation", "没有单位", site.now)

    page = site.desk("county_reviewer").get("/supply").text

    assert "近一年的缺口" in page
    assert '康复训练</td><td class="num">1</td>' in page


def test_forms_choose_services_or_charities_of_the_county(site: Site) -> None:
    with site.database.write() as session:
        seed_sample_supply(session, site.now)
    with site.database.read() as session:
        options = options_in(session, f"{COUNTY}001")
        services, charities = dict(options("services")), dict(options("charities"))

    assert (
        services["东河示例养老服务中心·居家康复"] == "东河示例养老服务中心·居家康复（康复训练，余 1 个名额）"
    )
    assert charities["东河示例慈善总会·困难家庭慰问"] == "东河示例慈善总会·困难家庭慰问（救助资金）"
    assert not services.keys() & charities.keys()
