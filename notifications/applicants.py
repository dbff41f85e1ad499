"""Text messages to whoever brought a matter: short, and with the least that says what they must know.

The words stand in templates/messages. What is put into them are kinds of matter, days, offices and codes; never what
somebody wrote down about a person.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.clock import CHINA, read_moment
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.staff.addresses import mobile
from notifications.channels import channels_of
from notifications.deliveries import ask
from notifications.letters.kinds import LetterKind
from notifications.letters.sheets import HOTLINE
from notifications.tables import Delivery, Letter

_LONGEST = 400
"""Characters of a text message: six parts at most."""
_TO_OTHERS = frozenset({"receipt", "check_request", "check_reminder", "check_consent", "meeting_minutes"})
"""Letters that go to a bank or an office, or that the person gets another message about."""


def give_receipt(
    session: Session, case: Case, contact: FirstContact, phone: str, now: datetime, run_id: str
) -> None:
    """Tell the person at once that their matter was received: by whom, when, by when they hear, and how to ask."""
    if not _ways(session, "receipt"):
        return
    facts = {
        "matter": contact.matter,
        "at": contact.received_at,
        "unit": contact.receiver_unit,
        "receiver": contact.receiver_name,
        "due": contact.feedback_due,
        "phone": phone,
        "code": contact.receipt_code,
    }
    _tell(session, case, "receipt", f"receipt:{contact.id}", facts, now, phone=contact.phone, run_id=run_id)


def tell_progress(
    session: Session, case: Case, kind: str, how: str, now: datetime, until: datetime | None = None
) -> None:
    """Tell the person how far it is (`interim`) or that there is a result (`feedback`), where that is to be told by text message."""
    if how != "sms" or not _ways(session, kind):
        return
    contact = _CONTACT.first(session, the_contact=case.first_contact_id)
    if contact is None:
        return
    facts = {"number": contact.number, "until": until}
    _tell(session, case, kind, f"{kind}:{new_id()}", facts, now, phone=contact.phone)


def tell_of_letter(
    session: Session, case: Case, letter: Letter, what: LetterKind, facts: Mapping[str, Any], now: datetime
) -> None:
    """Tell the person that there is a letter for them; what it decides stands in the letter alone."""
    kind = "extension" if what.key == "extension" and facts.get("due") else "letter"
    if not _ways(session, kind):
        return
    if what.layout == "notice" or what.addressee or facts.get("addressee") or what.key in _TO_OTHERS:
        return
    given = {"number": letter.number, "due": read_moment(str(facts["due"])) if kind == "extension" else None}
    _tell(session, case, kind, f"letter:{letter.id}", given, now, letter_id=letter.id)


def receipts_of(session: Session, case_id: uuid.UUID) -> Sequence[Delivery]:
    """List the text messages by which the receipt of a case was to be given; the paper is always there."""
    query = select(Delivery).where(Delivery.case_id == case_id, Delivery.kind == "receipt")
    return session.scalars(query.order_by(Delivery.id)).all()


def _ways(session: Session, kind: str) -> bool:
    channels = channels_of(session)
    return channels is not None and bool(channels.for_("applicants", kind))


def _tell(
    session: Session,
    case: Case,
    kind: str,
    key: str,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    phone: str = "",
    letter_id: uuid.UUID | None = None,
    run_id: str = "",
) -> None:
    """Ask for a text message, where a mobile number is known; anybody else has the paper."""
    channels = channels_of(session)
    number = mobile(phone or _phone_of(session, case))
    if channels is None or not number:
        return
    text = words(kind, {"query": channels.query_address, "hotline": HOTLINE, **facts})
    for channel in channels.for_("applicants", kind):
        if case.sample and not channel.on_this_machine:
            continue
        ask(
            session,
            channel,
            key=f"{channel.key}:{key}",
            kind=kind,
            now=now,
            to_name="",
            address=number,
            text=text,
            case_id=case.id,
            letter_id=letter_id,
            run_id=run_id,
            proof=kind != "letter",
        )


_CONTACT = Query(
    select(FirstContact.number, FirstContact.phone).where(
        FirstContact.id == bindparam("the_contact", type_=Uuid())
    )
)
_PERSON = Query(select(Person.phone).where(Person.id == bindparam("the_person", type_=Uuid())))


def _phone_of(session: Session, case: Case) -> str:
    """Give the number that was left with the matter, otherwise the person's own."""
    contact = _CONTACT.first(session, the_contact=case.first_contact_id) if case.first_contact_id else None
    if contact is not None and contact.phone:
        return str(contact.phone)
    return str(_PERSON.scalar(session, the_person=case.applicant_id) or "") if case.applicant_id else ""


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications", "templates/messages"),
        autoescape=False,  # noqa: S701 - plain text of a text message, never markup
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters["as_day"] = _as_day
    environment.filters["as_moment"] = _as_moment
    return environment


def words(kind: str, facts: Mapping[str, Any]) -> str:
    """Write a text message: one line, nothing that cannot be seen, and never longer than six parts."""
    text = "".join(_templates().get_template(f"{kind}.txt").render(facts).split("\n"))
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST]


def _as_day(moment: datetime) -> str:
    day = moment.astimezone(CHINA)
    return f"{day.month}月{day.day}日"


def _as_moment(moment: datetime) -> str:
    return f"{_as_day(moment)}{moment.astimezone(CHINA):%H:%M}"
