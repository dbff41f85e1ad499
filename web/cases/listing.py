from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from jieban import workdays
from jieban.areas.lookup import area_name
from jieban.audit import record_read
from tasks.cases import list_cases
from web.cases import words
from web.pages import Due, render
from web.security.visitor import Visitor, may

router = APIRouter()
_PAGE = 40


@router.get("/cases")
def show_cases(
    request: Request,
    search: str = "",
    stage: str = "",
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
    if len(text) == 18:
        with visitor.database.write() as session:
            record_read(
                session,
                actor=visitor.actor,
                now=visitor.now,
                case_id=None,
                what="case",
                detail=f"search …{text[-4:]}",
            )
    shown = {"search": text, "stage": stage, "state": state, "late": "1" if late else "", "after": after}
    return render(
        request, "cases.html", block="list", page=page, places=places, shown=shown, clock=clock, words=words
    )
