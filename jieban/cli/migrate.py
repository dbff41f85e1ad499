from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError

import jieban
from jieban.cli.metadata import metadata
from jieban.database import connect
from jieban.errors import JiebanError

_LOCK = 7_214_933_051
"""Any number that nobody else uses: two processes that start together migrate one after the other."""


class DatabaseRefused(JiebanError):  # noqa: N818 - reads as the sentence it is
    """The database cannot be used as it is."""


def migrate(url: str) -> bool:
    """Bring a database to this version's tables; return whether anything was to be done.

    All of it happens in one transaction. A database of a newer version, or one that is not ours, is refused.
    """
    _make_folder(url)
    engine = connect(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return _upgrade(connection)
    except OperationalError as error:
        raise DatabaseRefused(f"无法连接数据库：{_first_line(error.orig)}。") from error
    except DatabaseError as error:
        raise DatabaseRefused(f"数据库无法使用：{_first_line(error.orig)}。") from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> bool:
    config = configuration(connection)
    if current_revision(connection) == head_revision():
        return False
    command.upgrade(config, "head")
    return True


def current_revision(connection: Connection) -> str | None:
    """Return the version of the tables in a database, None for an empty one; refuse one that is newer than this."""
    current = MigrationContext.configure(connection).get_current_revision()
    check_known(current)
    return current


def check_known(revision: str | None) -> None:
    """Raise DatabaseRefused where a version of the tables is one that this program has never heard of."""
    known = {script.revision for script in ScriptDirectory(_folder()).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseRefused(
            f"数据库由更新版本的程序建立（版本 {revision}），本程序为 {jieban.__version__}，请先升级程序。"
        )


def head_revision() -> str:
    """Return the version of the tables that this program makes."""
    return ScriptDirectory(_folder()).get_current_head() or ""


def configuration(connection: Connection) -> Config:
    """Make the Alembic configuration: no file, everything handed in."""
    config = Config()
    config.set_main_option("script_location", _folder())
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata()
    return config


def _folder() -> str:
    return str(Path(jieban.__file__).parent / "migrations")


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    folder = Path(parsed.database).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseRefused(f"数据文件夹无法建立：{folder}（{error.strerror}）。") from error


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "原因不明"
