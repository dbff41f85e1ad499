from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from jieban.cli.metadata import metadata
from jieban.cli.migrate import DatabaseRefused, current_revision, head_revision, migrate
from jieban.database import Database
from jieban.rules import seed_rules
from jieban.settings import read_settings
from jieban.workdays import seed_calendar


def prepare(url: str, now: datetime) -> bool:
    """Migrate, and add what every installation needs: calendar, rules, procedures. Return whether it migrated."""
    from workflows.model_store import seed_procedures

    changed = migrate(url)
    database = Database(url)
    try:
        with database.write() as session:
            seed(session)
            seed_procedures(session, now)
    finally:
        database.close()
    return changed


def seed(session: Session) -> None:
    """Add the working-day calendar and the shipped rule values, as far as they are missing."""
    seed_calendar(session)
    seed_rules(session)


@contextmanager
def open_database() -> Iterator[Database]:
    """Open the database of the settings for one command; it must have been migrated by this version."""
    settings = read_settings()
    metadata()
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not settings.data.exists():
        raise DatabaseRefused(f"数据文件夹 {settings.data} 不存在，请先运行 jieban migrate。")
    from notifications.channels import attach, read_channels

    database = Database(settings.database_url)
    attach(database, read_channels(settings.channels))
    try:
        _check(database)
        yield database
    finally:
        database.close()


def _check(database: Database) -> None:
    try:
        with database.engine.connect() as connection:
            revision = current_revision(connection)
    except DatabaseError as error:
        raise DatabaseRefused(f"无法打开数据库：{str(error.orig).splitlines()[0]}。") from error
    if revision != head_revision():
        raise DatabaseRefused("数据库与本程序版本不一致，请先运行 jieban migrate。")
