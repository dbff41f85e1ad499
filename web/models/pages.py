"""The procedures and their published versions, to be read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from web.models import shown
from web.pages import render
from web.security.visitor import Visitor, may
from web.titles import procedure_title
from workflows import model_store

router = APIRouter(prefix="/models")

Reader = Annotated[Visitor, Depends(may("model.read"))]


@router.get("")
def list_models(request: Request, visitor: Reader) -> Response:
    """List the procedures with their drafts and versions."""
    with visitor.database.read() as session:
        return render(request, "models.html", found=shown.overview(session, visitor.locale))


@router.get("/{key}/versions/{number}")
def show_version(request: Request, key: str, number: int, visitor: Reader) -> Response:
    """Show a published version: the diagram, its steps with their limits, and its forms."""
    with visitor.database.read() as session:
        version = model_store.numbered(session, key, number)
        steps = shown.steps(session, version, visitor.now, visitor.locale)
        return render(
            request,
            "model_version.html",
            version=version,
            title=procedure_title(session, visitor.locale, version.id, version.name),
            people=shown.people_of(session, [version]),
            is_current=model_store.current(session, key).id == version.id,
            human=[one for one in steps if one.human],
            automatic=[one for one in steps if not one.human],
            widgets=shown.WIDGETS,
            forms=shown.forms(session, version, visitor.locale),
        )


@router.get("/{key}/versions/{number}/model.bpmn")
def version_xml(key: str, number: int, visitor: Reader) -> Response:
    """Give the diagram of a published version."""
    with visitor.database.read() as session:
        version = model_store.numbered(session, key, number)
        content = model_store.files(session, version.id)[model_store.MODEL]
    return Response(content, media_type="application/xml")
