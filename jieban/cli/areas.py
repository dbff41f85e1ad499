from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer, table

app = typer.Typer(help="行政区划。", no_args_is_help=True)


@app.command(
    "import", help="导入区划（csv，列为 code、name；代码 2 位省、4 位市、6 位县、9 位乡镇、12 位村居）。"
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Add and rename places."""
    from dataclasses import asdict

    from jieban.areas.importing import import_areas
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now

    with open_database() as database, database.write() as session:
        done = import_areas(session, file.read_bytes())
        if done.added or done.renamed:
            data = {"file": file.name, **asdict(done)}
            record_admin(session, kind="areas.imported", now=now(), actor_name="命令行", data=data)
    words = f"已读取 {done.listed} 个区划，新增 {done.added} 个，更名 {done.renamed} 个。"
    answer(asdict(done), words, as_json=as_json)


@app.command("list", help="列出某一区划之下的区划；不给代码时列出最上一级。")
def list_areas(code: Annotated[str, typer.Argument(metavar="代码")] = "", *, as_json: Json = False) -> None:
    """Show the places right below a place."""
    from jieban.areas.lookup import children
    from jieban.cli.prepare import open_database

    with open_database() as database, database.read() as session:
        found = [
            {"code": area.code, "name": area.name, "full_name": area.full_name, "sample": area.sample}
            for area in children(session, code or None)
        ]
    rows = [(area["code"], area["full_name"]) for area in found]
    answer(found, table(("代码", "名称"), rows), as_json=as_json)
