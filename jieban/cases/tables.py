"""The case and its facts. Everything about one household stands here once; the engine carries none of it."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base, Money


class Case(Base):
    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_town_state", "town_code", "state", "registered_at", "id"),
        Index("ix_case_file_county_state", "county_code", "state", "registered_at", "id"),
        Index("ix_case_file_city_state", "city_code", "state", "registered_at", "id"),
        Index("ix_case_file_applicant_open", "applicant_id", "procedure", "state"),
        Index("ix_case_file_first_contact", "first_contact_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    procedure: Mapped[str] = mapped_column(String(60))
    model_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("model_version.id"))
    rule_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("rule_set.id"))
    state: Mapped[str] = mapped_column(String(20))
    """open, closed"""
    stage: Mapped[str] = mapped_column(String(40))
    """registered, supplementing, accepted, investigating, noticed, reviewing, approved, refused, terminated, paid"""
    outcome: Mapped[str | None] = mapped_column(String(40))
    urban: Mapped[bool]
    delegated: Mapped[bool]
    """True where the township decides (rules DB-21)."""
    has_relative: Mapped[bool] = mapped_column(default=False)
    has_complaint: Mapped[bool] = mapped_column(default=False)
    village_code: Mapped[str | None] = mapped_column(String(12))
    town_code: Mapped[str] = mapped_column(String(9))
    county_code: Mapped[str] = mapped_column(String(6))
    city_code: Mapped[str] = mapped_column(String(4))
    applicant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    """none where the office itself begins a matter, as a payment list"""
    applicant_name: Mapped[str] = mapped_column(String(100))
    """the applicant, or what a matter without one is about"""
    withheld_from: Mapped[str] = mapped_column(String(12), default="")
    """the office that a complaint is about: it must not learn who complained (RX-10)"""
    first_receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    first_contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("first_contact.id"))
    registered_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    engine_state: Mapped[bytes] = mapped_column(deferred=True)
    sample: Mapped[bool] = mapped_column(default=False)


class Application(Base):
    """What was asked for, as written on the application form."""

    __tablename__ = "application"

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    """window, online, hotline, outreach, warning, import"""
    applied_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    household_registration: Mapped[str] = mapped_column(String(300), default="")
    agent_name: Mapped[str] = mapped_column(String(100), default="")
    agent_authorised: Mapped[bool] = mapped_column(default=False)
    truth_promised: Mapped[bool] = mapped_column(default=False)
    check_authorised: Mapped[bool] = mapped_column(default=False)
    account_holder: Mapped[str] = mapped_column(String(100), default="")
    account_bank: Mapped[str] = mapped_column(String(100), default="")
    account_number: Mapped[str] = mapped_column(String(40), default="")


class Member(Base):
    """A member of the household at the time of this case."""

    __tablename__ = "case_member"
    __table_args__ = (Index("ix_case_member_case", "case_id"), Index("ix_case_member_person", "person_id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(100))
    relation: Mapped[str] = mapped_column(String(20))
    """self, spouse, child, parent, sibling, grandparent, grandchild, other"""
    applicant: Mapped[bool] = mapped_column(default=False)
    counted: Mapped[bool] = mapped_column(default=True)
    not_counted_reason: Mapped[str] = mapped_column(String(200), default="")
    work_ability: Mapped[str] = mapped_column(String(20), default="")
    health: Mapped[str] = mapped_column(String(200), default="")
    disability: Mapped[str] = mapped_column(String(40), default="")


class Income(Base):
    __tablename__ = "case_income"
    __table_args__ = (Index("ix_case_income_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case_member.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """wage, business, property, transfer, other; deduction (a positive amount that is taken off)"""
    monthly: Mapped[Decimal] = mapped_column(Money)
    source: Mapped[str] = mapped_column(String(20), default="declared")
    """declared, visited, checked"""
    note: Mapped[str] = mapped_column(String(300), default="")


class Property(Base):
    __tablename__ = "case_property"
    __table_args__ = (Index("ix_case_property_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal | None] = mapped_column(Money)
    exempt: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(300), default="")


class Paper(Base):
    """A paper that the case needs or has."""

    __tablename__ = "case_paper"
    __table_args__ = (Index("ix_case_paper_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(String(200), default="")
    """what a missing paper is needed for, as the notice tells the applicant (DB-07)"""
    state: Mapped[str] = mapped_column(String(20))
    """provided, missing"""
    file_name: Mapped[str] = mapped_column(String(200), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    added_at: Mapped[datetime]


class Relative(Base):
    """Who on the staff keeps away: a near relation of a household member (DB-08), or somebody concerned (RX-10, XF-09)."""

    __tablename__ = "case_relative"
    __table_args__ = (Index("ix_case_relative_case", "case_id"), Index("ix_case_relative_user", "user_id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    staff_name: Mapped[str] = mapped_column(String(100))
    staff_unit: Mapped[str] = mapped_column(String(200), default="")
    member_name: Mapped[str] = mapped_column(String(100))
    relation: Mapped[str] = mapped_column(String(40))
    registered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    registered_at: Mapped[datetime]


class CheckReport(Base):
    """The household check (核对): asked for by the township, started and answered by the county."""

    __tablename__ = "case_check"
    __table_args__ = (Index("ix_case_check_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int] = mapped_column(default=1)
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    result: Mapped[str] = mapped_column(String(20), default="")
    """clear, doubtful, over"""
    items: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[str] = mapped_column(Text, default="")


class Visit(Base):
    """A home visit, by the township or the county (DB-10, DB-17)."""

    __tablename__ = "case_visit"
    __table_args__ = (Index("ix_case_visit_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    level: Mapped[str] = mapped_column(String(10))
    """town, county"""
    visited_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(300), default="")
    investigators: Mapped[list[Any]]
    """[{"user_id": "...", "name": "..."}], two at least"""
    present: Mapped[str] = mapped_column(String(300), default="")
    findings: Mapped[dict[str, Any]]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    recorded_at: Mapped[datetime]


class Opinion(Base):
    """An initial opinion of the township or a review opinion of the county."""

    __tablename__ = "case_opinion"
    __table_args__ = (Index("ix_case_opinion_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """initial, renewed, appraisal, review"""
    result: Mapped[str] = mapped_column(String(20))
    """support, oppose"""
    amount: Mapped[Decimal | None] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(Text, default="")
    given_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    given_at: Mapped[datetime]


class PublicNotice(Base):
    """A posting in the village or community (公示, 公布): place, days and objections (section 10 of the rules)."""

    __tablename__ = "public_notice"
    __table_args__ = (Index("ix_public_notice_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    phase: Mapped[str] = mapped_column(String(20))
    """initial, decision"""
    place: Mapped[str] = mapped_column(String(200))
    posted_on: Mapped[date]
    ends_at: Mapped[datetime | None]
    days: Mapped[int]
    unit: Mapped[str] = mapped_column(String(4))
    fields: Mapped[dict[str, Any]]
    """exactly what is shown: name, members, amount"""
    posted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    taken_down_at: Mapped[datetime | None]


class Objection(Base):
    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """notice, check, complaint"""
    raised_by: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(40), default="")
    content: Mapped[str] = mapped_column(Text)
    received_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]


class Decision(Base):
    """The decision on the application, by whoever had the power to decide."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    result: Mapped[str] = mapped_column(String(20))
    """approved, refused, terminated"""
    level: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(20), default="")
    """difference, grade"""
    grade: Mapped[str] = mapped_column(String(20), default="")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    members: Mapped[int | None]
    from_month: Mapped[str] = mapped_column(String(7), default="")
    valid_until: Mapped[date | None]
    """the last day of a status that was granted for a time (GX-07)"""
    calculation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """inputs, rule ids and steps, as shown on the case page and in the letter"""
    reasons: Mapped[str] = mapped_column(Text, default="")
    articles: Mapped[list[Any]] = mapped_column(default=list)
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    decided_at: Mapped[datetime]


class Payment(Base):
    __tablename__ = "payment"
    __table_args__ = (Index("uq_payment_case_month", "case_id", "month", unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    month: Mapped[str] = mapped_column(String(7))
    amount: Mapped[Decimal] = mapped_column(Money)
    account_holder: Mapped[str] = mapped_column(String(100))
    account_bank: Mapped[str] = mapped_column(String(100), default="")
    account_number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    """recorded, paid, returned"""
    voucher: Mapped[str] = mapped_column(String(60), default="")
    paid_on: Mapped[date | None]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    recorded_at: Mapped[datetime]


class CaseEvent(Base):
    """One line of the history of a case; written in the transaction of the step, never changed."""

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case_at", "case_id", "at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(String(100), default="")
    task_id: Mapped[uuid.UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    run_id: Mapped[str] = mapped_column(String(40), default="")
