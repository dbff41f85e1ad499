"""Takes in a file of applications: what is right becomes cases, what is not is reported cell by cell."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from jieban.clock import local_day
from jieban.database import Database
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.intake.applications import NewApplication
from jieban.intake.checks import check
from jieban.intake.reading import ReadApplication
from jieban.intake.rejections import Rejection
from jieban.intake.tables import ImportedApplication
from jieban.intake.workbook import read_rows
from jieban.staff.actor import Actor
from jieban.writes import add
from workflows.cases import open_case

__all__ = ["ImportReport", "Rejection", "digest", "import_file"]

Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What became of a file: how many applications were added, how many had come in before, and what is wrong."""

    added: int = 0
    known: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    """the numbers of the cases that were opened, in the order of the file"""


def import_file(
    database: Database, path: Path, actor: Actor, now: datetime, progress: Progress | None = None
) -> ImportReport:
    """Register the applications of a file, each in a transaction of its own; the same file again changes nothing.

    Raises Invalid where the file as a whole cannot be used, and NotAllowed where the actor may not register cases.
    """
    actor.require("case.register")
    reading = read_rows(path)
    report = ImportReport(rejected=list(reading.stray))
    for done, found in enumerate(reading.applications, 1):
        _take_in(database, found, path.name, actor, now, report)
        if progress:
            progress(done, len(reading.applications))
    return report


def digest(application: NewApplication) -> str:
    """Name an application by its content; how a file numbers it does not matter."""
    exact = replace(
        application,
        incomes=tuple(replace(one, monthly=one.monthly.normalize()) for one in application.incomes),
        properties=tuple(
            replace(one, amount=None if one.amount is None else one.amount.normalize())
            for one in application.properties
        ),
    )
    fields = asdict(exact)
    if not fields["extra"]:
        # Files that were taken in before procedures could ask for more are still known.
        del fields["extra"]
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _take_in(
    database: Database,
    found: ReadApplication,
    file_name: str,
    actor: Actor,
    now: datetime,
    report: ImportReport,
) -> None:
    assert found.application is not None
    if found.rejected:
        report.rejected += _all_findings(database, found, now)
        return
    key = digest(found.application)
    try:
        with database.write() as session:
            if session.get(ImportedApplication, key):
                report.known += 1
                return
            case = open_case(session, actor, now, found.application)
            add(
                session,
                ImportedApplication(
                    digest=key,
                    case_id=case.id,
                    file_name=file_name[-200:],
                    imported_by=actor.id,
                    imported_at=now,
                ),
            )
            number = case.number
    except Invalid as wrong:
        named = [found.locate(one["field"], one["message"]) for one in wrong.errors]
        report.rejected += named or [found.locate("", wrong.message)]
    except NotAllowed as outside:
        report.rejected.append(found.locate("village_code", outside.message))
    except Conflict as late:
        report.rejected.append(found.locate("", late.message))
    except IntegrityError:
        # Somebody takes in the same file at the same moment; whoever was first has registered it.
        with database.read() as session:
            if session.get(ImportedApplication, key) is None:
                raise
        report.known += 1
    else:
        report.added += 1
        report.numbers.append(number)


def _all_findings(database: Database, found: ReadApplication, now: datetime) -> list[Rejection]:
    """Say everything that is wrong at once: what could not be read, and what is wrong with the rest."""
    assert found.application is not None
    with database.read() as session:
        more = check(found.application, session, local_day(now))
    located = [found.locate(one["field"], one["message"]) for one in more]
    unread = {(one.sheet, one.row, one.field) for one in found.rejected}
    return found.rejected + [one for one in located if (one.sheet, one.row, one.field) not in unread]
