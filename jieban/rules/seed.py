from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Select, insert, or_, select
from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.rules.precedence import displaces, left_to_places
from jieban.rules.tables import RuleValue
from jieban.yaml_text import read_yaml

UNITS = frozenset({"wd", "d", "h", "mo", "yuan", "number", "text", "bool"})
PROVENANCES = frozenset({"full", "part", "memory", "inference", "ours", "sample"})
_NEEDED = ("key", "name", "value", "unit", "provenance", "effective_from")
_OPTIONAL = ("area_code", "rule_id", "article", "source", "rank", "note")


def seed_rules(session: Session) -> int:
    """Add the shipped rule values that hold in real places and are not there yet; return how many.

    A value that is there is never overwritten: it may be the installation's own.
    """
    return _add(session, (row for row in read_shipped() if row["provenance"] != "sample"))


def seed_sample_rules(session: Session) -> int:
    """Add the invented values of the sample counties that are not there yet; return how many."""
    return _add(session, (row for row in read_shipped() if row["provenance"] == "sample"))


def import_rules(session: Session, content: bytes, name: str) -> int:
    """Add the values of an installation's own file, written as the shipped ones are; return how many were new.

    What is there stays: a value that changes is a new row with a day from which it holds.
    """
    return _insert(session, new_rules(session, content, name))


def new_rules(session: Session, content: bytes, name: str) -> list[dict[str, Any]]:
    """Read the values of such a file that are not there yet."""
    try:
        read = yaml.safe_load(content.decode("utf-8"))
        rows = _new(session, list(_rows(read, name)))
    except (UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise Invalid(f"规则文件 {name} 无法读取，写法见 jieban/rules/data/README.md。") from error
    _check_rank(session, rows)
    return rows


def _check_rank(session: Session, rows: list[dict[str, Any]]) -> None:
    """Refuse what could never hold, because a text of higher rank says otherwise there and then."""
    for row in rows:
        new = RuleValue(**row)
        for above in session.scalars(_standing(new)):
            if not displaces(new, above):
                stricter = left_to_places().get(above.key) in {"less", "more"}
                allowed = "只能规定得更严" if stricter else "不能另定"
                raise Invalid(
                    f"“{above.name}”由{above.article or above.source}规定为 {above.value}，地方{allowed}，"
                    "请从文件中删去。"
                )


def _standing(new: RuleValue) -> Select[RuleValue]:
    """Ask for the values of the same key that hold in the place, or round it, when the new one begins."""
    around = [new.area_code[:length] for length in range(len(new.area_code) + 1)]
    return select(RuleValue).where(
        RuleValue.key == new.key,
        RuleValue.area_code.in_(around),
        RuleValue.effective_from <= new.effective_from,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= new.effective_from),
    )


def _add(session: Session, given: Iterable[dict[str, Any]]) -> int:
    return _insert(session, _new(session, given))


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if rows:
        session.execute(insert(RuleValue), rows)
    return len(rows)


def _new(session: Session, given: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    there = {
        (row.key, row.area_code, row.effective_from)
        for row in session.execute(select(RuleValue.key, RuleValue.area_code, RuleValue.effective_from))
    }
    return [row for row in given if (row["key"], row["area_code"], row["effective_from"]) not in there]


def read_shipped() -> Iterator[dict[str, Any]]:
    """Read every file of jieban/rules/data: a list of values under `rules`, with `defaults` for all of the file."""
    for name, content in _contents():
        yield from _rows(content, name)


@cache
def _contents() -> list[tuple[str, Any]]:
    folder = files("jieban.rules") / "data"
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    return [(file.name, read_yaml(file.read_text("utf-8"))) for file in found]


def _rows(content: Any, name: str) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(content["rules"], 1):
        yield _row({**content.get("defaults", {}), **entry}, f"{name} 第 {number} 条")


def _row(entry: dict[str, Any], place: str) -> dict[str, Any]:
    if missing := [name for name in _NEEDED if entry.get(name) in {None, ""}]:
        raise Invalid(f"规则 {place} 缺少 {'、'.join(missing)}。")
    if unknown := set(entry) - {*_NEEDED, *_OPTIONAL, "effective_to"}:
        raise Invalid(f"规则 {place} 有无法识别的内容 {'、'.join(sorted(unknown))}。")
    if entry["unit"] not in UNITS or entry["provenance"] not in PROVENANCES:
        raise Invalid(f"规则 {place} 的单位或出处标记无法识别。")
    return {
        "id": new_id(),
        **{name: str(entry.get(name) or "") for name in _OPTIONAL},
        **{name: str(entry[name]) for name in ("key", "name", "unit", "provenance")},
        "value": _text(entry["value"]),
        "effective_from": _date(entry["effective_from"]),
        "effective_to": _date(entry["effective_to"]) if entry.get("effective_to") else None,
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
