"""Papers of a case: kept by their content, told apart by their content, given out as downloads only."""

import hashlib
import uuid
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.audit import record_read
from jieban.cases.events import add_event
from jieban.cases.tables import Case, Paper
from jieban.errors import Invalid, NotFound
from jieban.ids import new_id
from jieban.intake.applications import PAPERS
from tasks.cases import get_case
from web.cases.routes import case_page
from web.i18n import translate
from web.pages import redirect
from web.security.body_limit import LARGEST_FILE
from web.security.visitor import Visitor, may

router = APIRouter()
_KINDS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
"""By the first bytes; a name or a declared type proves nothing."""


@router.post("/cases/{case_id}/papers")
def upload_paper(
    request: Request,
    case_id: uuid.UUID,
    kind: str = Form("", max_length=40),
    name: str = Form("", max_length=200),
    upload: UploadFile | str = File(""),
    visitor: Visitor = Depends(may("task.work")),
) -> Response:
    """Keep a scan or photograph of a paper with the case."""
    try:
        _keep(visitor, case_id, kind, name.strip(), upload)
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        given = {"kind": kind, "name": name}
        return case_page(request, visitor, case_id, status=422, errors=errors, given=given, dialog="papers")
    return redirect(f"/cases/{case_id}#papers", translate(visitor.locale, "材料已上传。"))


def _keep(visitor: Visitor, case_id: uuid.UUID, kind: str, name: str, upload: UploadFile | str) -> None:
    with visitor.database.read() as session:
        get_case(session, visitor.actor, case_id)  # nothing is stored for a case of elsewhere
    content, file_name = _content(upload)
    if kind not in PAPERS:
        raise Invalid(errors=[{"field": "kind", "message": "请选择材料种类。"}])
    digest = _store(visitor.settings.uploads, content)
    with visitor.database.write() as session:
        case = get_case(session, visitor.actor, case_id)
        paper = _paper(session, visitor, case, kind, name)
        paper.state, paper.file_name, paper.media_type = "provided", file_name, _media_type(content)
        paper.sha256, paper.size = digest, len(content)
        told = {"name": paper.name if kind == "other" else PAPERS[kind], "sha256": digest}
        add_event(
            session, case_id=case.id, at=visitor.now, kind="paper.added", actor=visitor.actor, data=told
        )


@router.get("/cases/{case_id}/papers/{paper_id}")
def download_paper(
    case_id: uuid.UUID, paper_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))
) -> Response:
    """Give a paper as a download, so that nothing of it runs in our pages."""
    with visitor.database.write() as session:
        case = get_case(session, visitor.actor, case_id)
        paper = session.get(Paper, paper_id)
        path = visitor.settings.uploads / paper.sha256[:2] / paper.sha256 if paper and paper.sha256 else None
        if paper is None or paper.case_id != case.id or path is None or not path.is_file():
            raise NotFound("没有找到该材料，或您无权查看。")
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=case.id,
            what="paper",
            detail=paper.file_name,
        )
    return Response(
        path.read_bytes(),
        media_type=paper.media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(paper.file_name)}"},
    )


def _content(upload: UploadFile | str) -> tuple[bytes, str]:
    if isinstance(upload, str) or not upload.filename:
        raise Invalid(errors=[{"field": "upload", "message": "请选择文件。"}])
    content = upload.file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Invalid(errors=[{"field": "upload", "message": "文件超过 25 MB，请压缩或分开后再上传。"}])
    _media_type(content)
    # Without signs that cannot be seen: one that turns the direction of writing makes a name read as another.
    name = "".join(letter for letter in upload.filename if letter.isprintable())
    return content, Path(name.replace("\\", "/")).name[-200:]


def _media_type(content: bytes) -> str:
    for start, media_type in _KINDS:
        if content.startswith(start):
            return media_type
    raise Invalid(errors=[{"field": "upload", "message": "只能上传 PDF、JPG 或 PNG 文件。"}])


def _store(folder: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = folder / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed, so that a file under its digest is always whole.
        partial = path.with_name(f"{digest}.{uuid.uuid4().hex}.part")
        partial.write_bytes(content)
        partial.replace(path)
    return digest


def _paper(session: Session, visitor: Visitor, case: Case, kind: str, name: str) -> Paper:
    """Take the row that waits for this file, or add one."""
    waiting = select(Paper).where(Paper.case_id == case.id, Paper.kind == kind, Paper.sha256 == "")
    found = session.scalars(waiting.limit(1)).one_or_none() if kind != "other" else None
    if found is None:
        found = Paper(id=new_id(), case_id=case.id, kind=kind, name=name or PAPERS[kind], state="provided")
        session.add(found)
    found.added_by, found.added_at = visitor.actor.id, visitor.now
    return found
