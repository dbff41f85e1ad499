from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer, table

app = typer.Typer(help="服务和慈善项目的供给清单。", no_args_is_help=True)


@app.command(
    "import",
    help="导入供给清单（yaml，按县级代码列出各项，写法见 jieban/care/sample.yaml）；没有列出的不改动。",
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Add and update what providers offer."""
    from dataclasses import asdict

    from jieban.audit import record_admin
    from jieban.care.importing import import_supply
    from jieban.cli.prepare import open_database
    from jieban.clock import now

    with open_database() as database, database.write() as session:
        done = import_supply(session, file.read_bytes(), now())
        data = {"file": file.name, **asdict(done)}
        record_admin(session, kind="supply.imported", now=now(), actor_name="命令行", data=data)
    answer(asdict(done), f"已读取 {done.listed} 项，新增 {done.added} 项。", as_json=as_json)


@app.command("list", help="列出一个县（市、区）的供给清单。")
def list_supply(county: Annotated[str, typer.Argument(metavar="县级代码")], *, as_json: Json = False) -> None:
    """Show what is offered in a county."""
    from jieban.care.supply import offered
    from jieban.care.words import ITEMS
    from jieban.cli.prepare import open_database

    with open_database() as database, database.read() as session:
        rows = [*offered(session, county, charity=False), *offered(session, county, charity=True)]
        found = [
            {"item": row.item, "label": row.label, "used": row.used, "capacity": row.capacity} for row in rows
        ]
    shown = [
        (ITEMS[str(one["item"])], one["label"], f"{one['used']} / {one['capacity'] or '不限'}")
        for one in found
    ]
    answer(found, table(("种类", "单位和项目", "名额"), shown), as_json=as_json)
