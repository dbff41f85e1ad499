from dataclasses import dataclass, field
from typing import Any

_WORST = 20


@dataclass
class Swept:
    """What one sweep did: totals, the worst rows for the report, and whether it ran out of time."""

    done: int = 0
    set_aside: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    worst: list[dict[str, Any]] = field(default_factory=list)
    unfinished: bool = False
    reached: str = ""
    """how far a sweep has come that does each day or month once, where the next one goes on"""

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number

    def show(self, row: dict[str, Any]) -> None:
        """Keep a row for the report; sweeps work oldest first, so the first ones are the worst."""
        if len(self.worst) < _WORST:
            self.worst.append(row)

    @property
    def did_something(self) -> bool:
        return bool(self.done or self.set_aside)

    def totals(self) -> dict[str, Any]:
        """Give the totals as JSON, for the health page and the record of the run."""
        totals = {
            "done": self.done,
            "set_aside": self.set_aside,
            "unfinished": self.unfinished,
            **self.counts,
        }
        return totals | ({"reached": self.reached} if self.reached else {})
