"""Who plays: a fixed staff for the township of the scenario, its county and its city, and a made-up household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.intake.applications import NewApplication, NewIncome, NewMatter, NewMember
from jieban.people.id_numbers import check_digit
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User, UserRole
from workflows.scenarios.reading import ScenarioError, moment

_TOWN, _COUNTY, _CITY = 9, 6, 4

# Key in the scenario files: name, roles, length of the area code that they answer for.
STAFF: dict[str, tuple[str, str, int]] = {
    "window": ("王芳", "town.window", _TOWN),
    "investigator1": ("李强", "town.investigator", _TOWN),
    "investigator2": ("张伟", "town.investigator", _TOWN),
    "investigator3": ("何勇", "town.investigator", _TOWN),
    "reviewer": ("刘洋", "town.reviewer", _TOWN),
    "leader": ("陈静", "town.leader", _TOWN),
    "leader2": ("罗兰", "town.leader", _TOWN),
    "two_hats": ("赵敏", "town.investigator town.reviewer town.leader", _TOWN),
    "check": ("杨帆", "county.check", _COUNTY),
    "county_reviewer1": ("黄磊", "county.reviewer", _COUNTY),
    "county_reviewer2": ("吴婷", "county.reviewer", _COUNTY),
    "county_leader": ("周涛", "county.leader", _COUNTY),
    "county_two_hats": ("宋佳", "county.reviewer county.leader county.finance", _COUNTY),
    "finance": ("孙丽", "county.finance", _COUNTY),
    "treasury": ("方华", "county.treasury", _COUNTY),
    "supervisor": ("徐明", "supervisor", _CITY),
    "counter_leader": ("高原", "town.window town.leader", _TOWN),
}
NEIGHBOURS = {
    "other_window": ("胡军", "town.window"),
    "other_reviewer": ("孟秋", "town.reviewer"),
    "other_leader": ("田野", "town.leader"),
}
"""The staff of another township of the county, to whom a matter may be handed: name, roles."""


def neighbour(town_code: str) -> str:
    """Name the other township of a sample county, as an area code."""
    return town_code[:6] + ("001" if town_code.endswith("002") else "002")


@dataclass(frozen=True)
class Kin:
    """A made-up member of the household of a story."""

    name: str
    relation: str
    id_number: str


def made_up_number(born: str, order: int) -> str:
    """Make an identity number of a place that does not exist."""
    body = f"379900{born}{order:03d}"
    return body + check_digit(body)


HOUSEHOLD = (
    Kin("张建国", "self", made_up_number("19680305", 981)),
    Kin("李秀英", "spouse", made_up_number("19700812", 982)),
    Kin("张小明", "child", made_up_number("20110601", 985)),
    Kin("张小红", "child", made_up_number("20140920", 986)),
    Kin("张德福", "parent", made_up_number("19420115", 989)),
)
"""The members in the order in which they are added to the household."""
_NAMES_OF_STAFF = frozenset(
    {"first_investigator", "second_investigator", "username", "handler", "accused_staff"}
)


@dataclass(frozen=True)
class Cast:
    """The staff of one scenario, by key and by role."""

    users: Mapping[str, User]
    names: dict[str, str] = field(default_factory=dict)
    """what a story calls "$benefit" and the like, by the ids that they have got"""
    household: Sequence[Kin] = HOUSEHOLD

    def actor(self, who: str) -> Actor:
        """Return whoever the scenario names: a key, or a role (then the first who has it)."""
        if who in self.users:
            return actor_of(self.users[who])
        for user in self.users.values():
            if who in {row.role for row in user.roles}:
                return actor_of(user)
        raise ScenarioError(f"没有“{who}”这个人或岗位。")

    def with_accounts(self, data: Any) -> Any:
        """Write the accounts of the staff where a form names them."""
        if isinstance(data, str):
            return self.names.get(data, data)
        if isinstance(data, list):
            return [self.with_accounts(one) for one in data]
        if not isinstance(data, dict):
            return data
        return {
            key: self.users[value].username
            if key in _NAMES_OF_STAFF and value in self.users
            else self.with_accounts(value)
            for key, value in data.items()
        }


def add_staff(session: Session, town_code: str, now: datetime) -> Cast:
    """Add the staff for one scenario; nobody can sign in with these accounts."""
    places = {key: (name, roles, town_code[:length]) for key, (name, roles, length) in STAFF.items()}
    places |= {key: (name, roles, neighbour(town_code)) for key, (name, roles) in NEIGHBOURS.items()}
    users = {
        key: User(
            id=new_id(),
            username=f"scenario.{key}",
            name=name,
            password_hash="!",  # noqa: S106 - no password has this hash
            area_code=area,
            unit="示例单位",
            phone="0539-0000000",
            active=True,
            created_at=now,
            sample=True,
            roles=[UserRole(role=role) for role in roles.split()],
        )
        for key, (name, roles, area) in places.items()
    }
    session.add_all(users.values())
    session.flush()
    return Cast(users)


def account_of(id_number: str | None) -> str:
    """Make up the bank account of somebody; no two people have the same."""
    return f"62{(id_number or '')[:17]:0<17}"


def application(given: Mapping[str, Any], household: Sequence[Kin] = HOUSEHOLD) -> NewApplication:
    """Make the application of a scenario; what it does not say is ordinary."""
    size = int(given.get("household", 2))
    own = {row["name"]: row for row in given.get("members") or ()}
    members = tuple(
        _member(one.name, one.id_number, one.relation, own.get(one.name, {})) for one in household[:size]
    )
    day = given.get("applied_on") or moment(given["at"]).date().isoformat()
    income = Decimal(str(given.get("income", 0)))
    relatives = tuple(dict(row) for row in given.get("relatives", ()))
    ordinary = NewApplication(
        channel=str(given.get("channel", "window")),
        applied_on=date.fromisoformat(str(day)),
        urban=bool(given.get("urban", False)),
        village_code=str(given["village"]),
        address="示例路 1 号",
        phone="0539-0000000",
        members=members,
        reason="收入减少,生活困难",
        truth_promised=True,
        check_authorised=True,
        account_holder=members[0].name,
        account_bank="示例农商银行",
        account_number=account_of(members[0].id_number),
        relatives_declared=bool(relatives),
        relatives=relatives,
        incomes=(NewIncome(members[0].name, "wage", income),) if income else (),
        papers=("application_form", "id_card", "household_book", "check_authorisation", "truth_promise"),
        extra=dict(given.get("form") or {}),
    )
    return replace(ordinary, **(given.get("application") or {}))


def _member(name: str, number: str, relation: str, own: Mapping[str, Any]) -> NewMember:
    """Make a member; a scenario may say of one by name what is special."""
    return NewMember(
        name,
        str(own.get("id_number", number)),
        relation,
        counted=bool(own.get("counted", True)),
        not_counted_reason=str(own.get("not_counted_reason", "")),
        work_ability=str(own.get("work_ability", "")),
        health=str(own.get("health", "")),
        disability=str(own.get("disability", "")),
    )


def matter(given: Mapping[str, Any], personal: bool, household: Sequence[Kin] = HOUSEHOLD) -> NewMatter:
    """Make the matter of a scenario; what it does not say is ordinary."""
    own = given.get("matter") or {}
    subject = str(own.get("subject") or (household[0].name if personal else "示例事项"))
    number = own.get("id_number", id_number_of(subject, household) if personal else None)
    return NewMatter(
        channel=str(own.get("channel") or given.get("channel") or ("window" if personal else "office")),
        area_code=str(own.get("area") or given["village"]),
        subject=subject,
        id_number=str(number) if number else None,
        phone=str(own.get("phone", "0539-0000000" if personal else "")),
        urban=bool(own.get("urban", given.get("urban", False))),
        data=dict(given.get("form") or {}),
    )


def id_number_of(name: str, household: Sequence[Kin] = HOUSEHOLD) -> str | None:
    """Return the made-up number of a member of the household; None for anybody else."""
    return next((one.id_number for one in household if one.name == name), None)
