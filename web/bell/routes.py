import uuid

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from notifications import messages
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, signed_in

router = APIRouter()

KINDS = {
    "handover": N_("转交"),
    "reminder": N_("提醒"),
    "yellow_card": N_("黄牌提醒"),
    "red_card": N_("红牌警示"),
    "escalation": N_("督促"),
    "contact": N_("首接跟踪"),
    "order": N_("督办单"),
    "digest": N_("每日提醒"),
    "undelivered": N_("未送达"),
}
TONES = {
    "yellow_card": "card-mark is-yellow",
    "red_card": "card-mark is-red",
    "undelivered": "card-mark is-red",
}
"""How a kind is marked in the list."""


@router.get("/messages")
def show_messages(request: Request, visitor: Visitor = Depends(signed_in)) -> Response:
    """Show the visitor's messages, unread ones first."""
    with visitor.database.read() as session:
        rows = messages.inbox(session, visitor.actor)
    return render(request, "messages.html", rows=rows, kinds=KINDS, tones=TONES)


@router.post("/messages/read")
def mark_read(message: uuid.UUID | None = Form(None), visitor: Visitor = Depends(signed_in)) -> Response:
    """Mark one message as read, or all of them."""
    with visitor.database.write() as session:
        messages.mark_read(session, visitor.actor, visitor.now, message)
    return redirect("/messages", "" if message else translate(visitor.locale, "已全部标为已读。"))
