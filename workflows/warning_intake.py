"""Takes in a file of warnings: what is right becomes cases, what is not is reported cell by cell (JC-03, JC-06)."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.database import Database
from jieban.errors import Invalid, NotAllowed
from jieban.intake.tables import ImportedApplication
from jieban.monitoring.comparing import record_comparison
from jieban.monitoring.workbook import ReadWarning, read_warnings
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from jieban.staff.actor import Actor
from jieban.writes import add
from workflows.cases import open_matter
from workflows.intake import ImportReport

PROCEDURE = "warning_check"


def import_warnings(database: Database, path: Path, actor: Actor, now: datetime) -> ImportReport:
    """Register the warnings of a file, each in a transaction of its own; the same file again changes nothing.

    That the data of a source were compared is kept for each county of the file. Raises Invalid where the file as a whole
    cannot be used.
    """
    reading = read_warnings(path)
    report = ImportReport(rejected=list(reading.rejected))
    compared: dict[tuple[str, str], int] = {}
    for found in reading.warnings:
        if _take_in(database, found, path.name, actor, now, report):
            key = (str(found.matter.data["source"]), found.matter.area_code[:6])
            compared[key] = compared.get(key, 0) + 1
    with database.write() as session:
        for (source, county), count in compared.items():
            if actor.covers(county):
                record_comparison(session, actor, now, source, county, found=count, file=path.name)
    return report


def _take_in(
    database: Database,
    found: ReadWarning,
    file_name: str,
    actor: Actor,
    now: datetime,
    report: ImportReport,
) -> bool:
    try:
        with database.write() as session:
            if session.get(ImportedApplication, found.digest):
                report.known += 1
                return False
            if number := _open_already(session, found):
                reason = f"此人同一指标的预警正在核查（{number}），不重复登记。"
                report.rejected.append(found.reject("subject", reason))
                return False
            case = open_matter(session, actor, now, found.matter, procedure=PROCEDURE)
            row = ImportedApplication(
                digest=found.digest,
                case_id=case.id,
                file_name=file_name[-200:],
                imported_by=actor.id,
                imported_at=now,
            )
            add(session, row)
            number = case.number
    except Invalid as wrong:
        named = [found.reject(one["field"], one["message"]) for one in wrong.errors]
        report.rejected += named or [found.reject("", wrong.message)]
        return False
    except NotAllowed as outside:
        report.rejected.append(found.reject("area_code", outside.message))
        return False
    except IntegrityError:
        # Somebody takes in the same file at the same moment; whoever was first has registered it.
        with database.read() as session:
            if session.get(ImportedApplication, found.digest) is None:
                raise
        report.known += 1
        return False
    report.added += 1
    report.numbers.append(number)
    return True


def _open_already(session: Session, found: ReadWarning) -> str | None:
    query = (
        select(Case.number, CaseRecord.data)
        .join(Person, Person.id == Case.applicant_id)
        .join(CaseRecord, CaseRecord.case_id == Case.id)
        .where(
            Person.id_number == found.matter.id_number,
            Case.procedure == PROCEDURE,
            Case.state == "open",
            CaseRecord.kind == "registration",
        )
    )
    wanted = found.matter.data["indicator"]
    return next((row.number for row in session.execute(query) if row.data.get("indicator") == wanted), None)
