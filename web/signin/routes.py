from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select, update

from jieban.audit import record_admin
from jieban.database import Database
from jieban.errors import Invalid
from jieban.settings import DEMO_PASSWORD
from jieban.staff import accounts, sessions
from jieban.staff.accounts import SignInRefused, SignInThrottled
from jieban.staff.tables import User
from web.errors import status_of
from web.i18n import LANGUAGE_COOKIE, LOCALES, locale_of, translate
from web.pages import local, redirect, render
from web.security.visitor import (
    COOKIE,
    SignInNeeded,
    Visitor,
    client_of,
    find_visitor,
    keep_cookie,
)

router = APIRouter()


@router.get("/login")
def login_page(request: Request, next: str = "", visitor: Visitor | None = Depends(find_visitor)) -> Response:  # noqa: A002
    """Show the sign-in page."""
    if visitor:
        return redirect("/")
    return render(request, "login.html", username="", next=next, message="", accounts=_demo_accounts(request))


@router.post("/login")
def login(
    request: Request,
    username: str = Form("", max_length=200),
    password: str = Form("", max_length=1000),
    next: str = Form("", max_length=500),  # noqa: A002
) -> Response:
    """Sign in and go to where the person was going."""
    try:
        token, must_change = sign_in(request, username, password)
    except SignInRefused as refused:
        accounts = _demo_accounts(request)
        page = render(
            request,
            "login.html",
            status=status_of(refused),
            message=_sentence(request, refused),
            username=username,
            next=next,
            accounts=accounts,
        )
        if isinstance(refused, SignInThrottled):
            page.headers["Retry-After"] = str(refused.seconds)
        return page
    answer = redirect("/password" if must_change else local(next))
    keep_cookie(answer, token, secure=request.app.state.settings.secure_cookies)
    return answer


def _sentence(request: Request, refused: SignInRefused) -> str:
    locale = locale_of(request)
    if isinstance(refused, SignInThrottled):
        return translate(locale, "尝试次数过多，请 {n} 分钟后再试。", n=refused.minutes)
    return translate(locale, "用户名或密码不正确。")


def sign_in(request: Request, username: str, password: str) -> tuple[str, bool]:
    """Check the password and start a session: its token, and whether a new password is due.

    A refusal is raised after the transaction, so that the failed attempt is kept and counted.
    """
    database: Database = request.app.state.database
    now = request.state.now
    refused = SignInRefused()
    with database.write() as session:
        try:
            user = accounts.authenticate(session, username, password, client_of(request), now)
        except SignInRefused as error:
            refused = error
        else:
            token, _ = sessions.start(session, user, now)
            return token, user.must_change_password
    raise refused


@router.post("/logout")
def logout(request: Request, visitor: Visitor | None = Depends(find_visitor)) -> Response:
    """Sign out; the session is gone on the server too."""
    if visitor:
        with visitor.database.write() as session:
            sessions.end(session, visitor.token)
    answer = redirect("/login", translate(locale_of(request), "已退出。"))
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/password")
def password_page(request: Request, visitor: Visitor | None = Depends(find_visitor)) -> Response:
    """Show the form for a new password."""
    if visitor is None:
        raise SignInNeeded
    return render(request, "password.html", errors={}, forced=visitor.must_change_password)


@router.post("/password")
def change_password(
    request: Request,
    current: str = Form("", max_length=1000),
    password: str = Form("", max_length=1000),
    again: str = Form("", max_length=1000),
    visitor: Visitor | None = Depends(find_visitor),
) -> Response:
    """Change one's own password; every other session of the account ends."""
    if visitor is None:
        raise SignInNeeded
    try:
        token = _change(request, visitor, current, password, again)
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        forced = visitor.must_change_password
        return render(request, "password.html", status=422, errors=errors, forced=forced)
    answer = redirect("/", translate(visitor.locale, "密码已修改。"))
    keep_cookie(answer, token, secure=visitor.settings.secure_cookies)
    return answer


def _change(request: Request, visitor: Visitor, current: str, password: str, again: str) -> str:
    if password != again:
        raise Invalid(errors=[{"field": "again", "message": "两次输入的密码不一致。"}])
    if password == current:
        raise Invalid(errors=[{"field": "password", "message": "新密码不能与原密码相同。"}])
    wrong = "原密码不正确。"
    with visitor.database.write() as session:
        try:
            user = accounts.authenticate(
                session, visitor.actor.username, current, client_of(request), visitor.now
            )
        except SignInThrottled as tired:
            wrong = tired.message
        except SignInRefused:
            pass  # the failed attempt is kept; the sentence is said below
        else:
            accounts.set_password(session, user, password)
            record_admin(session, kind="user.password_changed", now=visitor.now, actor=visitor.actor)
            token, _ = sessions.start(session, user, visitor.now)
            return token
    raise Invalid(errors=[{"field": "current", "message": wrong}])


@router.post("/language")
def change_language(
    request: Request,
    locale: str = Form(...),
    back: str = Form("/", max_length=500),
    visitor: Visitor | None = Depends(find_visitor),
) -> Response:
    """Switch the language, on the account or, before signing in, in this browser."""
    chosen = locale if locale in LOCALES else "zh"
    if visitor:
        with visitor.database.write() as session:
            session.execute(update(User).where(User.id == visitor.actor.id).values(locale=chosen))
    secure = request.app.state.settings.secure_cookies
    answer = redirect(local(back))
    answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31536000, httponly=True, samesite="lax", secure=secure)
    return answer


def _demo_accounts(request: Request) -> list[tuple[str, str]]:
    """List accounts to try, where everybody knows their password anyway: one of each kind."""
    if not request.app.state.settings.demo:
        return []
    database: Database = request.app.state.database
    with database.read() as session:
        query = select(User.username, User.post).where(User.sample, User.active).order_by(User.id)
        shown = [(username, post) for username, post in session.execute(query) if not username[-1].isdigit()]
    return [("", DEMO_PASSWORD), *shown]
