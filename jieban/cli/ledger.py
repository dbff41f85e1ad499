from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jieban.cli.output import Json, answer, reserve
from jieban.errors import Invalid

if TYPE_CHECKING:
    from jieban.ledger import Verification
    from jieban.ledger.verify import Entry

app = typer.Typer(help="首接首办台账。", no_args_is_help=True)


@app.command("verify", help="逐条核验台账，指出第一条被改动、移动或删除的记录。")
def verify(
    *,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="核验导出文件，不需要数据库。", exists=True, dir_okay=False),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--earlier",
            help="与此前导出、另行保管的文件核对，发现尾部被删除或者整条链被重写。",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Walk the chains of the database, or of an export; leave with 1 where one is broken."""
    if export and earlier:
        raise Invalid("--export 与 --earlier 不能同时使用。")
    result = _verify_export(export) if export else _verify_database(earlier)
    bad = result.first_bad
    value = {
        "ok": result.ok,
        "counties": result.counties,
        "records": result.records,
        "unsealed": result.unsealed,
        "heads": result.heads,
        "first_bad": None if bad is None else bad.__dict__,
    }
    answer(value, _words(result), as_json=as_json)
    if bad is not None:
        raise typer.Exit(1)


def _verify_database(earlier: Path | None) -> "Verification":
    from jieban.cli.prepare import open_database
    from jieban.ledger import verify as walk

    with open_database() as database, database.read() as session:
        if earlier is None:
            return walk(session)
        with _entries(earlier) as entries:
            return walk(session, entries)


def _verify_export(path: Path) -> "Verification":
    from jieban.ledger.verify import verify_entries

    with _entries(path) as entries:
        return verify_entries(entries)


@contextmanager
def _entries(path: Path) -> "Iterator[Iterator[Entry]]":
    from jieban.ledger.verify import read_export

    try:
        with path.open(encoding="utf-8") as file:
            yield read_export(file)
    except UnicodeDecodeError as error:
        raise Invalid("这不是台账导出文件。") from error


def _words(result: "Verification") -> str:
    if bad := result.first_bad:
        which = f" 第 {bad.seq} 号记录" if bad.seq else ""
        return f"台账有误：{' '.join(filter(None, [bad.county + which, bad.record]))}：{bad.reason}。"
    heads = [f"  {county}  {head}" for county, head in result.heads.items()]
    waiting = f"，另有 {result.unsealed} 条待封存" if result.unsealed else ""
    return "\n".join([f"台账完好：{result.counties} 个县，{result.records} 条记录{waiting}。", *heads])


@app.command("export", help="导出台账，供他处核验。")
def export(
    file: Annotated[Path, typer.Argument(metavar="文件", dir_okay=False)], *, as_json: Json = False
) -> None:
    """Write all sealed records as lines of JSON."""
    from jieban.cli.prepare import open_database
    from jieban.ledger.verify import export as write

    reserve(file)
    with open_database() as database, database.read() as session, file.open("w", encoding="utf-8") as target:
        count = write(session, target)
    answer({"records": count, "file": str(file)}, f"已导出 {count} 条记录到 {file}。", as_json=as_json)
