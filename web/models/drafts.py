"""Drafts: the page of the editor, and what the editor asks of the server."""

import uuid
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

import bpmn
from jieban.errors import Invalid, NotFound
from jieban.procedures.tables import ModelVersion
from web.i18n import N_, translate
from web.models import shown
from web.models.catalogue import catalogue
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from workflows import model_store

router = APIRouter(prefix="/models/{key}/drafts")


async def raw_body(request: Request) -> bytes:
    """Read a body that is no form: the XML of a diagram."""
    if request.headers.get("content-type", "").startswith(("multipart/", "application/x-www-form-")):
        # A form was read already, for its token, and nothing of it is left.
        raise Invalid("请发送流程图文件的内容。")
    return await request.body()


Editor = Annotated[Visitor, Depends(may("model.edit"))]
Publisher = Annotated[Visitor, Depends(may("model.publish"))]
Body = Annotated[bytes, Depends(raw_body)]
Text = Annotated[str, Form(max_length=2000)]


@router.post("")
def create(key: str, visitor: Editor, note: Text = "") -> Response:
    """Start a draft from the version in use, and open it."""
    with visitor.database.write() as session:
        draft = model_store.create_draft(session, visitor.actor, visitor.now, key, note)
    return redirect(f"/models/{key}/drafts/{draft.id}")


@router.get("/{draft_id}")
def edit(request: Request, key: str, draft_id: uuid.UUID, visitor: Editor) -> Response:
    """Show the editor; a draft that was published meanwhile leads to its version."""
    with visitor.database.read() as session:
        draft = _belongs(model_store.get_version(session, draft_id), key)
        if draft.number:
            return redirect(f"/models/{key}/versions/{draft.number}")
        base = model_store.get_version(session, draft.based_on) if draft.based_on else None
        return render(
            request,
            "model_editor.html",
            draft=draft,
            base=base,
            current=model_store.current(session, key),
            people=shown.people_of(session, [draft]),
            address=f"/models/{key}/drafts/{draft.id}",
        )


@router.get("/{draft_id}/model.bpmn")
def load(key: str, draft_id: uuid.UUID, visitor: Editor) -> Response:
    """Give the diagram with its revision."""
    with visitor.database.read() as session:
        draft = _draft(session, key, draft_id)
        content = model_store.files(session, draft.id)[model_store.MODEL]
    return Response(content, media_type="application/xml", headers={"ETag": f'"{draft.revision}"'})


@router.put("/{draft_id}/model.bpmn")
def save(
    request: Request,
    key: str,
    draft_id: uuid.UUID,
    visitor: Editor,
    content: Body,
) -> Response:
    """Save the diagram over the revision that the editor had opened; 409 where somebody else saved in between."""
    revision = _revision(request)
    with visitor.database.write() as session:
        _draft(session, key, draft_id)
        saved = model_store.save_file(
            session, visitor.actor, visitor.now, draft_id, model_store.MODEL, content, revision
        )
    with visitor.database.read() as session:
        problems = model_store.lint_draft(session, draft_id)
    return JSONResponse({"revision": saved, "problems": _said(problems)})


@router.post("/{draft_id}/lint")
def lint(
    key: str,
    draft_id: uuid.UUID,
    visitor: Editor,
    content: Body,
) -> Response:
    """Say what is wrong with the diagram as it stands in the editor."""
    with visitor.database.read() as session:
        _draft(session, key, draft_id)
        problems = model_store.lint_draft(
            session, draft_id, {model_store.MODEL: content} if content else None
        )
    return JSONResponse({"problems": _said(problems)})


@router.post("/{draft_id}/publish")
def publish(key: str, draft_id: uuid.UUID, visitor: Publisher) -> Response:
    """Publish the draft as the next version, or say what is in the way."""
    try:
        with visitor.database.write() as session:
            _draft(session, key, draft_id)
            version = model_store.publish(session, visitor.actor, visitor.now, draft_id)
    except model_store.CannotPublish as refused:
        return JSONResponse({"message": refused.message, "problems": _said(refused.problems)}, 422)
    words = translate(visitor.locale, N_("已发布第 {n} 版，新登记的申请按此办理。"), n=version.number)
    return JSONResponse({"version": version.number, "message": words})


@router.post("/{draft_id}/note")
def note(key: str, draft_id: uuid.UUID, visitor: Editor, note: Text = "") -> Response:
    """Keep what the draft changes and why; the page stays as it is."""
    with visitor.database.write() as session:
        _draft(session, key, draft_id)
        model_store.set_note(session, visitor.actor, visitor.now, draft_id, note)
    return Response(status_code=204)


@router.post("/{draft_id}/discard")
def discard(key: str, draft_id: uuid.UUID, visitor: Editor) -> Response:
    """Throw the draft away."""
    with visitor.database.write() as session:
        _draft(session, key, draft_id)
        model_store.discard(session, visitor.actor, visitor.now, draft_id)
    return redirect("/models", translate(visitor.locale, N_("草稿已丢弃。")))


@router.get("/{draft_id}/catalogue.json")
def choices(key: str, draft_id: uuid.UUID, visitor: Editor) -> Response:
    """Give what the editor offers to choose from."""
    with visitor.database.read() as session:
        return JSONResponse(catalogue(session, _draft(session, key, draft_id), visitor.now))


def _draft(session: Session, key: str, draft_id: uuid.UUID) -> ModelVersion:
    return _belongs(model_store.get_version(session, draft_id), key)


def _belongs(version: ModelVersion, key: str) -> ModelVersion:
    if version.key != key:
        raise NotFound("没有找到该流程版本。")
    return version


def _revision(request: Request) -> int:
    given = request.headers.get("if-match", "").strip('"')
    # Without a revision nobody knows what would be overwritten; no draft has a negative one.
    return int(given) if given.isdecimal() else -1


def _said(problems: Iterable[bpmn.Problem]) -> list[dict[str, Any]]:
    return [
        {"severity": str(one.severity), "element": one.element, "rule": one.rule, "message": one.message}
        for one in problems
    ]
