"""Loading local standards: a workbook that is checked, a preview of what it changes, a second click, and taking it back."""

import hashlib
import tempfile
import uuid
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name
from jieban.audit import record_read
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.intake.rejections import Rejection
from jieban.people.names import short_name
from jieban.procedures.tables import ModelVersion
from jieban.rules import standards
from jieban.rules.standards.affected import concerned, open_cases, write_concerned
from jieban.rules.standards.items import items
from web.admin.rules import CITABLE, PROVENANCES
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
Editor = Annotated[Visitor, Depends(may("rules.edit"))]
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENDINGS = {".xlsx", ".csv"}
_MOST_SHOWN = 50
_MOST_REASONS = 500
_COUNTY = 6


@router.get("/admin/rules/import")
def ask(request: Request, visitor: Editor) -> Response:
    """Show where a workbook of standards is taken in, and what was loaded lately."""
    return _page(request, visitor)


@router.get("/admin/rules/import/template.xlsx")
def template(visitor: Editor) -> Response:
    """Give the workbook with the present values of the visitor's area."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standards.xlsx"
        with visitor.database.read() as session:
            standards.write_template(session, visitor.actor.area_code, local_day(visitor.now), path)
        return _download(path, "jieban-standards.xlsx")


@router.post("/admin/rules/import")
def take_in(request: Request, visitor: Editor, upload: UploadFile | str = File("")) -> Response:
    """Check a file; where nothing is wrong with it, show what it would change."""
    name = "" if isinstance(upload, str) else Path(upload.filename or "").name
    if isinstance(upload, str) or not name:
        return _page(request, visitor, message="请选择要导入的文件。")
    if Path(name).suffix.lower() not in _ENDINGS:
        return _page(request, visitor, message="只能导入 .xlsx 或 .csv 文件，请用下载的模板填写。")
    content = upload.file.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        try:
            read = standards.read_standards(path)
        except Invalid as wrong:
            return _page(request, visitor, message=wrong.message)
    digest = hashlib.sha256(content).hexdigest()
    preview_id, rejected = keep(visitor, read, file=name, sha256=digest)
    if preview_id is None:
        return _page(request, visitor, rejected=rejected)
    return redirect(f"/admin/rules/import/{preview_id}")


def keep(
    visitor: Visitor, read: standards.Reading, *, file: str, sha256: str
) -> tuple[uuid.UUID | None, list[Rejection]]:
    """Record what somebody wants to load, or say what is wrong with it."""
    with visitor.database.write() as session:
        within = visitor.actor.area_code
        plan = standards.make_plan(session, within, local_day(visitor.now), read.wanted, read.bases)
        if rejected := [*read.rejected, *plan.rejected]:
            return None, rejected
        given: dict[str, Any] = {"wanted": read.wanted, "bases": read.bases}
        preview_id = standards.record_preview(
            session, visitor.actor, visitor.now, file=file, sha256=sha256, **given
        )
    return preview_id, []


@router.get("/admin/rules/import/{preview_id}")
def show(request: Request, preview_id: uuid.UUID, visitor: Editor) -> Response:
    """Show what a file would change and whom it concerns, or what became of it."""
    return _preview(request, visitor, preview_id)


@router.post("/admin/rules/import/{preview_id}")
def confirm(
    request: Request, preview_id: uuid.UUID, visitor: Editor, read: Annotated[bool, Form()] = False
) -> Response:
    """Make the values of a preview valid."""
    try:
        with visitor.database.write() as session:
            standards.confirm(session, visitor.actor, visitor.now, preview_id, warnings_read=read)
    except Invalid as wrong:
        return _preview(request, visitor, preview_id, message=wrong.message)
    return redirect(f"/admin/rules/import/{preview_id}")


@router.post("/admin/rules/import/{preview_id}/undo")
def undo(request: Request, preview_id: uuid.UUID, visitor: Editor) -> Response:
    """Take an import back before it holds."""
    try:
        with visitor.database.write() as session:
            standards.undo(session, visitor.actor, visitor.now, preview_id)
    except Invalid as wrong:
        return _preview(request, visitor, preview_id, message=wrong.message)
    return redirect("/admin/rules/import", translate(visitor.locale, "已撤销，原来的值继续有效。"))


@router.get("/admin/rules/import/{preview_id}/cases.xlsx")
def cases(preview_id: uuid.UUID, visitor: Editor) -> Response:
    """Give the benefits that the new values concern, as a workbook; that somebody took it is written down."""
    actor = visitor.actor
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.xlsx"
        with visitor.database.write() as session:
            preview = standards.find_preview(session, preview_id)
            rows = concerned(session, actor, standards.plan_of(session, actor, visitor.now, preview))
            whole = actor.may("case.read")
            count = write_concerned(session, rows, _procedures(session), path, whole_names=whole)
            detail = f"{preview.file}，{count} 户"
            record_read(session, actor=actor, now=visitor.now, case_id=None, what="export", detail=detail)
        return _download(path, "jieban-standards-cases.xlsx")


def _page(
    request: Request, visitor: Visitor, *, message: str = "", rejected: list[Rejection] | None = None
) -> Response:
    with visitor.database.read() as session:
        past = standards.past_imports(session, visitor.actor.area_code)
    return render(
        request,
        "rules_import.html",
        status=422 if message or rejected else 200,
        message=message,
        rejected=(rejected or [])[:_MOST_REASONS],
        wrong=len(rejected or []),
        past=past,
        today=local_day(visitor.now),
    )


def _preview(request: Request, visitor: Visitor, preview_id: uuid.UUID, message: str = "") -> Response:
    actor = visitor.actor
    with visitor.database.read() as session:
        preview = standards.find_preview(session, preview_id)
        plan = standards.plan_of(session, actor, visitor.now, preview)
        done = preview.imported is not None
        people = [] if done else list(islice(concerned(session, actor, plan), _MOST_SHOWN + 1))
        codes = {change.new.area_code for change in plan.changes} | {one.town_code for one in people}
        codes |= {row["after"]["area_code"] for row in preview.rows}
        context: dict[str, Any] = {
            "places": {code: _place(session, code) for code in codes},
            "waiting": None if done else open_cases(session, actor, plan),
            "procedures": _procedures(session),
        }
    return render(
        request,
        "rules_preview.html",
        status=422 if message else 200,
        preview=preview,
        plan=plan,
        rows=preview.rows,
        people=people[:_MOST_SHOWN],
        more=len(people) > _MOST_SHOWN,
        holder=str if actor.may("case.read") else short_name,
        message=message,
        items=items(),
        can_be_undone=preview.can_be_undone(local_day(visitor.now)),
        citable=CITABLE,
        provenances=PROVENANCES,
        **context,
    )


def _place(session: Session, code: str) -> str:
    """Name a county, or a township with its county, as the table has room for no more."""
    names = [area_name(session, code[:_COUNTY]), area_name(session, code)]
    return " ".join(dict.fromkeys(names))


def _procedures(session: Session) -> dict[str, str]:
    query = select(ModelVersion.key, ModelVersion.name).where(ModelVersion.state == "published")
    return {row.key: row.name for row in session.execute(query)}


def _download(path: Path, name: str) -> Response:
    return Response(
        path.read_bytes(),
        media_type=_WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
