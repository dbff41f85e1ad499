"""The fixed people of the tests: each does one job at one place, and every page test tries several of them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.staff.actor import Actor, actor_of
from jieban.staff.passwords import hash_password
from jieban.staff.tables import User, UserRole

TOWN, OTHER_TOWN = "379901001", "379901002"
COUNTY, OTHER_COUNTY = "379901", "379902"
OTHER_COUNTY_TOWN = "379902001"
CITY = "3799"
VILLAGE, OTHER_VILLAGE = "379901001001", "379901002001"
PASSWORD = "lantern-on-the-river-7"

_PEOPLE: dict[str, tuple[str, str, str | None, str]] = {
    "window": ("王芳", "town.window", TOWN, "柳林镇社会救助窗口"),
    "window2": ("赵敏", "town.window", TOWN, "柳林镇社会救助窗口"),
    "investigator1": ("李强", "town.investigator", TOWN, "柳林镇民政办"),
    "investigator2": ("张伟", "town.investigator", TOWN, "柳林镇民政办"),
    "reviewer": ("刘洋", "town.reviewer", TOWN, "柳林镇民政办"),
    "leader": ("陈静", "town.leader", TOWN, "柳林镇人民政府"),
    "county_check": ("杨帆", "county.check", COUNTY, "东河县核对中心"),
    "county_reviewer": ("黄磊", "county.reviewer", COUNTY, "东河县民政局"),
    "county_reviewer2": ("吴婷", "county.reviewer", COUNTY, "东河县民政局"),
    "county_leader": ("周涛", "county.leader", COUNTY, "东河县民政局"),
    "county_finance": ("孙丽", "county.finance", COUNTY, "东河县民政局"),
    "county_treasury": ("方华", "county.treasury", COUNTY, "东河县财政局"),
    "supervisor": ("徐明", "supervisor", CITY, "示例市民政局"),
    "model_admin": ("马超", "model_admin", CITY, "示例市民政局"),
    "sys_admin": ("朱琳", "sys_admin", None, "示例市民政局"),
    "other_town_window": ("胡军", "town.window", OTHER_TOWN, "石桥镇社会救助窗口"),
    "other_county_window": ("郭敏", "town.window", OTHER_COUNTY_TOWN, "青峰镇社会救助窗口"),
    "other_county_investigator1": ("何勇", "town.investigator", OTHER_COUNTY_TOWN, "青峰镇民政办"),
    "other_county_investigator2": ("高燕", "town.investigator", OTHER_COUNTY_TOWN, "青峰镇民政办"),
    "other_county_reviewer": ("林峰", "town.reviewer", OTHER_COUNTY_TOWN, "青峰镇民政办"),
    "other_county_leader": ("罗兰", "town.leader", OTHER_COUNTY_TOWN, "青峰镇人民政府"),
    "other_county_check": ("梁斌", "county.check", OTHER_COUNTY, "西山区核对中心"),
    "other_county_county_reviewer": ("宋佳", "county.reviewer", OTHER_COUNTY, "西山区民政局"),
    "other_county_county_reviewer2": ("谢雨", "county.reviewer", OTHER_COUNTY, "西山区民政局"),
    "other_county_county_leader": ("韩冰", "county.leader", OTHER_COUNTY, "西山区民政局"),
    "other_county_county_finance": ("唐宁", "county.finance", OTHER_COUNTY, "西山区民政局"),
    "nobody": ("无岗位", "", TOWN, "柳林镇"),
    "no_area": ("无辖区", "town.window", None, ""),
}


def add_people(session: Session) -> None:
    """Add all of them with one password; hashing it once keeps the tests quick."""
    stored = hash_password(PASSWORD)
    for username, (name, roles, area_code, unit) in _PEOPLE.items():
        session.add(
            User(
                id=new_id(),
                username=username,
                name=name,
                password_hash=stored,
                area_code=area_code,
                unit=unit,
                post="",
                phone="0539-0000000",
                active=True,
                locale="zh",
                created_at=datetime(2026, 1, 5, 1, tzinfo=UTC),
                roles=[UserRole(role=role) for role in roles.split()],
            )
        )


@dataclass(frozen=True)
class People:
    """The people of one test database, as actors: `people.window`, or `people["window"]`."""

    actors: dict[str, Actor]

    def __getattr__(self, username: str) -> Actor:
        try:
            return self.actors[username]
        except KeyError:
            raise AttributeError(username) from None

    def __getitem__(self, username: str) -> Actor:
        return self.actors[username]


def load_people(session: Session) -> People:
    """Load the actors of a test database."""
    users = session.scalars(select(User).order_by(User.username))
    return People({user.username: actor_of(user) for user in users})
