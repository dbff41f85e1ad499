"""What the API takes and gives."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Refusal(Shape):
    """What every error looks like."""

    message: str
    errors: list[dict[str, str]] = []


class Credentials(Shape):
    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class SessionOut(Shape):
    """A session. Programs send the token as a bearer token; browsers send the cookie and the csrf header."""

    token: str
    csrf: str
    must_change_password: bool
    name: str
    area_code: str | None
    roles: list[str]


class TaskOut(Shape):
    id: uuid.UUID
    case_id: uuid.UUID
    case_number: str
    applicant_name: str
    element: str
    name: str
    role: str
    state: str
    town_code: str
    assignee_id: uuid.UUID | None
    opened_at: datetime
    due_at: datetime | None
    left: str = ""
    """how long it has, in the words of the pages; empty where it is done"""
    limit: str = ""
    """the moment, what sets it, and whether it is certain"""
    article: str
    completed_at: datetime | None
    completed_by_name: str


class TaskList(Shape):
    tasks: list[TaskOut]
    total: int
    capped: bool
    """the count stops at a thousand"""
    next: str | None


class TaskDetail(Shape):
    task: TaskOut
    form: dict[str, Any]
    """JSON Schema 2020-12 that the data of a completion must follow"""
    data: dict[str, Any]
    """what the form knows already: the draft, or what the case says"""
    refusal: str
    """why this person may not do this task; empty where they may"""


class HandOver(Shape):
    to: str = Field(max_length=64)
    """username of the colleague"""
    reason: str = Field(max_length=500)


class Completion(Shape):
    data: dict[str, Any]


class StepOut(Shape):
    case_id: uuid.UUID
    opened: list[uuid.UUID]
    closed: bool
    outcome: str | None
    overtaken: bool


class CaseOut(Shape):
    id: uuid.UUID
    number: str
    procedure: str
    state: str
    stage: str
    outcome: str | None
    urban: bool
    delegated: bool
    applicant_name: str
    village_code: str | None
    town_code: str
    county_code: str
    registered_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    sample: bool


class CaseList(Shape):
    cases: list[CaseOut]
    next: str | None


class MemberOut(Shape):
    name: str
    id_number: str
    """masked"""
    relation: str
    counted: bool
    work_ability: str
    health: str
    disability: str


class IncomeOut(Shape):
    kind: str
    monthly: Decimal
    source: str
    note: str


class DeadlineOut(Shape):
    kind: str
    name: str
    starts_at: datetime
    due_at: datetime
    left: str = ""
    """how long it has, in the words of the pages; empty where it does not run any more"""
    state: str
    breached_at: datetime | None
    article: str
    provenance: str
    provisional: bool


class LetterOut(Shape):
    id: uuid.UUID
    kind: str
    number: str
    title: str
    issued_at: datetime
    served_on: date | None


class EventOut(Shape):
    at: datetime
    kind: str
    actor_name: str
    data: dict[str, Any]


class CaseDetail(Shape):
    case: CaseOut
    receipt_code: str
    first_receiver: str
    members: list[MemberOut]
    incomes: list[IncomeOut]
    deadlines: list[DeadlineOut]
    tasks: list[TaskOut]
    letters: list[LetterOut]
    events: list[EventOut]
