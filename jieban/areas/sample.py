"""The sample city: no real place has these codes or names. The demonstration and the tests both stand on it."""

from sqlalchemy.orm import Session

from jieban.areas.lookup import level_of
from jieban.areas.tables import Area

SAMPLE_AREAS: dict[str, str] = {
    "37": "山东省",
    "3799": "示例市",
    "379901": "东河县(示例)",
    "379901001": "柳林镇",
    "379901001001": "柳林村",
    "379901001002": "大王村",
    "379901001003": "河东社区",
    "379901002": "石桥镇",
    "379901002001": "石桥村",
    "379901002002": "前屯村",
    "379901003": "城关街道",
    "379901003001": "文化路社区",
    "379901003002": "东关社区",
    "379902": "西山区(示例)",
    "379902001": "青峰镇",
    "379902001001": "青峰村",
    "379902001002": "岭下村",
    "379902002": "白云镇",
    "379902002001": "白云村",
    "379902002002": "南坡村",
    "379902003": "西山街道",
    "379902003001": "新华社区",
    "379902003002": "西苑社区",
}


def seed_sample_areas(session: Session) -> None:
    """Add the sample places that are not there yet."""
    full: dict[str, str] = {}
    for code, name in SAMPLE_AREAS.items():
        parent = max((other for other in full if code.startswith(other)), key=len, default=None)
        full[code] = full[parent] + name if parent else name
        if session.get(Area, code) is None:
            session.add(
                Area(
                    code=code,
                    name=name,
                    full_name=full[code],
                    level=level_of(code),
                    parent_code=parent,
                    sample=len(code) > 2,
                )
            )
            # Each place refers to the one above, so they are written in the order of the table above.
            session.flush()
