"""Registering a matter that is no household's application: a call, a petition, a referral, a list, a meeting."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from jieban.areas.tables import Area
from jieban.errors import Invalid, NotAllowed, NotFound
from jieban.intake.applications import NewMatter
from jieban.ledger.tables import FirstContact
from jieban.staff.actor import Actor
from tasks import forms
from web.cases import words
from web.forms.fields import fields_of
from web.forms.options import options_in
from web.forms.reading import read_form, sent_form, text_of, tidy_number, under
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from web.titles import opening_name, opening_text
from workflows.cases import open_matter
from workflows.opening import Beginning, openable

router = APIRouter()
_KINDS = ("person", "office")
_EXTRA = "extra."
_OWN = ("channel", "area_code", "subject", "id_number", "phone", "address", "urban")


@router.get("/matters")
def matters(request: Request, visitor: Visitor = Depends(may("task.work"))) -> Response:
    """List the matters that the visitor may register."""
    with visitor.database.read() as session:
        found = openable(session, visitor.actor, *_KINDS)
    return render(
        request,
        "matters.html",
        opening_name=opening_name,
        opening_text=opening_text,
        personal=[one for one in found if one.opening.kind == "person"],
        office=[one for one in found if one.opening.kind == "office"],
    )


@router.get("/matters/new")
def new_matter(
    request: Request, procedure: str = "", visitor: Visitor = Depends(may("task.work"))
) -> Response:
    """Show the empty form of a matter; without one, what there is to choose from."""
    if not procedure:
        return redirect("/matters")
    return _page(request, visitor, procedure, {}, {}, {})


@router.post("/matters/new")
def register(
    request: Request,
    procedure: str = "",
    visitor: Visitor = Depends(may("task.work")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Register the matter, and go to its case."""
    with visitor.database.read() as session:
        beginning = _chosen(session, visitor.actor, procedure)
        schema = _schema(session, beginning)
    given = {name: text_of(sent, name) for name in _OWN}
    data = read_form(schema, under(_EXTRA, sent)) if schema else {}
    matter = NewMatter(
        channel=given["channel"] or "office",
        area_code=given["area_code"],
        subject=given["subject"],
        id_number=tidy_number(given["id_number"]).upper() or None,
        phone=tidy_number(given["phone"]),
        address=given["address"],
        urban=given["urban"] == "urban",
        data=data,
    )
    try:
        with visitor.database.write() as session:
            case = open_matter(session, visitor.actor, visitor.now, matter, procedure=procedure)
            contact = session.get(FirstContact, case.first_contact_id) if case.first_contact_id else None
            code = contact.receipt_code if contact else ""
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors} or {"": wrong.message}
        return _page(request, visitor, procedure, given, data, errors, status=422)
    except NotAllowed as outside:
        errors = {"area_code": outside.message}
        return _page(request, visitor, procedure, given, data, errors, status=403)
    if not code:
        return redirect(
            f"/cases/{case.id}", translate(visitor.locale, "已登记，编号 {number}。", number=case.number)
        )
    said = translate(
        visitor.locale,
        "已登记，编号 {number}，查询码 {code}。请将首接回执交给本人。",
        number=case.number,
        code=code,
    )
    return redirect(f"/cases/{case.id}#letters", said)


def _page(
    request: Request,
    visitor: Visitor,
    procedure: str,
    given: Mapping[str, str],
    data: Mapping[str, Any],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    with visitor.database.read() as session:
        beginning = _chosen(session, visitor.actor, procedure)
        schema = _schema(session, beginning)
        own = schema.get("properties", {})
        fields = fields_of(
            schema,
            data,
            {f"{_EXTRA}{name}": text for name, text in errors.items() if name.split(".", 1)[0] in own},
            locale=visitor.locale,
            options=options_in(session, visitor.actor.area_code or "-"),
            prefix=_EXTRA,
        )
        places = _places(session, visitor.actor, personal=beginning.opening.kind == "person")
    shown = {name for name in errors if name in _OWN or name.split(".", 1)[0] in own}
    return render(
        request,
        "matter_new.html",
        opening_name=opening_name,
        status=status,
        beginning=beginning,
        places=places,
        given=dict.fromkeys(_OWN, "") | {"area_code": places[0][0] if len(places) == 1 else ""} | dict(given),
        errors=dict(errors),
        other_errors=[text for name, text in errors.items() if name not in shown],
        fields=fields,
        words=words,
    )


def _chosen(session: Session, actor: Actor, procedure: str) -> Beginning:
    found = next((one for one in openable(session, actor, *_KINDS) if one.version.key == procedure), None)
    if found is None:
        raise NotFound("没有这个事项，或者您的岗位不能登记。")
    return found


def _schema(session: Session, beginning: Beginning) -> dict[str, Any]:
    if beginning.form is None:
        return {}
    return dict(forms.form_of(session, beginning.version.id, beginning.form).schema)


def _places(session: Session, actor: Actor, *, personal: bool) -> list[tuple[str, str]]:
    """List where a matter may belong: the county and its places for a person, the actor's own office otherwise."""
    own = actor.area_code or "-"
    query = select(Area).where(Area.code.startswith(own, autoescape=True))
    longest = 12 if personal else max(len(own), 6)
    query = query.where(func.length(Area.code) <= longest, func.length(Area.code) >= 6)
    return [(area.code, area.full_name) for area in session.scalars(query.order_by(Area.code))]
