"""The other procedures in the demonstration: scenarios of their models, lived through by its staff in the last weeks."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.sample import SAMPLE_AREAS
from jieban.database import Database
from jieban.demo.people import draw_name, id_number
from jieban.demo.staff import TOWNS
from jieban.errors import JiebanError
from jieban.staff.tables import User
from notifications.letters.organs import town_organ
from workflows.scenarios.cast import HOUSEHOLD, NEIGHBOURS, STAFF, Cast, Kin, neighbour
from workflows.scenarios.granted import add_benefits
from workflows.scenarios.playing import Player
from workflows.scenarios.reading import Scenario, Step, moment, read_folder

_EACH = 4
"""So many scenarios of each procedure."""
_STOPPED = 0.4
"""So many of them are still in hand."""
_DATE = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)(?=\b|T)")
_MONTH = re.compile(r"20\d\d-\d\d")
_LEFT_OUT = frozenset({"subsistence_allowance"})
"""Its cases are drawn one by one."""


def load_stories(database: Database, now: datetime, rng: random.Random) -> int:
    """Live through some scenarios of every procedure, each moved by whole weeks so that it ends lately; return how many."""
    played = 0
    for folder in sorted(_folders()):
        scenarios = [one for one in read_folder(folder)[0] if _fits(one)]
        for scenario in rng.sample(scenarios, min(_EACH, len(scenarios))):
            town = rng.choice([code for code in TOWNS if code[:6] == str(scenario.given["village"])[:6]])
            household = _household(rng, played)
            _play(database, folder.name, _moved(scenario, household, town, now, rng), household, town)
            played += 1
    return played


def _folders() -> Iterator[Path]:
    root = Path(str(resources.files("bpmn").joinpath("procedures")))
    for folder in root.iterdir():
        if (folder / "scenarios").is_dir() and folder.name not in _LEFT_OUT:
            yield folder


def _fits(scenario: Scenario) -> bool:
    # What sets values of its own, or must be refused at the counter, is a test and no day at the office.
    return not scenario.given.get("values") and not scenario.given.get("refused") and bool(scenario.steps)


def _play(database: Database, key: str, scenario: Scenario, household: Sequence[Kin], town: str) -> None:
    with database.write() as session:
        cast = _cast(session, household, town)
        start = moment(scenario.given["at"])
        add_benefits(session, cast, key, scenario.given, start)
    player = Player(database, cast, key, start, str(scenario.given["village"]))
    try:
        if player.open(scenario.given):
            for step in scenario.steps:
                player.take(step)
    except (JiebanError, KeyError, LookupError):
        return  # moved to other weeks, a step may not fit any more; the case stays as it is


def _cast(session: Session, household: Sequence[Kin], town: str) -> Cast:
    """Give the parts of a scenario to the staff of a township, its county and the city."""
    users = list(session.scalars(select(User).where(User.sample)))
    found: dict[str, User] = {}
    parts = {key: (roles, town[:length]) for key, (_, roles, length) in STAFF.items()}
    parts |= {key: (roles, neighbour(town)) for key, (_, roles) in NEIGHBOURS.items()}
    for key, (roles, area) in parts.items():
        wanted = set(roles.split())
        free = [
            user for user in users if user.area_code == area and wanted <= {row.role for row in user.roles}
        ]
        # Where a story has two of a kind and the office has one, both parts are his.
        if free:
            found[key] = next((user for user in free if user not in found.values()), free[0])
    return Cast(found, household=household)


def _household(rng: random.Random, serial: int) -> list[Kin]:
    """Make other people of the same ages, so that nobody lives in two households; children bear the name of the first."""
    found: list[Kin] = []
    for place, one in enumerate(HOUSEHOLD):
        year, month, day = (int(one.id_number[a:b]) for a, b in ((6, 10), (10, 12), (12, 14)))
        # The orders of the drawn households end below 900; those of a story begin there.
        number = id_number(year + serial % 7 - 3, month, day, 900 + (serial * 5 + place) % 100)
        surname = found[0].name[0] if found and one.relation == "child" else ""
        name = draw_name(rng, surname)
        while any(other.name[1:] == name[1:] for other in found):
            name = draw_name(rng, surname)
        found.append(Kin(name, one.relation, number))
    return found


def _moved(
    scenario: Scenario, household: Sequence[Kin], town: str, now: datetime, rng: random.Random
) -> Scenario:
    steps = scenario.steps
    if rng.random() < _STOPPED:
        steps = steps[: rng.randrange(1, len(steps) + 1)]
    age = now - timedelta(days=rng.uniform(0.2, 12)) - steps[-1].at
    shift = timedelta(days=age // timedelta(days=7) * 7)
    names = {old.name: new.name for old, new in zip(HOUSEHOLD, household, strict=True)}
    change = _Change(shift, names, str(scenario.given["village"])[:9], town)
    return replace(scenario, given=change(scenario.given), steps=tuple(change.step(step) for step in steps))


def _places_of(here: str, there: str) -> dict[str, str]:
    """Say how a township, its office and its first village are called where a story is moved to; the longest name first."""
    old, new = SAMPLE_AREAS[here], SAMPLE_AREAS[there]
    village, other = SAMPLE_AREAS[f"{here}001"], SAMPLE_AREAS[f"{there}001"]
    return {town_organ(old): town_organ(new), old: new, village: other}


class _Change:
    """Moves a story in time, and to another place and other people."""

    def __init__(self, shift: timedelta, names: Mapping[str, str], town: str, other: str) -> None:
        self._shift = shift
        self._names = names
        self._towns = ((town, other), (neighbour(town), neighbour(other)))
        self._places: dict[str, str] = {}
        for here, there in self._towns:
            self._places |= _places_of(here, there)
        self._named = re.compile("|".join(self._places))

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self(one) for one in value]
        return self._text(value) if isinstance(value, str) else value

    def step(self, step: Step) -> Step:
        return replace(step, at=step.at + self._shift, data=self(step.data), expect={})

    def _text(self, text: str) -> str:
        if _MONTH.fullmatch(text):
            return (date.fromisoformat(f"{text}-15") + self._shift).strftime("%Y-%m")
        for old, new in self._names.items():
            text = text.replace(old, new)
        for code, moved in self._towns:
            if text.startswith(code):
                text = moved + text[len(code) :]
                break
        text = self._named.sub(lambda found: self._places[found[0]], text)
        return _DATE.sub(lambda found: (date.fromisoformat(found[0]) + self._shift).isoformat(), text)
