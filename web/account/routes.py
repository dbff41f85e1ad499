"""The page of the own account: where one is reached outside the program, and for what."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from jieban.audit import record_admin
from jieban.errors import Invalid
from jieban.staff.addresses import address_of, set_address
from notifications.channels import STAFF_KINDS
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, signed_in

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(signed_in)]
Text = Annotated[str, Form(max_length=300)]


@router.get("/account")
def show(request: Request, visitor: SignedIn) -> Response:
    """Show where the visitor is reached."""
    with visitor.database.read() as session:
        address = address_of(session, visitor.actor.id)
    given = {"mobile": address.mobile, "mail": address.mail, "reminders": address.reminders}
    return _page(request, given, {})


@router.post("/account")
def change(
    request: Request, visitor: SignedIn, mobile: Text = "", mail: Text = "", reminders: Text = ""
) -> Response:
    """Change it; what presses goes out whatever is chosen here."""
    try:
        with visitor.database.write() as session:
            changed = set_address(
                session, visitor.actor.id, number=mobile, mail=mail, reminders=reminders == "also"
            )
            if changed:
                data = {"username": visitor.actor.username, **changed}
                record_admin(session, kind="user.addresses", now=visitor.now, actor=visitor.actor, data=data)
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        given = {"mobile": mobile, "mail": mail, "reminders": reminders == "also"}
        return _page(request, given, errors, 422)
    return redirect("/account", translate(visitor.locale, "联系方式已保存。"))


def _page(request: Request, given: dict[str, Any], errors: dict[str, str], status: int = 200) -> Response:
    channels = [
        one for one in request.app.state.channels if any(one.takes("staff", kind) for kind in STAFF_KINDS)
    ]
    return render(request, "account.html", status=status, given=given, errors=errors, channels=channels)
