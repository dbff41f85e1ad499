"""Supply lists as files: YAML, one list per county, so that a county need not type its list in."""

from dataclasses import dataclass, fields
from datetime import datetime
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.care.supply import NewSupply, save
from jieban.care.tables import CareSupply
from jieban.errors import Invalid

_FIELDS = frozenset(field.name for field in fields(NewSupply))
_COUNTY = 6


@dataclass(frozen=True)
class SupplyImport:
    """What an import did."""

    listed: int
    added: int


def import_supply(
    session: Session, content: bytes, now: datetime, *, sample: bool = False, within: str = ""
) -> SupplyImport:
    """Add and update the lines of a file `{county code: [{provider, kind, item, name, …}]}`; the same file changes nothing.

    Lines that are not in it stay. `within` is the area that the file may speak of. Raises Invalid with what is wrong.
    """
    listed = _read(session, content, within)
    known = {(row.county_code, row.label): row.id for row in session.scalars(select(CareSupply))}
    added = 0
    for county, number, wanted in listed:
        supply_id = known.get((county, wanted.label))
        try:
            known[county, wanted.label] = save(
                session, county, wanted, now, supply_id=supply_id, sample=sample
            ).id
        except Invalid as wrong:
            first = wrong.errors[0]
            raise Invalid(f"{county} 第 {number} 项 {first['field']}：{first['message']}") from None
        added += supply_id is None
    return SupplyImport(len(listed), added)


def seed_sample_supply(session: Session, now: datetime) -> None:
    """Add the invented lists of the sample counties."""
    content = resources.files("jieban.care").joinpath("sample.yaml").read_bytes()
    import_supply(session, content, now, sample=True)


def _read(session: Session, content: bytes, within: str) -> list[tuple[str, int, NewSupply]]:
    try:
        counties = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise Invalid(f"供给清单不是可以读取的 YAML：{broken}") from None
    if not isinstance(counties, dict) or not all(isinstance(rows, list) for rows in counties.values()):
        raise Invalid("供给清单应写作“县级代码: [各项]”。")
    listed = []
    for code, rows in counties.items():
        county = str(code)
        if len(county) != _COUNTY or session.get(Area, county) is None or not county.startswith(within):
            raise Invalid(f"没有“{county}”这个县（市、区），或者不在您的辖区内。")
        listed += [(county, number, _row(county, number, row)) for number, row in enumerate(rows, 1)]
    return listed


def _row(county: str, number: int, row: Any) -> NewSupply:
    if not isinstance(row, dict) or not {"provider", "kind", "item", "name"} <= row.keys() <= _FIELDS:
        raise Invalid(f"{county} 第 {number} 项应写明 provider、kind、item、name，不写其他名称。")
    capacity, active = row.get("capacity"), row.get("active", True)
    if not (capacity is None or type(capacity) is int) or not isinstance(active, bool):
        raise Invalid(f"{county} 第 {number} 项：capacity 应为整数，active 应为 true 或 false。")
    texts = {name: str(value) for name, value in row.items() if name not in {"capacity", "active"}}
    return NewSupply(**texts, capacity=capacity, active=active)
