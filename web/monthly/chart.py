"""The course of some months as bars, drawn as SVG: no script, and it prints."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.monthly import Month

WIDTH, HEIGHT = 640, 170
_TOP, _BOTTOM, _LEFT = 16, 22, 34
_BAR, _GAP = 16, 4


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    height: int
    count: int
    kind: str
    """received, in_time, late"""


@dataclass(frozen=True)
class Group:
    """The three bars of a month, with the middle under which it is named."""

    name: str
    middle: int
    bars: list[Bar]


@dataclass(frozen=True)
class Chart:
    groups: list[Group]
    lines: list[tuple[int, int]]
    """height and number of each line across"""


def draw(months: Sequence[Month]) -> Chart:
    """Place the bars; the highest stands for the largest number."""
    most = max((max(one.received, one.in_time, one.late) for one in months), default=0)
    top = _round_up(most)
    room = HEIGHT - _TOP - _BOTTOM
    width = (WIDTH - _LEFT) // max(len(months), 1)
    groups = []
    for place, one in enumerate(months):
        start = _LEFT + place * width + (width - 3 * _BAR - 2 * _GAP) // 2
        bars = []
        for number, kind in enumerate(("received", "in_time", "late")):
            count = getattr(one, kind)
            height = round(room * count / top)
            bars.append(Bar(start + number * (_BAR + _GAP), HEIGHT - _BOTTOM - height, height, count, kind))
        groups.append(Group(f"{one.first:%Y-%m}", start + (3 * _BAR + 2 * _GAP) // 2, bars))
    lines = [(HEIGHT - _BOTTOM - round(room * part / 2), top * part // 2) for part in (0, 1, 2)]
    return Chart(groups, lines)


def _round_up(most: int) -> int:
    """Give an even number of one digit and noughts that is not below."""
    step = max(int(10 ** (len(str(most)) - 1)), 2)
    return max(-(-most // step) * step, 2)
