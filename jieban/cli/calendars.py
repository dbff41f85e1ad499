from datetime import datetime
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
    notice: Annotated[str, typer.Option("--notice", help="放假通知的文号或标题。")],
    notice_date: Annotated[
        datetime, typer.Option("--notice-date", formats=["%Y-%m-%d"], help="放假通知的印发日期。")
    ],
    replace_official: Annotated[
        bool,
        typer.Option("--replace-official", help="更改已经过去或者已经正式公布的日期，须用 --why 写明理由。"),
    ] = False,
    why: Annotated[str, typer.Option("--why", help="更改已经过去或者已经正式公布的日期的理由。")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", "--dry-run", help="只列出会变动的日期和期限，不作更改。")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take in the holidays and make-up working days of a year.

    Where running deadlines would move by them it waits for a second person, who confirms it in the browser.
    """
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.errors import Invalid
    from workflows import calendars

    content, rests_on = file.read_bytes(), calendars.read_notice(notice, notice_date.date())
    if replace_official != bool(why.strip()):
        raise Invalid("--replace-official 与 --why 须同时使用。")
    with open_database() as database:
        if preview:
            with database.read() as session:
                plan, outlook = calendars.look_at_file(session, content, file.name, now(), rests_on)
            answer(_value(plan) | _looked(outlook), _preview_words(plan, outlook), as_json=as_json)
            return
        plan, totals = calendars.import_now(
            database, content, file.name, actor=None, now=now(), notice=rests_on, why=why
        )
    if totals is None:
        words = f"已读取 {_years(plan)} 年的 {plan.listed} 天；会改变正在计算的期限，已提交，须由督办人在“工作日历”页面复核后生效。"
        answer(_value(plan) | {"waits": True}, words, as_json=as_json)
        return
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
        "voided": [
            {"case": one.case_number, "deadline": one.name, "before": one.before, "after": one.after}
            for one in outlook.voided
        ],
        "shown": [
            {"case": one.case_number, "deadline": one.name, "before": one.before, "after": one.after}
            for one in outlook.shown
        ],
    }


def _preview_words(plan: "CalendarImport", outlook: "Outlook") -> str:
    from jieban.clock import local_day, now

    moved = f"顺延 {outlook.later}，提前 {outlook.earlier}（其中立即超期 {outlook.late}）"
    others = f"作废超期记录 {outlook.annulled}，日期不变、改为确定的 {outlook.confirmed}"
    lines = [
        f"{_years(plan)} 年的 {plan.listed} 天，会更改 {plan.changed} 天；没有作任何更改。",
        f"会调整 {len(outlook.cases)} 件案件的 {outlook.moved} 个期限：{moved}，{others}。",
    ]
    if settled := plan.settled(local_day(now())):
        lines.append(
            f"其中 {len(settled)} 天已经过去或者已经正式公布（如 {settled[0].day}），须用 --replace-official --why 写明理由。"
        )
    lines += [f"{one.case_number} {one.name}：{one.before} → {one.after}" for one in outlook.shown]
    lines += [f"超期记录将不再成立：{one.case_number} {one.name}，{one.before}" for one in outlook.voided]
    return "\n".join(lines)
