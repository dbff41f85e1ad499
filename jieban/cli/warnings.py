from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer, table

app = typer.Typer(help="监测预警。", no_args_is_help=True)
As = Annotated[str, typer.Option("--as", help="以哪位县级审核人或者窗口经办人的名义登记。")]


@app.command("template", help="写出预警登记表的空白工作簿。")
def template(file: Annotated[Path, typer.Argument(metavar="OUT.xlsx", dir_okay=False)]) -> None:
    """Write the workbook that `warnings import` reads."""
    from jieban.cli.taking_in import blank_workbook
    from jieban.monitoring.workbook import write_template

    blank_workbook(file, write_template)


@app.command("import", help="导入预警（xlsx 或 csv）；有误的行逐条说明，其余照常登记，重复导入不会重复登记。")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    username: As,
    rejected_to: Annotated[
        Path | None, typer.Option("--rejected", help="把未能登记的内容写成工作簿。", dir_okay=False)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Register the warnings of a file; leave with 1 where a row was rejected."""
    from jieban.cli.accounts import actor_named
    from jieban.cli.taking_in import take_in
    from workflows.warning_intake import import_warnings

    take_in(
        file, lambda session: actor_named(session, username), import_warnings, rejected_to, as_json=as_json
    )


@app.command("compared", help="登记一次数据比对；比对出预警的导入时已自动登记，这里登记没有发现的。")
def compared(
    source: Annotated[str, typer.Argument(metavar="来源代号")],
    county: Annotated[str, typer.Argument(metavar="县级区划代码")],
    username: As,
) -> None:
    """Keep that the data of a source were compared and nothing was found."""
    from jieban.cli.accounts import actor_named
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.monitoring.comparing import record_comparison
    from jieban.monitoring.words import SOURCES

    with open_database() as database, database.write() as session:
        record_comparison(session, actor_named(session, username), now(), source, county, found=0)
    print(f"已登记与{SOURCES[source]}数据的比对。")


@app.command("due", help="各县应当在什么时候与哪些部门的数据再次比对。")
def due(within: Annotated[str, typer.Argument(metavar="[区划代码]")] = "", *, as_json: Json = False) -> None:
    """List when data are to be compared again; leave with 1 where a comparison is overdue."""
    from dataclasses import asdict

    from jieban.cli.prepare import open_database
    from jieban.clock import local_day, now
    from jieban.monitoring.comparing import comparisons
    from jieban.monitoring.words import SOURCES

    moment = now()
    with open_database() as database, database.write() as session:
        found = comparisons(session, moment, within)
    today = local_day(moment)
    late = [one for one in found if one.last is None or one.due < today]
    rows = [
        (
            one.county,
            SOURCES[one.source],
            f"每 {one.months} 个月",
            one.last or "没有登记",
            one.due,
            "已到期" if one in late else "",
        )
        for one in found
    ]
    words = table(("县（市、区）", "数据", "周期", "上次比对", "不晚于", ""), rows) if rows else "没有区划。"
    answer([asdict(one) for one in found], words, as_json=as_json)
    if late:
        raise typer.Exit(1)
