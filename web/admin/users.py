"""The pages of accounts."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from jieban.errors import Invalid
from jieban.staff.addresses import address_of
from jieban.staff.roles import ROLES
from jieban.staff.tables import StaffAddress, User
from web.admin import accounts
from web.admin.accounts import Wanted
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(may("staff.manage"))]
Text = Annotated[str, Form(max_length=200)]


def filled_in(
    roles: Annotated[list[str], Form(default_factory=list)],
    name: Text = "",
    area_code: Text = "",
    unit: Text = "",
    post: Text = "",
    phone: Text = "",
    mobile: Text = "",
    mail: Annotated[str, Form(max_length=300)] = "",
) -> Wanted:
    """Read what was filled in about an account."""
    return Wanted(name, area_code, tuple(roles), unit, post, phone, mobile, mail)


Filled = Annotated[Wanted, Depends(filled_in)]


@router.get("/admin/users")
def show_users(
    request: Request, visitor: Manager, search: str = "", role: str = "", after: str = ""
) -> Response:
    """List the accounts."""
    with visitor.database.read() as session:
        page = accounts.list_users(session, visitor.actor, search=search[:100], role=role, after=after)
        names = {area.code: area.full_name for area in accounts.places(session, visitor.actor)}
    shown = {"search": search, "role": role, "after": after}
    return render(request, "users.html", block="list", page=page, names=names, roles=ROLES, shown=shown)


@router.get("/admin/users/new")
def ask_new(request: Request, visitor: Manager) -> Response:
    """Show the form for a new account."""
    return _form(request, visitor, None, Wanted("", visitor.actor.area_code or "", ()), "")


@router.post("/admin/users/new")
def create(
    request: Request,
    visitor: Manager,
    wanted: Filled,
    username: Text = "",
) -> Response:
    """Add an account and show its first password, once."""
    try:
        with visitor.database.write() as session:
            user, password = accounts.create(session, visitor.actor, visitor.now, username, wanted)
    except Invalid as error:
        return _form(request, visitor, None, wanted, username, error)
    return _password(request, user, password, N_("账户已建立"))


@router.get("/admin/users/{user_id}")
def show_user(request: Request, user_id: uuid.UUID, visitor: Manager) -> Response:
    """Show an account."""
    with visitor.database.read() as session:
        user = accounts.get_user(session, visitor.actor, user_id)
        address = address_of(session, user.id)
    return _form(request, visitor, user, _wanted(user, address), user.username)


@router.post("/admin/users/{user_id}")
def change(
    request: Request,
    user_id: uuid.UUID,
    visitor: Manager,
    wanted: Filled,
) -> Response:
    """Change an account."""
    try:
        with visitor.database.write() as session:
            user = accounts.change(session, visitor.actor, visitor.now, user_id, wanted)
    except Invalid as error:
        with visitor.database.read() as session:
            user = accounts.get_user(session, visitor.actor, user_id)
        return _form(request, visitor, user, wanted, user.username, error)
    return redirect("/admin/users", translate(visitor.locale, "账户“{name}”已修改。", name=user.username))


@router.post("/admin/users/{user_id}/deactivate")
def deactivate(user_id: uuid.UUID, visitor: Manager) -> Response:
    """Close an account."""
    with visitor.database.write() as session:
        user = accounts.switch_off(session, visitor.actor, visitor.now, user_id)
    said = translate(visitor.locale, "账户“{name}”已停用，其登录已全部退出。", name=user.username)
    return redirect("/admin/users", said)


@router.post("/admin/users/{user_id}/activate")
def activate(request: Request, user_id: uuid.UUID, visitor: Manager) -> Response:
    """Open a closed account again."""
    with visitor.database.write() as session:
        user, password = accounts.switch_on(session, visitor.actor, visitor.now, user_id)
    return _password(request, user, password, N_("账户已恢复"))


@router.post("/admin/users/{user_id}/password")
def reset(request: Request, user_id: uuid.UUID, visitor: Manager) -> Response:
    """Give an account a new password and show it, once."""
    with visitor.database.write() as session:
        user, password = accounts.reset_password(session, visitor.actor, visitor.now, user_id)
    return _password(request, user, password, N_("密码已重置"))


def _form(
    request: Request,
    visitor: Visitor,
    user: User | None,
    wanted: Wanted,
    username: str,
    error: Invalid | None = None,
) -> Response:
    errors = {one["field"]: one["message"] for one in error.errors} if error else {}
    with visitor.database.read() as session:
        areas = [(area.code, area.full_name) for area in accounts.places(session, visitor.actor)]
    context: dict[str, Any] = {"user": user, "wanted": wanted, "username": username, "areas": areas}
    return render(request, "user.html", status=422 if error else 200, errors=errors, roles=ROLES, **context)


def _password(request: Request, user: User, password: str, title: str) -> Response:
    return render(request, "user_password.html", user=user, password=password, done=title)


def _wanted(user: User, address: StaffAddress) -> Wanted:
    roles = tuple(row.role for row in user.roles)
    place = user.area_code or ""
    return Wanted(user.name, place, roles, user.unit, user.post, user.phone, address.mobile, address.mail)
