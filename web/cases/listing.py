from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator

from jieban import workdays
from jieban.areas.lookup import area_name
from jieban.audit import record_read
from tasks.cases import list_cases
from web.cases import words
from web.pages import Due, render
from web.security.visitor import Visitor, may

router = APIRouter()
_PAGE = 40
_ID_NUMBER = 18


def _known(stage: str) -> str:
    if stage and stage not in words.STAGES:
        raise ValueError("stage: one of " + ", ".join(words.STAGES))
    return stage


Stage = Annotated[str, AfterValidator(_known), Query(json_schema_extra={"enum": ["", *words.STAGES]})]


@router.get("/cases")
def show_cases(
    request: Request,
    search: str = "",
    stage: Stage = "",
    state: Literal["", "open", "closed"] = "",
    late: bool = False,
    after: str = "",
    visitor: Visitor = Depends(may("case.read")),
) -> Response:
    """List the cases of the visitor's area, the newest first."""
    text = search.strip()[:100]
    with visitor.database.read() as session:
        page = list_cases(
            session,
            visitor.actor,
            search=text,
            stage=stage,
            state=state,
            late_at=visitor.now if late else None,
            after=after or None,
            limit=_PAGE,
        )
        places = {code: area_name(session, code) for code in {case.town_code for case in page.rows}}
        clock = Due(workdays.load_calendar(session), visitor.now, visitor.locale)
    record_search(visitor, text)
    shown = {"search": text, "stage": stage, "state": state, "late": "1" if late else "", "after": after}
    return render(
        request, "cases.html", block="list", page=page, places=places, shown=shown, clock=clock, words=words
    )


def record_search(visitor: Visitor, text: str) -> None:
    """Write down that somebody looked for a person by ID number."""
    text = text.strip()
    if len(text) != _ID_NUMBER:
        return
    with visitor.database.write() as session:
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=None,
            what="case",
            detail=f"search …{text[-4:]}",
        )
