import tempfile
import uuid
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import Response

from jieban.audit import record_read
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.payments import lists
from jieban.payments.bank_file import as_csv, write_workbook
from tasks.cases import get_case
from tasks.operations.payment_lists import bank_file
from web.i18n import translate
from web.pages import redirect, render
from web.payments import shown
from web.security.visitor import Visitor, may
from workflows.payments import PAYER, ReceiptReport, take_receipt

router = APIRouter()
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/cases/{case_id}/payments")
def show_list(
    request: Request,
    case_id: uuid.UUID,
    state: str = "",
    after: int = 0,
    visitor: Visitor = Depends(may("case.read")),
) -> Response:
    """Show the payment list of a case, page by page."""
    return _page(request, visitor, case_id, state=state, after=after)


@router.get("/cases/{case_id}/payments/file.{kind}")
def download(case_id: uuid.UUID, kind: str, visitor: Visitor = Depends(may("task.work"))) -> Response:
    """Give the file for the bank, as CSV or as a workbook; that somebody took it is written down."""
    with visitor.database.write() as session:
        case = get_case(session, visitor.actor, case_id)
        the_list = lists.current_list(session, case.id)
        if the_list is None or kind not in _TYPES:
            raise NotFound("没有找到该文件，或您无权查看。")
        if PAYER not in visitor.actor.roles:
            raise NotAllowed("只有发放经办人可以下载代发文件。")
        if the_list.state not in ("approved", "sent", "settled"):
            raise Conflict("名册经财政审核同意后，才能下载代发文件。")
        lines = lists.lines_of(session, the_list.id)
        if not lists.is_whole(the_list, lines):
            raise Conflict("名册的内容与编制时不一致，不能下载，请告知系统管理员。")
        about = bank_file(case.number, the_list)
        name = f"{about.list_number}.{kind}"
        record_read(
            session, actor=visitor.actor, now=visitor.now, case_id=case.id, what="export", detail=name
        )
    if kind == "csv":
        content = as_csv(about, lines)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.xlsx"
            write_workbook(about, lines, path)
            content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[kind], headers=headers)


@router.post("/cases/{case_id}/payments/receipt")
def answer(
    request: Request,
    case_id: uuid.UUID,
    upload: UploadFile | str = File(""),
    visitor: Visitor = Depends(may("task.work")),
) -> Response:
    """Take in the bank's answer; rows that cannot be right are listed with the reason."""
    with visitor.database.read() as session:
        get_case(session, visitor.actor, case_id)
    name = "" if isinstance(upload, str) else Path(upload.filename or "").name
    if isinstance(upload, str) or Path(name).suffix.lower() not in {".csv", ".xlsx"}:
        said = "请选择银行回盘文件（.xlsx 或 .csv）。"
        return _page(request, visitor, case_id, status=422, message=said)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"receipt{Path(name).suffix.lower()}"
        path.write_bytes(upload.file.read())
        try:
            with visitor.database.write() as session:
                report = take_receipt(session, visitor.actor, visitor.now, case_id, path)
        except (Invalid, Conflict) as wrong:
            return _page(request, visitor, case_id, status=422, message=wrong.message)
    if report.rejected:
        return _page(request, visitor, case_id, status=422, report=report)
    values = {"paid": report.paid, "returned": report.returned, "known": report.known}
    said = translate(
        visitor.locale,
        "回盘已导入：发放成功 {paid} 笔，退回 {returned} 笔，此前已导入 {known} 笔。",
        **values,
    )
    return redirect(f"/cases/{case_id}/payments", said)


def _page(
    request: Request,
    visitor: Visitor,
    case_id: uuid.UUID,
    *,
    status: int = 200,
    message: str = "",
    report: ReceiptReport | None = None,
    **wanted: Any,
) -> Response:
    with visitor.database.read() as session:
        case = get_case(session, visitor.actor, case_id)
        found = shown.shown_list(session, visitor.actor, case, most=shown.MANY, **wanted)
    if found is None:
        raise NotFound("没有找到该名册，或您无权查看。")
    with visitor.database.write() as session:
        record_read(
            session, actor=visitor.actor, now=visitor.now, case_id=case.id, what="case", detail=found.number
        )
    return render(
        request,
        "payment_list.html",
        status=status,
        case=case,
        paying=found,
        pay=shown,
        state=wanted.get("state", ""),
        message=message,
        report=report,
    )
