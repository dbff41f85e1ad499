from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jieban.cli.output import Json, answer

if TYPE_CHECKING:
    from jieban.workdays import CalendarImport
    from workflows.calendars import Outlook

app = typer.Typer(help="工作日历。", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Keep `calendar import` two words, though it is the only one."""


@app.command(
    "import",
    help="导入国务院办公厅公布的放假与调休安排，或一地自行安排的日期，并调整正在计算的期限。"
    "xlsx、csv 或 ics，列为 day、working、name，地区自行安排的另有 area。",
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    preview: Annotated[
        bool, typer.Option("--preview", "--dry-run", help="只列出会变动的日期和期限，不作更改。")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take in the holidays and make-up working days of a year, and move the deadlines that rest on them."""
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from workflows import calendars

    content = file.read_bytes()
    with open_database() as database:
        if preview:
            with database.read() as session:
                plan, outlook = calendars.look_at_file(session, content, file.name, now())
            answer(_value(plan) | _looked(outlook), _preview_words(plan, outlook), as_json=as_json)
            return
        plan, totals = calendars.import_now(database, content, file.name, actor=None, now=now())
    told = totals.to_json()
    words = (
        f"已读取 {_years(plan)} 年的 {plan.listed} 天，更改 {plan.changed} 天；"
        f"调整 {told['cases']} 件案件的 {told['moved']} 个期限，作废超期记录 {told['annulled']} 条。"
    )
    answer(_value(plan) | told, words, as_json=as_json)


def _value(plan: "CalendarImport") -> dict[str, Any]:
    return {"years": plan.years, "listed": plan.listed, "changed": plan.changed}


def _years(plan: "CalendarImport") -> str:
    return "、".join(str(year) for year in plan.years)


def _looked(outlook: "Outlook") -> dict[str, Any]:
    return {
        "looked": outlook.looked,
        "moved": outlook.moved,
        "later": outlook.later,
        "earlier": outlook.earlier,
        "confirmed": outlook.confirmed,
        "annulled": outlook.annulled,
        "late": outlook.late,
        "cases": len(outlook.cases),
        "shown": [
            {"case": one.case_number, "deadline": one.name, "before": one.before, "after": one.after}
            for one in outlook.shown
        ],
    }


def _preview_words(plan: "CalendarImport", outlook: "Outlook") -> str:
    moved = f"顺延 {outlook.later}，提前 {outlook.earlier}（其中立即超期 {outlook.late}）"
    others = f"作废超期记录 {outlook.annulled}，日期不变、改为确定的 {outlook.confirmed}"
    lines = [
        f"{_years(plan)} 年的 {plan.listed} 天，会更改 {plan.changed} 天；没有作任何更改。",
        f"会调整 {len(outlook.cases)} 件案件的 {outlook.moved} 个期限：{moved}，{others}。",
    ]
    lines += [f"{one.case_number} {one.name}：{one.before} → {one.after}" for one in outlook.shown]
    return "\n".join(lines)
