"""Errors of the parts below become answers here, once: pages for people, JSON for programs."""

import logging
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from jieban.errors import Conflict, Invalid, JiebanError, NotAllowed, NotFound
from jieban.staff.signing_in import SignInRefused, SignInThrottled
from web.i18n import N_
from web.pages import render
from web.security.visitor import PasswordChangeNeeded, SignInNeeded
from web.sentences import shape_errors

_log = logging.getLogger(__name__)
_STATUS: dict[type[BaseException], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    SignInNeeded: 401,
    SignInThrottled: 429,
    SignInRefused: 401,
    PasswordChangeNeeded: 403,
}
_PLAIN = {
    400: N_("发来的内容无法读取：格式有误，或者嵌套过深。"),
    404: N_("没有这个页面。"),
    405: N_("不能这样打开该地址。"),
    422: N_("地址或参数有误。"),
    500: N_("系统出错，操作没有完成。请稍后再试；多次出现请告知系统管理员。"),
}


def install_error_answers(app: FastAPI) -> None:
    """Register how each kind of error is answered."""
    app.add_exception_handler(JiebanError, _jieban_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _bug)


def status_of(error: JiebanError) -> int:
    """Give the status of an error by its kind."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def wants_json(request: Request) -> bool:
    """Tell whether a program asked."""
    accept = request.headers.get("accept", "")
    return (
        request.url.path.startswith("/api/")
        or ("application/json" in accept and "text/html" not in accept)
        or request.headers.get("content-type", "").startswith(("application/json", "application/xml"))
    )


def answer_error(
    request: Request, status: int, message: str, errors: list[dict[str, str]] | None = None
) -> Response:
    """Say what went wrong, as a page or as JSON."""
    if wants_json(request):
        return JSONResponse({"message": message, "errors": errors or []}, status)
    return render(request, "error.html", status=status, code=status, message=message, errors=errors or [])


def _jieban_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, JiebanError)
    if not wants_json(request):
        if isinstance(error, SignInNeeded):
            target = request.url.path if request.method == "GET" else "/"
            return RedirectResponse("/login" if target == "/" else f"/login?next={quote(target)}", 303)
        if isinstance(error, PasswordChangeNeeded):
            return RedirectResponse("/password", 303)
    errors = error.errors if isinstance(error, Invalid) else []
    answer = answer_error(request, status_of(error), error.message, errors)
    if isinstance(error, SignInThrottled):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = _PLAIN.get(error.status_code) or HTTPStatus(error.status_code).phrase
    return answer_error(request, error.status_code, message)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not wants_json(request):
        # An id that is none can only have been typed by hand.
        code = 404 if any(one["loc"][0] == "path" for one in error.errors()) else 422
        return answer_error(request, code, _PLAIN[code])
    return answer_error(request, 422, N_("填写的内容有误，请按提示修改。"), shape_errors(error.errors()))


def _bug(request: Request, error: Exception) -> Response:
    _log.error("a page failed: %s %s", request.method, request.url.path, exc_info=error)
    return answer_error(request, 500, _PLAIN[500])
