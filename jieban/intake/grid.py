"""A file as rows with headers: a workbook of several sheets, or one flat CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jieban.errors import Invalid
from jieban.intake.columns import APPLICATIONS, CODE, MEMBERS, SHEETS, Column, plain_header
from jieban.intake.xlsx import MOST_ROWS, Grid, is_workbook, read_xlsx

MOST_BYTES = 25 * 1024 * 1024
_FORMULA = "=公式"
"""What stands in place of a formula: it is never read as a value."""
FLAT = "文件"
"""How the one sheet of a CSV file is called in reports."""


@dataclass(frozen=True)
class Row:
    """One row as a person sees it: its sheet, its number from 1, and its cells by header."""

    sheet: str
    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """The rows of a file by the sheet whose columns they have; a flat file has all of them in each of its rows."""

    sheets: dict[str, list[Row]]
    flat: bool


@dataclass(frozen=True)
class Kind:
    """What a file may be: its sheets with their columns, the sheets that must be there, and what its rows are."""

    sheets: Mapping[str, tuple[Column, ...]]
    must: tuple[str, ...]
    rows: str


OF_APPLICATIONS = Kind(SHEETS, (APPLICATIONS, MEMBERS), "申请")


def read_grid(path: Path, kind: Kind = OF_APPLICATIONS) -> Rows:
    """Read a workbook or a CSV file, by its content and not by its name; Invalid says in one sentence what is wrong."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise Invalid(f"文件 {path.name} 无法打开（{error.strerror}）。") from error
    if size == 0:
        raise Invalid("文件是空的。")
    if size > MOST_BYTES:
        raise Invalid("文件超过 25 MB，请删去图片等无关内容，或者分成几个文件。")
    rows = _from_workbook(path, kind) if is_workbook(head) else _from_csv(path.read_bytes(), kind)
    if not any(rows.sheets.values()):
        raise Invalid(f"文件中没有{kind.rows}，请在第二行以下填写。")
    return rows


def _from_workbook(path: Path, kind: Kind) -> Rows:
    grids, formulas = read_xlsx(path)
    named = {name.strip(): name for name in grids}
    missing = [name for name in kind.must if name not in named]
    if missing:
        raise Invalid(f"工作簿中没有“{'”“'.join(missing)}”表，请使用本系统的模板。")
    sheets = {}
    for name, columns in kind.sheets.items():
        grid = grids[named[name]] if name in named else []
        marked = [
            [
                _FORMULA if (named.get(name), number, place) in formulas else cell
                for place, cell in enumerate(row, 1)
            ]
            for number, row in enumerate(grid, 1)
        ]
        sheets[name] = list(_rows(name, marked, columns)) if grid or name in kind.must else []
    return Rows(sheets, flat=False)


def _from_csv(content: bytes, kind: Kind) -> Rows:
    text = _decode(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;，", key=first.count)
    try:
        grid: Grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Invalid("CSV 文件的引号或分隔符不完整，请另存为 xlsx 文件后导入。") from error
    if len(grid) > MOST_ROWS + 1:
        raise Invalid(f"文件超过 {MOST_ROWS} 行，请分成几个文件导入。")
    every = tuple({column.header: column for columns in kind.sheets.values() for column in columns}.values())
    needed = {header for name in kind.must for header in _needed(kind.sheets[name])}
    rows = list(_rows(FLAT, grid, every, needed))
    return Rows(dict.fromkeys(kind.sheets, rows), flat=True)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # Spreadsheet programs of a Chinese desktop still write GB 18030.
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid("文件既不是 xlsx 工作簿，也不是 CSV 文本文件。")


def _needed(columns: Sequence[Column]) -> set[str]:
    return {column.header for column in columns if column.required}


def _rows(sheet: str, grid: Grid, columns: Sequence[Column], needed: set[str] | None = None) -> Iterator[Row]:
    known = {plain_header(column.header): column.header for column in columns}
    headers = [known.get(plain_header(str(cell))) for cell in grid[0]] if grid else []
    given = [header for header in headers if header]
    if missing := sorted((_needed(columns) if needed is None else needed) - set(given)):
        shown = "、".join(missing)
        place = "第一行" if sheet == FLAT else f"“{sheet}”表的第一行"
        raise Invalid(f"{place}缺少栏目：{shown}。请使用本系统的模板，不要改动栏目名称。")
    if len(given) > len(set(given)):
        twice = next(header for header in given if given.count(header) > 1)
        raise Invalid(f"“{sheet}”表的第一行有两个“{twice}”栏目，请删去一个。")
    for number, cells in enumerate(grid[1:], 2):
        values = {header: cell for header, cell in zip(headers, cells, strict=False) if header}
        if any(str(cell).strip() for cell in values.values() if cell is not None):
            yield Row(sheet, number, values)


__all__ = ["CODE", "FLAT", "MOST_BYTES", "Kind", "Row", "Rows", "read_grid"]
