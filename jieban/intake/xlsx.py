"""Reads the cells of a workbook, after a look at its raw parts: nothing in a file may make the reader eat the machine."""

import re
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from jieban.errors import Invalid

MOST_ROWS = 20_000
_MOST_COLUMNS = 200
_MOST_UNPACKED = 400 * 1024 * 1024
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_OLE = b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Grid = list[list[Any]]


def is_workbook(head: bytes) -> bool:
    """Tell by its first bytes whether a file is a zip archive, as a workbook is."""
    if head.startswith(_OLE):
        raise Invalid("这是旧版 xls 文件或者加了密码的工作簿，请另存为不加密码的 xlsx 文件。")
    return head.startswith(b"PK")


def read_xlsx(path: Path) -> tuple[dict[str, Grid], set[tuple[str, int, int]]]:
    """Read every sheet as rows of cells, and the places (sheet, row, column; from 1) of cells that are formulas."""
    # By its content: the reader would believe the ending of the name, and a workbook may be called .xls.
    with path.open("rb") as file:
        return read_workbook(file)


def read_workbook(file: BinaryIO) -> tuple[dict[str, Grid], set[tuple[str, int, int]]]:
    """Do the same for a workbook that is not a file on the disk."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(file) as archive:
            formulas = _look_through(archive)
        file.seek(0)
        with CalamineWorkbook.from_filelike(file) as book:
            grids = {name: _grid(book, name) for name in book.sheet_names}
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, CalamineError, NotImplementedError) as error:
        raise Invalid("文件无法读取，请确认它是完好的 xlsx 工作簿。") from error
    return grids, formulas


def _grid(book: Any, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    # Rows are numbered as the person sees them, so blank ones above the header must stay.
    grid: Grid = sheet.to_python(skip_empty_area=False)
    return grid


def _look_through(archive: zipfile.ZipFile) -> set[tuple[str, int, int]]:
    if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
        raise Invalid("工作簿解开后过大，请删去图片等无关内容，或者分成几个文件。")
    formulas = set()
    for name, part in _sheets(archive).items():
        formulas |= {(name, row, column) for row, column in _scan(archive, part, name)}
    return formulas


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _parse(archive, "xl/_rels/workbook.xml.rels").iter("{*}Relationship")
    }
    found = {}
    for sheet in _parse(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet", f"{_STRICT}sheet"):
        identifier = next((sheet.get(key) for key in _RELATIONS if sheet.get(key)), None)
        target = (targets.get(identifier) or "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part in archive.namelist():
            found[sheet.get("name", "")] = part
    return found


def _parse(archive: zipfile.ZipFile, part: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(part), parser)


def _scan(archive: zipfile.ZipFile, part: str, name: str) -> set[tuple[int, int]]:
    """Go through the cells of a sheet without keeping them: one cell far away would make a table of billions."""
    formulas = set()
    with archive.open(part) as stream:
        cells = etree.iterparse(
            stream, tag=(f"{_MAIN}c", f"{_STRICT}c"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, cell in cells:
            place = _PLACE.fullmatch(cell.get("r") or "")
            if len(cell) and place:
                row, column = int(place[2]), _column_number(place[1])
                if row > MOST_ROWS + 1:
                    raise Invalid(f"“{name}”表超过 {MOST_ROWS} 行，请分成几个文件导入。")
                if column > _MOST_COLUMNS:
                    raise Invalid(f"“{name}”表在 {place[0]} 单元格有内容，超出了登记表的栏目，请删去。")
                if any(etree.QName(child).localname == "f" for child in cell):
                    formulas.add((row, column))
            # Drop what was read, with the empty shells before it.
            cell.clear()
            while cell.getprevious() is not None:
                del cell.getparent()[0]
    return formulas


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
