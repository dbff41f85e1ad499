"""The workbook of applications, for whoever writes or reads one."""

from pathlib import Path

from jieban.errors import Invalid
from jieban.intake.grid import read_grid
from jieban.intake.reading import Reading, assemble
from jieban.intake.template import write_template

__all__ = ["Reading", "read_rows", "write_template"]


def read_rows(path: Path) -> Reading:
    """Read a workbook or CSV file of applications; Invalid where the file as a whole cannot be used."""
    reading = assemble(read_grid(path))
    if not reading.applications and not reading.stray:
        raise Invalid("文件中没有申请；示例行不会导入，请在其下方填写。")
    return reading
