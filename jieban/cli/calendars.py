from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer

app = typer.Typer(help="工作日历。", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Keep `calendar import` two words, though it is the only one."""


@app.command(
    "import", help="导入国务院办公厅公布的放假与调休安排（xlsx、csv 或 ics，列为 day、working、name）。"
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Take in the holidays and make-up working days of a year."""
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.workdays import import_calendar

    with open_database() as database, database.write() as session:
        done = import_calendar(session, file.read_bytes(), file.name, actor_name="命令行", now=now())
    years = "、".join(str(year) for year in done.years)
    words = f"已读取 {years} 年的 {done.listed} 天，更改 {done.changed} 天。"
    answer({"years": done.years, "listed": done.listed, "changed": done.changed}, words, as_json=as_json)
