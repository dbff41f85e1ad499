"""What the commands have in common that take in a file with rows: blank workbook, import, report of what is wrong."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from jieban.cli.output import answer, reserve, table
from jieban.cli.prepare import open_database
from jieban.clock import now
from jieban.database import Database
from jieban.errors import Invalid
from jieban.intake.rejections import write_rejections
from jieban.staff.actor import Actor
from workflows.intake import ImportReport

RejectedTo = Annotated[
    Path | None, typer.Option("--rejected", help="把未能登记的内容写成工作簿。", dir_okay=False)
]
"""Where an import writes what it could not take in."""


def blank_workbook(file: Path, write: Callable[[Path], None]) -> None:
    """Write a template to a new file; Invalid where its name does not end in .xlsx."""
    if file.suffix.lower() != ".xlsx":
        raise Invalid(f"模板是工作簿，文件名 {file.name} 应以 .xlsx 结尾。")
    reserve(file)
    write(file)
    print(f"已写出 {file}。")


def take_in(
    file: Path,
    find: Callable[[Session], Actor],
    take: Callable[[Database, Path, Actor, datetime], ImportReport],
    rejected_to: Path | None,
    *,
    as_json: bool,
) -> None:
    """Register the rows of a file and print what became of them; leave with 1 where one was rejected."""
    with open_database() as database:
        with database.read() as session:
            actor = find(session)
        if rejected_to:
            reserve(rejected_to)
        report = take(database, file, actor, now())
    if rejected_to:
        write_rejections(report.rejected, rejected_to)
    counts = f"已登记 {report.added} 件，此前已登记 {report.known} 件，有误未登记 {len(report.rejected)} 处。"
    cells = [(row.sheet, row.row or "", row.field, row.value, row.reason) for row in report.rejected]
    words = counts + ("\n" + table(("工作表", "行", "栏目", "内容", "原因"), cells) if cells else "")
    answer(asdict(report), words, as_json=as_json)
    if report.rejected:
        raise typer.Exit(1)
