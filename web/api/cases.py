import uuid
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from jieban import workdays
from jieban.audit import record_read
from jieban.deadlines import Deadline
from jieban.intake.applications import NewApplication
from jieban.people.id_numbers import mask
from tasks import cases
from tasks.cases import Dossier
from web.api.shapes import (
    CaseDetail,
    CaseList,
    CaseOut,
    DeadlineOut,
    EventOut,
    IncomeOut,
    LetterOut,
    MemberOut,
)
from web.api.tasks import Cursor, Limit, task_out
from web.cases.listing import Stage, record_search
from web.pages import Due
from web.security.visitor import Visitor, may
from workflows.cases import open_case

router = APIRouter(prefix="/cases", tags=["cases"])
Reader = Annotated[Visitor, Depends(may("case.read"))]


@router.post("", status_code=201, summary="Open a case")
def register(
    application: NewApplication, visitor: Annotated[Visitor, Depends(may("case.register"))]
) -> CaseOut:
    """Register an application in the caller's area; 422 has one entry per wrong field."""
    with visitor.database.write() as session:
        case = open_case(session, visitor.actor, visitor.now, application)
        return CaseOut.model_validate(case)


@router.get("", summary="List cases")
def list_cases(
    visitor: Reader,
    search: Annotated[str, Query(max_length=100)] = "",
    stage: Stage = "",
    state: Literal["", "open", "closed"] = "",
    registered_from: date | None = None,
    after: Cursor = None,
    limit: Limit = 50,
    *,
    late: bool = False,
) -> CaseList:
    """List the cases in the caller's area, the newest first; `search` is a number, an ID number or a name."""
    with visitor.database.read() as session:
        page = cases.list_cases(
            session,
            visitor.actor,
            search=search,
            stage=stage,
            state=state,
            late_at=visitor.now if late else None,
            registered_from=registered_from,
            after=after,
            limit=limit,
        )
        answer = CaseList(cases=[CaseOut.model_validate(case) for case in page.rows], next=page.next)
    record_search(visitor, search)
    return answer


@router.get("/{case_id}", summary="Read a case")
def show(case_id: uuid.UUID, visitor: Reader) -> CaseDetail:
    """Give a case with its facts; ID numbers are masked, and the reading is written down."""
    with visitor.database.read() as session:
        case = cases.get_case(session, visitor.actor, case_id)
        found = cases.dossier(session, case, visitor.now)
        due = Due(
            workdays.load_calendar(session).at(case.town_code),
            visitor.now,
            visitor.locale,
            clocks=found.deadlines,
        )
        answer = _detail(found, due)
    with visitor.database.write() as session:
        record_read(session, actor=visitor.actor, now=visitor.now, case_id=case_id, what="api")
    return answer


def _detail(found: Dossier, due: Due) -> CaseDetail:
    members = [
        MemberOut(
            name=member.name,
            id_number=mask(found.people[member.person_id].id_number),
            relation=member.relation,
            counted=member.counted,
            work_ability=member.work_ability,
            health=member.health,
            disability=member.disability,
        )
        for member in found.members
    ]
    return CaseDetail(
        case=CaseOut.model_validate(found.case),
        receipt_code=found.contact.receipt_code if found.contact else "",
        first_receiver=found.contact.receiver_name if found.contact else "",
        members=members,
        incomes=[IncomeOut.model_validate(row) for row in found.incomes],
        deadlines=[_clock(row, due) for row in found.deadlines],
        tasks=[task_out(row, due) for row in found.tasks],
        letters=[LetterOut.model_validate(row) for row in found.letters],
        events=[EventOut.model_validate(row) for row in found.events],
    )


def _clock(row: Deadline, due: Due) -> DeadlineOut:
    left = due.words(row).text if row.state == "running" else ""
    return DeadlineOut.model_validate(row).model_copy(update={"left": left})
