from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jieban.cli.output import Json, answer, reserve
from jieban.errors import Invalid, NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jieban.database import Database
    from jieban.ledger.guards import Guards
    from jieban.ledger.verify_ledger import Entry, Head, Verification
    from jieban.settings import Settings

app = typer.Typer(help="首接首办台账。", no_args_is_help=True)

_NAME = "verify_ledger.py"


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
    heads: Annotated[
        Path | None,
        typer.Option("--heads", help="与另行保管的链头（文件夹）核对。", exists=True, file_okay=False),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", help="可以信任的公钥，可多次给出；本机的公钥不必写明。"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Walk the chains of the database, or of an export; leave with 1 where one is broken or a guard is missing."""
    from jieban.ledger.guards import guard_words
    from jieban.ledger.verify_ledger import read_keys, words

    if export and earlier:
        raise Invalid("--export 与 --earlier 不能同时使用。")
    with _reading():
        trusted = read_keys(keys or [])
    kept = _read_heads(heads) if heads else []
    if export:
        found = _Found(_verify_export(export, trusted, kept), pinned=bool(trusted))
    else:
        found = _verify_database(earlier, trusted, kept)
    result, guards = found.result, found.guards
    bad = result.first_bad
    value = {
        "ok": found.ok,
        "counties": result.counties,
        "records": result.records,
        "unsealed": result.unsealed,
        "signed": result.signed,
        "unsigned": result.unsigned,
        "keys": result.keys,
        "heads": result.heads,
        "first_bad": None if bad is None else bad.__dict__,
        "pinned": found.pinned,
        "guards": None if guards is None else guards.__dict__,
    }
    told = [words(result, pinned=found.pinned), found.about_the_key]
    if guards is not None:
        # What is missing is said first: after "all is well" nobody reads on.
        told.insert(0 if guards.missing else 1, guard_words(guards))
    answer(value, "\n".join(filter(None, told)), as_json=as_json)
    if not found.ok:
        raise typer.Exit(1)


@dataclass
class _Found:
    """What verifying found besides the chains."""

    result: "Verification"
    guards: "Guards | None" = None
    pinned: bool = False
    """the signatures were compared with keys that the reader trusts"""
    strange: bool = False
    """a key lies here, and it never signed anything here"""
    about_the_key: str = ""

    @property
    def ok(self) -> bool:
        return self.result.ok and not self.strange and not (self.guards and self.guards.missing)


def _verify_database(earlier: Path | None, given: set[str], kept: "list[Head]") -> _Found:
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.ledger import verify as walk
    from jieban.ledger.guards import look_at_guards
    from jieban.ledger.head_files import read_newest
    from jieban.ledger.keys import load_key
    from jieban.ledger.verify import signers

    path = _settings().ledger_key
    own = load_key(path).public if path.exists() else ""
    witnesses = [*read_newest(_settings().ledger_newest).values(), *kept]
    with open_database() as database, _entries(earlier) as entries, _one_moment(database) as session:
        signed_by = signers(session) | {head.key for head in witnesses}
        # A copy on another machine: each head would be blamed for a key that is merely not here.
        strange = bool(own and not given and signed_by and own not in signed_by)
        trusted = given if strange or not own else given | {own}
        result = walk(session, entries, witnesses=witnesses, trusted=trusted or None, now=now())
        found = _Found(result, look_at_guards(session), pinned=bool(trusted), strange=strange)
    if strange:
        found.about_the_key = (
            f"签名用的密钥不在此处：此处的密钥（公钥 {own}）没有签过这里的任何链头。"
            "数据如果是从备份恢复、或者从别的机器复制来的，请用 --key 写明原来的公钥；否则台账可能被整个重写。"
        )
    elif signed_by and not trusted:
        found.about_the_key = f"此处没有台账签名密钥（{path}），请用 --key 写明原来的公钥。"
    elif signed_by - trusted:
        found.about_the_key = "如果换过密钥（例如恢复到另一台机器），请用 --key 写明原来的公钥。"
    return found


@contextmanager
def _one_moment(database: "Database") -> "Iterator[Session]":
    """Read everything as it is at one moment, however much is sealed meanwhile."""
    from sqlalchemy import text

    with database.read() as session:
        if database.is_postgresql:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield session


def _verify_export(path: Path, trusted: set[str], kept: "list[Head]") -> "Verification":
    from jieban.ledger.verify_ledger import verify_export

    with _reading(), path.open(encoding="utf-8") as file:
        return verify_export(file, trusted or None, kept)


@contextmanager
def _entries(path: Path | None) -> "Iterator[Iterator[Entry]]":
    from jieban.ledger.verify_ledger import read_export

    if path is None:
        yield iter(())
        return
    with _reading(), path.open(encoding="utf-8") as file:
        yield read_export(file).entries


def _read_heads(folder: Path) -> "list[Head]":
    from jieban.ledger.verify_ledger import read_heads

    with _reading():
        return read_heads(folder)


@contextmanager
def _reading() -> Iterator[None]:
    from jieban.ledger.verify_ledger import Unreadable

    try:
        yield
    except Unreadable as error:
        raise Invalid(str(error)) from error
    except UnicodeDecodeError as error:
        raise Invalid("这不是台账导出文件。") from error


@app.command("export", help="导出台账，供他处核验；旁边写出核验程序 verify_ledger.py。")
def export(
    file: Annotated[Path, typer.Argument(metavar="文件", dir_okay=False)], *, as_json: Json = False
) -> None:
    """Write all sealed records and signed heads as lines of JSON, and beside them the program that verifies them."""
    from importlib.resources import files

    from jieban.cli.prepare import open_database
    from jieban.ledger.verify import export as write

    program = file.with_name(_NAME)
    written = files("jieban.ledger").joinpath(_NAME).read_bytes()
    if program.exists() and program.read_bytes() != written:
        raise Invalid(f"{program} 已存在，内容与本程序的核验程序不同，请换一个文件夹。")
    reserve(file)
    if not program.exists():
        reserve(program)
        program.write_bytes(written)
    with (
        open_database() as database,
        _one_moment(database) as session,
        file.open("w", encoding="utf-8") as target,
    ):
        count = write(session, target)
    told = f"已导出 {count} 条记录到 {file}，核验程序为 {program}。"
    answer({"records": count, "file": str(file), "program": str(program)}, told, as_json=as_json)


@app.command("key", help="显示台账签名的公钥；请书面交给审计、监察部门保管。")
def key(*, as_json: Json = False) -> None:
    """Show the public key with which this installation signs; none is made."""
    from jieban.ledger.keys import load_key

    settings = _settings()
    path = settings.ledger_key
    if not path.exists():
        named = (
            "请检查 JIEBAN_LEDGER_KEY_FILE"
            if settings.ledger_key_file
            else "首次启动或者运行 jieban migrate 时生成"
        )
        raise NotFound(f"此处没有台账签名密钥（{path}）；{named}。")
    public = load_key(path).public
    answer({"key": public, "file": str(path)}, public, as_json=as_json)


@app.command("guard", help="把缺失或者被改动的触发器重新装上；期间的改动不会恢复，请先核验并查明原因。")
def guard(*, as_json: Json = False) -> None:
    """Put back the triggers that keep what was written from being changed."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.ledger.guards import restore_guards

    with open_database() as database, database.write() as session:
        restored = restore_guards(session)
        if restored:
            data = {"triggers": restored}
            record_admin(session, kind="ledger.guarded", now=now(), actor_name="命令行", data=data)
    told = f"已重新装上触发器：{'、'.join(restored)}。" if restored else "触发器都在，没有需要装上的。"
    answer({"restored": restored}, told, as_json=as_json)


@app.command("heads", help="把全部签名的链头写到文件夹，每个链头一个文件；已有的不动。")
def heads(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", exists=True, file_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Put every signed head away that is not in the folder yet."""
    from jieban.cli.prepare import open_database
    from jieban.ledger.head_files import keep_head
    from jieban.ledger.verify import stored_heads

    with open_database() as database, database.read() as session:
        found = stored_heads(session)
    new = sum(keep_head(folder, head) for head in found)
    answer({"heads": len(found), "new": new}, f"共 {len(found)} 个链头，新写出 {new} 个。", as_json=as_json)


@app.command("correct", help="更正一条记录：写一条指向它的新记录，原记录不动。")
def correct(
    record: Annotated[str, typer.Argument(metavar="记录编号")],
    why: Annotated[str, typer.Option("--why", help="更正的内容和理由。")],
    username: Annotated[str, typer.Option("--as", help="以哪位督办人的名义更正。")],
    *,
    as_json: Json = False,
) -> None:
    """Write a correction that points at a record."""
    from uuid import UUID

    from jieban.cli.accounts import actor_named
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.ledger import correct as write

    try:
        old = UUID(record)
    except ValueError as error:
        raise Invalid(f"“{record}”不是记录编号。") from error
    with open_database() as database, database.write() as session:
        actor = actor_named(session, username)
        new = write(session, record_id=old, why=why, actor=actor, now=now())
    answer({"record": str(new), "corrects": record}, f"已写更正记录 {new}，原记录不动。", as_json=as_json)


@app.command("protect", help="PostgreSQL：使程序所用的角色只能添加、不能改动台账；以表的所有者身份运行。")
def protect(
    role: Annotated[str, typer.Option("--role", help="程序所用的数据库角色。")],
    *,
    show: Annotated[bool, typer.Option("--show", help="只写出 SQL，不执行。")] = False,
    as_json: Json = False,
) -> None:
    """Take from a role of PostgreSQL every right to change what is append-only."""
    from jieban.cli.prepare import open_database
    from jieban.ledger import protection

    with open_database() as database, database.write() as session:
        if show:
            lines = protection.statements(session, role)
            answer(lines, "\n".join(f"{line};" for line in lines), as_json=as_json)
            return
        tables = protection.protect(session, role)
    told = f"角色 {role} 对 {len(tables)} 张表只能读和添加：{'、'.join(tables)}。"
    answer({"role": role, "tables": tables}, told, as_json=as_json)


def _settings() -> "Settings":
    from jieban.settings import read_settings

    return read_settings()
