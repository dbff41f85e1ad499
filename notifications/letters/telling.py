"""What a letter tells the person about how their matter stands: nothing, how far it is, or how it ended."""

from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import aliased

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.ledger.following import CONTACT, Contact
from notifications.letters.kinds import KINDS
from notifications.tables import Letter

_NO_WORD = frozenset(
    {
        "receipt",
        "hotline_transfer",
        "petition_transferred",
        "one_transfer",
        "one_transfer_notice",
        "check_request",
        "check_reminder",
        "check_consent",
        "meeting_minutes",
    }
)
"""Letters to somebody else, and those that only say that a matter was taken down or passed on."""
TELLING = frozenset(
    key
    for key, kind in KINDS.items()
    if kind.layout != "notice" and kind.addressee is None and key not in _NO_WORD
)
"""Letters by which the person hears how their matter stands."""
ON_THE_WAY = frozenset(
    {
        "acceptance",
        "care_assessment",
        "check_result",
        "extension",
        "hearing_notice",
        "hearing_reminder",
        "hotline_interim",
        "hotline_longer",
        "petition_accepted",
        "petition_longer",
        "supplement",
        "temp_backfill",
    }
)
"""Those after which the matter goes on, so that the person is to hear again; with any other they have heard its end."""


class Issued(NamedTuple):
    """A letter of this step, and what its words were gathered from: a first contact, and the clock of the decision."""

    letter: Letter
    contact: Contact | None
    clock: Any
    """start, end, length and unit of the running clock that ends first, and of the one that it replaced; or None"""


_TOTAL, _BEFORE = aliased(Deadline), aliased(Deadline)
_FIRST = (
    select(_TOTAL.id)
    .where(
        _TOTAL.case_id == Case.id,
        or_(_TOTAL.kind == "total", _TOTAL.kind == "total_urban"),
        _TOTAL.state == "running",
        _TOTAL.due_at > bindparam("the_now", type_=UtcDateTime()),
    )
    .order_by(_TOTAL.due_at)
    .limit(1)
    .correlate(Case)
    .scalar_subquery()
)
_CLOCK = aliased(Deadline)
_PARTS = ("starts_at", "due_at", "length", "unit")


def with_contact(base: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Ask beside the words of a letter how the first contact stands, so that it costs no question of its own."""
    return base.add_columns(*(column.label(f"contact_{column.name}") for column in CONTACT))


def with_clock(base: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Ask for the clock of the decision too; this sends what the step has written about clocks."""
    return (
        base.add_columns(
            *(getattr(_CLOCK, part).label(f"clock_{part}") for part in _PARTS),
            *(getattr(_BEFORE, part).label(f"before_{part}") for part in _PARTS),
        )
        .outerjoin(_CLOCK, _CLOCK.id == _FIRST)
        .outerjoin(_BEFORE, _BEFORE.replaced_by == _CLOCK.id)
    )


def issued(letter: Letter, base: Any) -> Issued:
    """Keep of the row that the words were gathered from what a later part of the step asks for."""
    contact = None
    if getattr(base, "contact_id", None) is not None:
        contact = Contact(*(getattr(base, f"contact_{name}") for name in Contact._fields))
    clock = base if getattr(base, "clock_due_at", None) is not None else None
    return Issued(letter, contact, clock)
