import uuid
from typing import Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.areas.lookup import full_name
from jieban.audit import record_read
from jieban.audit.tables import ReadRecord
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.deadlines import chains
from jieban.deadlines.cards import card_days
from jieban.errors import NotFound
from jieban.procedures.tables import ModelVersion
from jieban.rules.tables import RuleSet
from jieban.staff.tables import User
from notifications import letters
from notifications.applicants import receipts_of
from notifications.tables import Letter
from tasks import delay, supervision_orders
from tasks.cases import dossier, get_case
from tasks.contact_flags import flags_of
from tasks.contacts import may_follow
from web.cases import words
from web.cases.progress import progress
from web.cases.recorded import shown_records
from web.contacts import chain
from web.i18n import translate
from web.orders.routes import STATES, TONES
from web.pages import Due, redirect, render
from web.payments import shown
from web.security.visitor import Visitor, may
from web.titles import procedure_title, titles_of
from workflows import extensions, model_store
from workflows.extensions import REASONS
from workflows.incidents import open_incidents

router = APIRouter()
_READS_SHOWN = 100


@router.get("/cases/{case_id}")
def show_case(request: Request, case_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))) -> Response:
    """Show everything about a case."""
    return case_page(request, visitor, case_id)


@router.post("/cases/{case_id}/unmask")
def unmask(
    request: Request,
    case_id: uuid.UUID,
    why: str = Form("", max_length=150),
    visitor: Visitor = Depends(may("task.work")),
) -> Response:
    """Show whole identity numbers and accounts, once and with a reason; it is recorded."""
    with visitor.database.read() as session:
        get_case(session, visitor.actor, case_id)
    if not why.strip():
        return redirect(f"/cases/{case_id}", translate(visitor.locale, "请写明查看证件号的原因。"), "warning")
    with visitor.database.write() as session:
        get_case(session, visitor.actor, case_id)
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=case_id,
            what="unmasked",
            detail=why.strip(),
        )
    return case_page(request, visitor, case_id, unmasked=True)


def case_page(
    request: Request,
    visitor: Visitor,
    case_id: uuid.UUID,
    *,
    status: int = 200,
    unmasked: bool = False,
    **context: Any,
) -> Response:
    """Render the page of a case, and record that it was read."""
    with visitor.database.read() as session:
        case = get_case(session, visitor.actor, case_id)
        file = dossier(session, case, visitor.now)
        values = {
            "file": file,
            "progress": progress(session, file),
            "case": case,
            "titles": titles_of(session, visitor.locale, [case.id]),
            "place": full_name(session, case.village_code or case.town_code),
            "names": _names(session, file),
            "version": session.get_one(ModelVersion, case.model_version_id),
            "rules": session.get(RuleSet, case.rule_set_id) if case.rule_set_id else None,
            "reads": session.scalars(
                select(ReadRecord)
                .where(ReadRecord.case_id == case.id)
                .order_by(ReadRecord.at.desc())
                .limit(_READS_SHOWN)
            ).all(),
            "procedures": _procedure_names(session, file, visitor.locale),
            "records": shown_records(session, case.model_version_id, file.records, visitor.locale),
            "stuck": open_incidents(session, visitor.actor, case.id),
            "longer": extensions.offer(session, case, visitor.now)
            if visitor.actor.may("extension.ask")
            else None,
            "paying": shown.shown_list(session, visitor.actor, case),
            "remedy": delay.remedy(session, case, visitor.now),
            "contact_flags": flags_of(session, case, visitor.now),
            "follows": may_follow(visitor.actor, case),
            "receipts": receipts_of(session, case.id) if case.first_contact_id else (),
            "orders": supervision_orders.orders_of(session, visitor.actor, case.id),
            "clock": Due(
                workdays.load_calendar(session),
                visitor.now,
                visitor.locale,
                card_days(session, local_day(visitor.now)),
                file.deadlines,
            ).at(case.town_code),
            "chained": chains(file.deadlines),
        }
    with visitor.database.write() as session:
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=case.id,
            what="case",
            detail=case.number,
        )
    defaults: dict[str, Any] = {"errors": {}, "given": {}, "dialog": ""}
    return render(
        request,
        "case.html",
        status=status,
        unmasked=unmasked,
        words=words,
        flag_names=chain.FLAGS,
        flag_meanings=chain.MEANINGS,
        contact_how=chain.HOW,
        channels=request.app.state.channels,
        contact_levels=chain.SATISFACTION,
        contact_how_choices=_choices(visitor, chain.HOW),
        contact_level_choices=_choices(visitor, chain.SATISFACTION),
        order_states=STATES,
        order_tones=TONES,
        pay=shown,
        reasons=REASONS,
        **{**values, **defaults, **context},
    )


@router.get("/cases/{case_id}/diagram.bpmn")
def diagram(case_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))) -> Response:
    """Give the diagram that the case runs on."""
    with visitor.database.read() as session:
        case = get_case(session, visitor.actor, case_id)
        content = model_store.files(session, case.model_version_id)[model_store.MODEL]
    return Response(content, media_type="application/xml")


@router.get("/cases/{case_id}/letters/{letter_id}")
def show_letter(
    case_id: uuid.UUID, letter_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))
) -> Response:
    """Give a letter as PDF."""
    with visitor.database.write() as session:
        case = get_case(session, visitor.actor, case_id)
        letter = session.get(Letter, letter_id)
        if letter is None or letter.case_id != case.id:
            raise NotFound("没有找到该文书，或您无权查看。")
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=case.id,
            what="letter",
            detail=letter.number,
        )
    name = f"{letter.kind}-{case.number}.pdf"
    return Response(
        letters.stored_pdf(letter, visitor.settings.letters),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _choices(visitor: Visitor, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, translate(visitor.locale, text)) for key, text in names.items()]


def _procedure_names(session: Session, file: Any, locale: str) -> dict[str, str]:
    """Find the names of the procedures of linked cases."""
    keys = {case.procedure for _, case in (*file.came_from, *file.led_to)}
    found = session.execute(
        select(ModelVersion.key, ModelVersion.name, ModelVersion.id).where(
            ModelVersion.key.in_(keys), ModelVersion.state == "published"
        )
    )
    return {row.key: procedure_title(session, locale, row.id, row.name) for row in found}


def _names(session: Session, file: Any) -> dict[uuid.UUID, str]:
    """Find the names of the staff who appear in the file."""
    case: Case = file.case
    ids = {case.first_receiver_id}
    for rows, column in (
        (file.opinions, "given_by"),
        (file.decisions, "decided_by"),
        (file.notices, "posted_by"),
        (file.extensions, "asked_by"),
        (file.extensions, "answered_by"),
        (file.objections, "received_by"),
        (file.tasks, "assignee_id"),
        (file.checks, "reported_by"),
    ):
        ids |= {getattr(row, column) for row in rows}
    found = session.execute(select(User.id, User.name).where(User.id.in_([one for one in ids if one])))
    return {row.id: row.name for row in found}
