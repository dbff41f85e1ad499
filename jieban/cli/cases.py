from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jieban.cli.output import Json, answer, table
from jieban.errors import Invalid, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from jieban.deadlines import Deadline
    from jieban.staff.actor import Actor
    from tasks.cases import Dossier
    from tasks.tables import Task

app = typer.Typer(help="案件。", no_args_is_help=True)


@app.command("template", help="写出申请登记表的空白工作簿。")
def template(file: Annotated[Path, typer.Argument(metavar="OUT.xlsx", dir_okay=False)]) -> None:
    """Write the workbook that `cases import` reads."""
    from jieban.cli.taking_in import blank_workbook
    from jieban.intake.workbook import write_template

    blank_workbook(file, write_template)


@app.command("import", help="导入申请（xlsx 或 csv）；有误的行逐条说明，其余照常登记，重复导入不会重复登记。")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    username: Annotated[
        str, typer.Option("--as", help="以哪位窗口经办人的名义登记；只有一位时可省略。")
    ] = "",
    rejected_to: Annotated[
        Path | None, typer.Option("--rejected", help="把未能登记的内容写成工作簿。", dir_okay=False)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Register the applications of a file; leave with 1 where a row was rejected."""
    from jieban.cli.taking_in import take_in
    from workflows.intake import import_file as take

    take_in(file, lambda session: _clerk(session, username), take, rejected_to, as_json=as_json)


def _clerk(session: "Session", username: str) -> "Actor":
    from sqlalchemy import select

    from jieban.cli.accounts import actor_named
    from jieban.staff.actor import actor_of
    from jieban.staff.tables import User

    if username:
        return actor_named(session, username)
    clerks = [
        actor
        for actor in map(actor_of, session.scalars(select(User).where(User.active)))
        if actor.may("case.register")
    ]
    if len(clerks) != 1:
        raise Invalid("请用 --as 指定以哪位窗口经办人的名义登记。")
    return clerks[0]


@app.command("show", help="显示一个案件：办到哪一步、期限、待办与经过。")
def show(number: Annotated[str, typer.Argument(metavar="案件编号")], *, as_json: Json = False) -> None:
    """Show where a case stands; that somebody looked is written down."""
    from sqlalchemy import select

    from jieban.audit import record_admin
    from jieban.cases.tables import Case
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from tasks.cases import dossier

    moment = now()
    with open_database() as database, database.write() as session:
        case = session.scalar(select(Case).where(Case.number == number.strip()))
        if case is None:
            raise NotFound(f"没有编号为“{number}”的案件。")
        record_admin(
            session, kind="case.shown", now=moment, actor_name="命令行", data={"number": case.number}
        )
        value = _value(session, dossier(session, case, moment), moment)
    answer(value, _words(value), as_json=as_json)


def _value(session: "Session", found: "Dossier", now: "datetime") -> dict[str, Any]:
    from jieban.areas.lookup import full_name
    from jieban.clock import NEVER
    from jieban.deadlines import words
    from jieban.workdays import load_calendar
    from web.cases.words import event_text

    case = found.case
    calendar = load_calendar(session)
    clocks = {row.id: row for row in found.deadlines}

    def left(row: "Task | Deadline") -> str:
        known = clocks.get(getattr(row, "deadline_id", None) or row.id)
        here = calendar.at(getattr(row, "town_code", case.town_code))
        return words(row.due_at, now, here, unit=known.unit if known else "wd").text

    return {
        "number": case.number,
        "applicant": case.applicant_name,
        "place": full_name(session, case.village_code or case.town_code),
        "procedure": case.procedure,
        "state": case.state,
        "stage": case.stage,
        "outcome": case.outcome,
        "registered_at": case.registered_at,
        "accepted_at": case.accepted_at,
        "closed_at": case.closed_at,
        "first_receiver": found.contact.receiver_name if found.contact else "",
        "deadlines": [
            {
                "name": row.name,
                "due_at": row.due_at,
                "state": row.state,
                "breached_at": row.breached_at,
                "left": left(row) if row.state == "running" else "",
                "article": row.article,
                "provisional": row.provisional,
            }
            for row in found.deadlines
        ],
        "tasks": [
            {
                "name": row.name,
                "role": row.role,
                "due_at": None if row.due_at >= NEVER else row.due_at,
                "left": left(row),
                "article": row.article,
            }
            for row in found.tasks
            if row.state == "open"
        ],
        "letters": [{"number": row.number, "title": row.title} for row in found.letters],
        "events": [
            {"at": row.at, "kind": row.kind, "text": event_text("zh", row), "actor": row.actor_name}
            for row in reversed(found.events)
        ],
    }


def _words(value: dict[str, Any]) -> str:
    from web.cases.words import role_name, say

    moments = (("登记", "registered_at"), ("受理", "accepted_at"), ("办结", "closed_at"))
    stage = say("zh", "outcome" if value["outcome"] else "stage", value["outcome"] or value["stage"])
    parts = [
        f"{value['number']}  {value['applicant']}  {value['place']}  {stage}",
        "  ".join(
            [*(f"{word} {_local(value[key])}" for word, key in moments), f"首接 {value['first_receiver']}"]
        ),
    ]
    if value["tasks"]:
        tasks = [
            (row["name"], role_name("zh", row["role"]), _local(row["due_at"]), row["left"])
            for row in value["tasks"]
        ]
        parts.append(table(("待办", "岗位", "到期", "剩余"), tasks))
    if value["deadlines"]:
        clocks = [
            (
                row["name"],
                _local(row["due_at"]),
                f"{row['left']}{'（暂定）' if row['provisional'] else ''}"
                or ("超期" if row["breached_at"] else say("zh", "deadline", row["state"])),
            )
            for row in value["deadlines"]
        ]
        parts.append(table(("期限", "到期", "状态"), clocks))
    events = [(_local(row["at"]), row["text"], row["actor"] or "系统") for row in value["events"]]
    return "\n\n".join([*parts, table(("时间", "经过", "办理人"), events)])


def _local(moment: "datetime | None") -> str:
    from jieban.clock import CHINA

    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else "—"
