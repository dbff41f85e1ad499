import tempfile
from pathlib import Path

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import Response

from jieban.errors import Invalid
from jieban.intake.workbook import write_template
from web.pages import render
from web.security.visitor import Visitor, may
from workflows.intake import import_file

router = APIRouter()
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENDINGS = {".xlsx", ".csv"}


@router.get("/cases/import")
def import_page(request: Request, visitor: Visitor = Depends(may("case.register"))) -> Response:  # noqa: ARG001
    """Show where a file of applications is taken in."""
    return render(request, "import.html", report=None, message="")


@router.get("/cases/import/template.xlsx")
def template(visitor: Visitor = Depends(may("case.register"))) -> Response:  # noqa: ARG001
    """Give the empty workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "applications.xlsx"
        write_template(path)
        return _download(path, "jieban-applications.xlsx")


@router.post("/cases/import")
def take_in(
    request: Request,
    upload: UploadFile | str = File(""),
    visitor: Visitor = Depends(may("case.register")),
) -> Response:
    """Take in a file; every row that cannot be used is reported with its reason."""
    name = "" if isinstance(upload, str) else Path(upload.filename or "").name
    if isinstance(upload, str) or not name:
        return render(request, "import.html", status=422, report=None, message="请选择要导入的文件。")
    if Path(name).suffix.lower() not in _ENDINGS:
        said = "只能导入 .xlsx 或 .csv 文件，请用下载的模板填写。"
        return render(request, "import.html", status=422, report=None, message=said)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(upload.file.read())
        try:
            report = import_file(visitor.database, path, visitor.actor, visitor.now)
        except Invalid as wrong:
            return render(request, "import.html", status=422, report=None, message=wrong.message)
    return render(request, "import.html", report=report, message="", name=name)


def _download(path: Path, name: str) -> Response:
    return Response(
        path.read_bytes(),
        media_type=_WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
