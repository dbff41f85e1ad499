"""Names on public sheets."""

from datetime import date

_ADULT = 18
_DOUBLE = [
    "欧阳",
    "太史",
    "端木",
    "上官",
    "司马",
    "东方",
    "独孤",
    "南宫",
    "万俟",
    "闻人",
    "夏侯",
    "诸葛",
    "尉迟",
    "公羊",
    "赫连",
    "澹台",
    "皇甫",
    "宗政",
    "濮阳",
    "公冶",
    "太叔",
    "申屠",
    "公孙",
    "慕容",
    "仲孙",
    "钟离",
    "长孙",
    "宇文",
    "司徒",
    "鲜于",
    "司空",
    "令狐",
]


def public_name(name: str, birth_date: date | None, day: date) -> str:
    """Write a name as a board may show it: a child is a surname alone, since all data of a child is sensitive (GS-12)."""
    if birth_date is None or not is_child(birth_date, day):
        return name
    return short_name(name)


def short_name(name: str) -> str:
    """Write a surname alone, for a list that is looked through without need to know whom it is about."""
    surname = name[:2] if name[:2] in _DOUBLE else name[:1]
    return f"{surname}某"


def is_child(born: date, day: date) -> bool:
    """Tell whether somebody born on a day is under eighteen on another."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) < _ADULT
