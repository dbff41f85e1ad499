from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer

app = typer.Typer(help="规则与标准。", no_args_is_help=True)


@app.command("import", help="导入本地的标准、期限和权限（yaml，写法同随附的规则）；已有的值不会改动。")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Add the values that the law leaves to the place."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.rules.seed import import_rules

    with open_database() as database, database.write() as session:
        added = import_rules(session, file.read_bytes(), file.name)
        if added:
            data = {"file": file.name, "added": added}
            record_admin(session, kind="rules.imported", now=now(), actor_name="命令行", data=data)
    answer({"added": added}, f"新增 {added} 条规则。", as_json=as_json)
