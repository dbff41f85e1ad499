"""About forty members of staff in two counties and six townships; nobody of them exists."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jieban.areas.lookup import full_name
from jieban.demo.people import id_number
from jieban.ids import new_id
from jieban.staff.passwords import hash_password
from jieban.staff.tables import User, UserRole
from notifications.letters.organs import county_organ, town_organ

TOWNS = ("379901001", "379901002", "379901003", "379902001", "379902002", "379902003")
COUNTIES = ("379901", "379902")
_COUNTY = 6


@dataclass(frozen=True)
class Post:
    username: str
    name: str
    role: str
    title: str
    area: str


_TOWN_POSTS = [
    ("window", "town.window", "窗口经办人"),
    ("visitor", "town.investigator", "入户调查员"),
    ("visitor_b", "town.investigator", "入户调查员"),
    ("reviewer", "town.reviewer", "民政办主任"),
    ("leader", "town.leader", "分管领导"),
]
_COUNTY_POSTS = [
    ("check", "county.check", "核对中心核对员"),
    ("county", "county.reviewer", "社会救助科审核人"),
    ("county_b", "county.reviewer", "社会救助科审核人"),
    ("county_leader", "county.leader", "分管领导"),
    ("finance", "county.finance", "资金发放经办人"),
    ("treasury", "county.treasury", "社保股审核人"),
]
_NAMES = [
    "王秀兰",
    "李建国",
    "张海燕",
    "刘洪波",
    "陈丽华",
    "孙志强",
    "杨春梅",
    "赵明远",
    "黄素芬",
    "周玉山",
    "吴晓东",
    "徐桂英",
    "马文涛",
    "朱红霞",
    "胡德利",
    "郭爱玲",
    "何振华",
    "高淑琴",
    "林庆生",
    "罗慧敏",
    "郑立新",
    "梁雪梅",
    "谢大勇",
    "宋晓丽",
    "唐国栋",
    "许凤英",
    "邓少华",
    "冯玉洁",
    "韩冬生",
    "曹瑞芳",
    "彭志刚",
    "曾祥云",
    "萧玉梅",
    "田永福",
    "董丽娟",
    "潘建军",
    "袁桂芝",
    "蔡明亮",
    "蒋秋菊",
    "余海涛",
    "石文娟",
    "邱立民",
]


def posts() -> list[Post]:
    """List every account of the demonstration; those of the first township have the plain names."""
    names = iter(_NAMES)
    found = []
    for number, town in enumerate(TOWNS, 1):
        found += [
            Post(_numbered(key, number), next(names), role, title, town) for key, role, title in _TOWN_POSTS
        ]
    for number, county in enumerate(COUNTIES, 1):
        found += [
            Post(_numbered(key, number), next(names), role, title, county)
            for key, role, title in _COUNTY_POSTS
        ]
    return [
        *found,
        Post("supervisor", "乔正言", "supervisor", "督办人", "3799"),
        Post("modeler", "沈知行", "model_admin", "流程管理员", "3799"),
        Post("admin", "管理员", "sys_admin", "系统管理员", "3799"),
    ]


def _unit(place: str, post: Post) -> str:
    """Name where somebody works; what the name says already does not stand in the title too."""
    if post.role == "county.treasury":
        return f"{place}财政局"
    return town_organ(place) if len(post.area) > _COUNTY else county_organ(place)


def _numbered(key: str, number: int) -> str:
    return key if number == 1 else f"{key}{number}"


def add_staff(session: Session, now: datetime, password: str) -> dict[str, User]:
    """Add the accounts; they share one password, which is why they exist in the demonstration alone."""
    shared = hash_password(password)
    users = {}
    for place, post in enumerate(posts()):
        user = User(
            id=new_id(),
            username=post.username,
            name=post.name,
            id_number=id_number(1970 + place % 25, place % 12 + 1, place % 28 + 1, 900 + place),
            password_hash=shared,
            area_code=post.area,
            unit=_unit(full_name(session, post.area), post),
            post=post.title,
            phone=f"0539-6{place:06d}",
            created_at=now,
            sample=True,
            roles=[UserRole(role=post.role)],
        )
        session.add(user)
        users[post.username] = user
    session.flush()  # cases point at their first receivers
    return users
