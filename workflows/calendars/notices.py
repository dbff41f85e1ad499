"""What a calendar rests on: the notice by its number or title and its date, as whoever takes it in says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.workdays import Listed
from jieban.workdays.tables import WHOLE_COUNTRY

_LONGEST = 80
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class Notice:
    """A notice of the State Council, or of the government that gave its area days of its own."""

    title: str
    """number or title, such as 国办发明电〔2025〕7号"""
    dated: date

    @property
    def words(self) -> str:
        return f"{self.title}（{self.dated}）"

    def source(self, file: str) -> str:
        """Say where a day comes from, as the calendar keeps it."""
        return f"{self.words}，{file[-100:]}"

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "dated": self.dated.isoformat()}

    @classmethod
    def from_json(cls, given: dict[str, Any] | None) -> "Notice | None":
        return cls(given["title"], date.fromisoformat(given["dated"])) if given else None


def read_notice(title: str, dated: date | None) -> Notice:
    """Read what was filled in, or raise Invalid."""
    title = " ".join(title.split())
    if len(title) < _FEWEST_LETTERS or len(title) > _LONGEST or not title.isprintable():
        raise Invalid(f"请填写放假通知的文号或标题（{_FEWEST_LETTERS} 至 {_LONGEST} 字）。")
    if title.startswith(("=", "+", "-", "@")):
        raise Invalid("放假通知的文号或标题像是公式，请改为文字。")
    if dated is None:
        raise Invalid("请填写放假通知的印发日期。")
    return Notice(title, dated)


def check_notice(notice: Notice, listed: Iterable[Listed], now: datetime) -> None:
    """Refuse a notice of the future, and one that speaks of a year that nobody had spoken about by then."""
    if notice.dated > local_day(now):
        raise Invalid("放假通知的印发日期不能晚于今天。")
    years = {one.day.year for one in listed if one.area == WHOLE_COUNTRY}
    if years and max(years) > notice.dated.year + 1:
        raise Invalid(f"{notice.dated} 印发的通知不会安排 {max(years)} 年的放假，请核对印发日期。")
