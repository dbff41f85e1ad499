import csv
import io
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.lookup import level_of
from jieban.areas.tables import Area
from jieban.errors import Invalid

_COLUMNS = {"code": "code", "代码": "code", "name": "name", "名称": "name"}
_ABOVE = {4: 2, 6: 4, 9: 6, 12: 9}
_MOST_TOLD = 50


@dataclass(frozen=True)
class AreaImport:
    """What an import did."""

    listed: int
    added: int
    renamed: int


def import_areas(session: Session, content: bytes) -> AreaImport:
    """Add and rename places from a CSV file with the columns code and name; the same file again changes nothing.

    Nothing is ever removed: cases point at the places where they happened.
    """
    listed = _read(content)
    known = {area.code: area for area in session.scalars(select(Area))}
    _check_parents(listed, known)
    added = renamed = 0
    # A shorter code first, so that each place finds the one above it, with its new name.
    for code in sorted({*listed, *known}, key=lambda code: (len(code), code)):
        area = known.get(code)
        if area is None:
            area = known[code] = Area(
                code=code, level=level_of(code), parent_code=_parent(code), sample=False
            )
            session.add(area)
            added += 1
        elif area.name != listed.get(code, area.name):
            renamed += 1
        area.name = listed.get(code, area.name)
        area.full_name = (known[area.parent_code].full_name if area.parent_code else "") + area.name
    return AreaImport(len(listed), added, renamed)


def _read(content: bytes) -> dict[str, str]:
    rows = csv.reader(io.StringIO(_decode(content)))
    header = [_COLUMNS.get(cell.strip().lower()) for cell in next(rows, [])]
    if not {"code", "name"} <= set(header):
        raise Invalid("区划文件的第一行应为列名：code、name。")
    listed: dict[str, str] = {}
    errors = []
    for number, cells in enumerate(rows, 2):
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=False) if column}
        if not any(row.values()):
            continue
        code, name = row.get("code", ""), row.get("name", "")
        if reason := _fault(code, name, listed):
            errors.append({"field": f"第 {number} 行", "message": reason})
        listed[code] = name
    if errors:
        raise Invalid(f"区划文件有误：{errors[0]['field']}{errors[0]['message']}", errors=errors)
    return listed


def _fault(code: str, name: str, listed: dict[str, str]) -> str:
    if not code.isascii() or not code.isdigit() or not level_of(code):
        return f"代码“{code}”应为 2、4、6、9 或 12 位数字。"
    if not 1 <= len(name) <= 100:
        return f"代码 {code} 缺少名称。"
    return f"代码 {code} 重复。" if code in listed else ""


def _decode(content: bytes) -> str:
    # Spreadsheet programs of a Chinese desktop still write GB 18030.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("区划文件的文字编码无法识别，请另存为 UTF-8。")


def _parent(code: str) -> str | None:
    length = _ABOVE.get(len(code))
    return code[:length] if length else None


def _check_parents(listed: dict[str, str], known: dict[str, Area]) -> None:
    there = {None, *listed, *known}
    orphans = sorted(code for code in listed if _parent(code) not in there)
    if orphans:
        errors = [{"field": code, "message": "缺少上级区划。"} for code in orphans[:_MOST_TOLD]]
        raise Invalid(f"代码 {orphans[0]} 缺少上级区划。", errors=errors)
