import re
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from jieban.cli import (
    areas,
    calendars,
    cases,
    channels,
    copies,
    ledger,
    models,
    rules,
    supply,
    users,
    warnings,
)
from jieban.cli.output import Json, answer
from jieban.errors import Invalid, JiebanError

app = typer.Typer(
    help="接办：社会救助案件从窗口到发放的办理系统。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(areas.app, name="areas")
app.add_typer(rules.app, name="rules")
app.add_typer(users.app, name="users")
app.add_typer(cases.app, name="cases")
app.add_typer(models.app, name="models")
app.add_typer(ledger.app, name="ledger")
app.add_typer(calendars.app, name="calendar")
app.add_typer(warnings.app, name="warnings")
app.add_typer(supply.app, name="supply")
app.add_typer(channels.app, name="channels")


def _version(asked: bool) -> None:
    if asked:
        import jieban

        print(f"jieban {jieban.__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本。")
    ] = False,
) -> None:
    """Hold the options of the program itself."""


@app.command(help="启动系统：网页、时钟与办理，前台运行，Ctrl-C 停止。")
def serve() -> None:
    """Run the whole system in the foreground."""
    from jieban.cli.serve import serve as run_server
    from jieban.settings import read_settings

    run_server(read_settings())


@app.command(help="载入示例县并启动系统（数据均为虚构）。")
def demo() -> None:
    """Run the whole system with the sample county."""
    from jieban.cli.serve import demo as run_demo
    from jieban.settings import read_settings

    run_demo(read_settings())


@app.command(help="建立或升级数据库，并载入日历、规则和随附的流程。")
def migrate(*, as_json: Json = False) -> None:
    """Bring the database to this version."""
    from jieban.cli.migrate import head_revision
    from jieban.cli.prepare import prepare
    from jieban.clock import now
    from jieban.ledger.keys import own_key
    from jieban.settings import read_settings

    settings = read_settings()
    changed = prepare(settings.database_url, now())
    own_key(settings)
    revision = head_revision()
    words = f"数据库已升级到版本 {revision}。" if changed else f"数据库已是最新版本 {revision}。"
    answer({"revision": revision, "changed": changed}, words, as_json=as_json)


app.command()(copies.backup)
app.command()(copies.restore)


def run(arguments: list[str]) -> int:
    """Run one command; an error is a sentence on stderr and an exit code, 2 where the command itself was wrong."""
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="jieban", standalone_mode=False)
    except JiebanError as error:
        return _complain(_sentence(error), 1)
    except TyperException as error:
        return _complain(_usage(error.format_message().strip()), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("已取消。", 130)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


_WORDS = (
    (r"Missing argument '(.+)'\.", r"缺少“\1”。"),
    (r"Missing option '(.+)'\.", r"缺少选项 \1。"),
    (r"No such command '([^']+)'.*", r"没有命令 \1。"),
    (r"No such option: ([^ ]+?)\.?( .*)?", r"没有选项 \1。"),
    (r"Got unexpected extra argument\S* \((.+)\)", r"多余的内容：\1。"),
    (r"Option '(.+)' requires an argument\.", r"选项 \1 后面缺少内容。"),
    (r"Invalid value for '(.+)': (?:file|dir|path|directory) '(.+)' does not exist\.", r"“\1”不存在：\2。"),
    (r"Invalid value for '(.+)': (?:file|path) '(.+)' is a directory\.", r"“\1”应为文件，\2 是文件夹。"),
    (r"Invalid value for '(.+)': (?:dir|directory) '(.+)' is a file\.", r"“\1”应为文件夹，\2 是文件。"),
)
"""What the parser of the command line says, and how the rest of the program would say it."""


def _usage(words: str) -> str:
    # A group without a command answers with its help, which needs no sentence around it.
    if words.startswith("Usage:"):
        return words
    for english, chinese in _WORDS:
        if found := re.fullmatch(english, words, re.DOTALL):
            words = found.expand(chinese)
            break
    return f"命令用法有误：{words}（用 jieban --help 查看用法）"


def _sentence(error: JiebanError) -> str:
    # The first of several errors is often the message itself.
    rows = error.errors if isinstance(error, Invalid) else []
    further = [f"{row['field']}:{row['message']}" for row in rows if row["message"] not in error.message]
    return "\n".join([error.message, *further])


def _complain(words: str, code: int) -> int:
    if words:
        print(words, file=sys.stderr)
    return code
