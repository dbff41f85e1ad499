"""Who may do what, as a matrix: written out here once more, so that a slip in the table is seen."""

import pytest

from jieban.errors import NotAllowed
from jieban.ids import new_id
from jieban.staff.actor import Actor, within
from jieban.staff.roles import ROLES, permissions_of, role_at, role_title
from tasks.tables import Task
from tests.people import COUNTY, OTHER_COUNTY_TOWN, OTHER_TOWN, TOWN

TOWN_STAFF = {"town.window", "town.investigator", "town.reviewer", "town.leader"}
COUNTY_STAFF = {"county.check", "county.reviewer", "county.leader", "county.finance", "county.treasury"}
CASE_STAFF = TOWN_STAFF | COUNTY_STAFF

MAY = {
    "case.read": CASE_STAFF | {"supervisor"},
    "case.area": (CASE_STAFF - {"county.finance", "county.treasury"}) | {"supervisor"},
    "task.work": CASE_STAFF,
    "case.register": {"town.window"},
    "objection.register": {"town.window", "town.reviewer", "county.reviewer"},
    "extension.ask": {"town.window", "town.investigator", "town.reviewer", "county.reviewer"},
    "extension.approve": {"town.leader", "county.leader"},
    "task.assign": {"town.leader", "county.leader"},
    "overdue.read": {"town.leader", "county.leader", "supervisor"},
    "order.issue": {"town.leader", "county.leader", "supervisor"},
    "ledger.read": {"supervisor", "sys_admin"},
    "report.export": {"supervisor"},
    "model.read": {"model_admin", "sys_admin"},
    "model.edit": {"model_admin"},
    "model.publish": {"model_admin"},
    "incident.retry": {"model_admin"},
    "rules.read": {"model_admin", "sys_admin"},
    "rules.edit": {"sys_admin"},
    "calendar.read": {"model_admin", "sys_admin", "supervisor"},
    "calendar.act": {"sys_admin", "supervisor"},
    "calendar.confirm": {"supervisor"},
    "staff.manage": {"sys_admin"},
    "health.read": {"sys_admin"},
    "supply.read": (TOWN_STAFF - {"town.leader"}) | {"county.reviewer", "county.leader", "sys_admin"},
    "supply.edit": {"county.reviewer", "sys_admin"},
}


def test_the_matrix_knows_every_permission():
    assert set(MAY) == permissions_of(frozenset(ROLES))


@pytest.mark.parametrize("permission", MAY)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_exactly_what_the_matrix_says(role, permission):
    actor = Actor(new_id(), "某人", TOWN, frozenset({role}))

    assert actor.may(permission) is (role in MAY[permission])
    if role not in MAY[permission]:
        with pytest.raises(NotAllowed):
            actor.require(permission)


@pytest.mark.parametrize("roles", [set(), {"king"}])
def test_without_a_known_role_nothing_is_allowed(roles):
    assert Actor(new_id(), "某人", TOWN, frozenset(roles)).permissions == frozenset()


@pytest.mark.parametrize("role", ["model_admin", "sys_admin"])
def test_administrators_see_no_case(role):
    """Who can change the program's rules does not read people's files with the same account."""
    assert not permissions_of(frozenset({role})) & {"case.read", "task.work", "case.register"}


def test_every_role_has_a_name_in_both_languages_and_a_level():
    for role in ROLES.values():
        assert role.name
        assert role.english.isascii()
        assert role.level in {"town", "county", "any"}


@pytest.mark.parametrize(
    ("area", "covered", "not_covered"),
    [
        (TOWN, [TOWN, "379901001001"], [COUNTY, OTHER_TOWN, OTHER_COUNTY_TOWN]),
        (COUNTY, [COUNTY, TOWN, OTHER_TOWN], ["3799", OTHER_COUNTY_TOWN]),
        ("3799", [COUNTY, OTHER_COUNTY_TOWN], ["37", "370102"]),
        (None, [], [TOWN, COUNTY, "37", ""]),
    ],
)
def test_an_area_covers_itself_and_all_below(area, covered, not_covered):
    actor = Actor(new_id(), "某人", area, frozenset())

    assert all(actor.covers(place) for place in covered)
    assert not any(actor.covers(place) for place in [*not_covered, None])


@pytest.mark.parametrize(
    ("area", "condition"),
    [
        (TOWN, f"task.town_code = '{TOWN}'"),
        (COUNTY, f"task.county_code = '{COUNTY}'"),
        ("3799", "task.city_code = '3799'"),
        ("37", "task.city_code LIKE '37' || '%' ESCAPE '/'"),
        ("379901001001", "false"),
        (None, "false"),
        ("", "false"),
        ("*", "false"),
        ("3", "false"),
    ],
)
def test_a_query_takes_the_column_of_the_actors_level(area, condition):
    """Equality on one column uses its index; an area that is none of the levels sees nothing."""
    made = within(Actor(new_id(), "某人", area, frozenset()), Task)

    assert str(made.compile(compile_kwargs={"literal_binds": True})) == condition


@pytest.mark.parametrize(
    ("named", "town", "role"),
    [
        ("town.window county.reviewer", TOWN, "town.window"),
        ("town.window county.reviewer", f"{COUNTY}000", "county.reviewer"),
        ("town.leader county.leader", f"{COUNTY}000", "county.leader"),
        ("county.leader", TOWN, "county.leader"),
        ("town.window", f"{COUNTY}000", "town.window"),
        ("supervisor", f"{COUNTY}000", "supervisor"),
        ("", TOWN, ""),
    ],
)
def test_a_step_of_either_level_is_done_by_the_role_of_the_office(named: str, town: str, role: str):
    """Of the roles that a step names, the one of the office's level acts; a single one acts everywhere."""
    assert role_at(named, town) == role


def test_roles_that_are_named_together_have_one_title():
    assert role_title("town.leader county.leader") == "分管领导（乡镇或县级）"
    assert role_title("town.window county.check", english=True) == "Window clerk, County checker"
    assert role_title("town.mayor") == "town.mayor"
