"""One scenario being played: the same functions that a click, a sweep and the API call."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import CHINA, local_day
from jieban.deadlines.cards import card_days
from jieban.deadlines.tables import Extension
from jieban.errors import Conflict, JiebanError
from jieban.links.tables import CaseLink
from jieban.staff.actor import Actor
from tasks import work
from tasks.operations.destitute import lot
from tasks.tables import Task
from workflows import extensions, reviews
from workflows.breaches import due_breaches_of, record_breach
from workflows.cases import open_case, open_matter
from workflows.escalation import Sweep, due_tasks_of, escalate
from workflows.opening import beginning_of
from workflows.receivers import Receivers
from workflows.scenarios.answering import import_receipt
from workflows.scenarios.cast import Cast, application, matter
from workflows.scenarios.checking import check, without_law
from workflows.scenarios.reading import Step
from workflows.scenarios.stage import Writes
from workflows.steps import complete_task, fire_timer, register_objection
from workflows.tables import Timer

RUN_ID = "scenario"
_MOST = 100
"""Benefits of one sweep; a story has far fewer."""


_LOTS = {
    "": (Decimal(0), Decimal(1)),
    "high": (Decimal("0.5"), Decimal(1)),
    "low": (Decimal(0), Decimal("0.2")),
}
"""What a story may ask of the lot that its case draws, from whose identity it follows: see tasks.operations.destitute."""


class _AnotherLotError(Exception):
    """The case drew another lot than the story tells of."""


def _wanted(case_id: uuid.UUID, low: Decimal, high: Decimal) -> None:
    if not low <= lot(case_id) < high:
        raise _AnotherLotError


class NotOpen(Conflict):
    """此时没有这项任务。"""


class Player:
    """Plays the steps of one scenario on one case, and keeps what was not as expected."""

    def __init__(self, stage: Writes, cast: Cast, procedure: str, now: datetime, village: str) -> None:
        self.stage = stage
        self.cast = cast
        self.procedure = procedure
        self.now = now
        self.village = village
        self.case_id = uuid.UUID(int=0)
        self.opened: list[uuid.UUID] = []
        self.told: list[str] = []
        self.failures: list[str] = []

    @property
    def place(self) -> str:
        return self.told[-1] if self.told else "登记申请"

    def open(self, given: Mapping[str, Any]) -> bool:
        """Register the application or the matter; False where it is refused, as the story says that it must be."""
        actor = self.cast.actor(str(given.get("by", "window")))
        error: JiebanError | None = None
        try:
            self._begin(actor, given)
        except JiebanError as raised:
            if not given.get("refused"):
                raise
            error = raised
        self._tell(actor.name, "登记")
        if given.get("refused"):
            self.failures += [f"{self.place}：{one}" for one in _compare_refusal(given["refused"], error)]
        return error is None

    def _begin(self, actor: Actor, given: Mapping[str, Any]) -> None:
        """Register; where the story says how its lot falls, again until the identity of the case draws such a lot."""
        low, high = _LOTS[str(given.get("lot", ""))]
        for _ in range(_MOST):
            try:
                with self.stage.write() as session:
                    self.case_id = self._register(session, actor, given, self.procedure)
                    _wanted(self.case_id, low, high)
            except _AnotherLotError:
                self.opened.pop()
            else:
                return

    def _register(
        self, session: Session, actor: Actor, given: Mapping[str, Any], procedure: str
    ) -> uuid.UUID:
        given = {**given, "form": self.cast.with_accounts(given.get("form") or {})}
        kind = beginning_of(session, procedure).opening.kind
        if kind == "household":
            made = open_case(
                session,
                actor,
                self.now,
                application(given, self.cast.household),
                procedure=procedure,
                sample=True,
            )
        else:
            what = matter(given, kind == "person", self.cast.household)
            made = open_matter(session, actor, self.now, what, procedure=procedure, sample=True)
        self.opened.append(made.id)
        return made.id

    def take(self, step: Step) -> None:
        """Take one step in a transaction of its own; a step that must be refused leaves nothing behind."""
        self.now = step.at
        if not step.who:
            self._tell("时钟", "时间到了这一刻")
            with self.stage.write() as session:
                for case_id in self._all(session):
                    let_time_pass(session, session.get_one(Case, case_id), self.now)
        else:
            actor = self.cast.actor(step.who)
            self._tell(actor.name, step.task or step.action)
            self._act(step, actor)
        self.expect(self.place, step.expect, step.case)

    def expect(self, place: str, expected: Mapping[str, Any], which: str = "") -> None:
        """Compare with what the scenario expects, of its case or of a linked one."""
        with self.stage.write() as session:
            case = session.get_one(Case, self._case(session, which))
            self.failures += [f"{place}：{one}" for one in check(session, case, expected)]

    def expect_law(self) -> None:
        """Expect that every task of the story's cases showed what law it rests on."""
        with self.stage.write() as session:
            self.failures += without_law(session, list(self._all(session)))

    def _act(self, step: Step, actor: Actor) -> None:
        error: JiebanError | None = None
        try:
            with self.stage.write() as session:
                self._do(session, step, actor)
        except JiebanError as raised:
            if step.refused is None:
                raise
            error = raised
        if step.refused is not None:
            self.failures += [f"{self.place}：{one}" for one in _compare_refusal(step.refused, error)]

    def _do(self, session: Session, step: Step, actor: Actor) -> None:
        data = self.cast.with_accounts(step.data)
        now, case_id = self.now, self._case(session, step.case)
        if step.action == "open":
            now_here = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
            given = {"village": self.village, "at": now_here, **data}
            self._register(session, actor, given, str(data["procedure"]))
        elif step.action == "sweep":
            self.opened += [one.id for one in reviews.start_due_reviews(session, now, _MOST, RUN_ID)]
            reviews.foretell_ends(session, now, _MOST, RUN_ID)
            reviews.end_what_ran_out(session, now, _MOST, RUN_ID)
        elif step.task:
            complete_task(session, actor, now, self._task(session, case_id, step.task), data)
        elif step.action == "import_receipt":
            import_receipt(session, actor, now, case_id, data)
        elif step.action == "claim":
            work.claim(session, actor, now, self._task(session, case_id, str(data["task"])))
        elif step.action == "register_objection":
            register_objection(session, actor, now, case_id, data)
        elif step.action == "ask_extension":
            extensions.ask(session, actor, now, case_id, data["reason"], data.get("explanation", ""))
        else:
            query = select(Extension.id).where(Extension.case_id == case_id, Extension.state == "asked")
            asked = session.execute(query).scalar_one()
            words = data.get("words", "")
            extensions.answer(session, actor, now, asked, approve=data["approve"], words=words)

    def _all(self, session: Session) -> list[uuid.UUID]:
        """List the cases of the story: those that were opened, and those that came out of them."""
        found = list(self.opened)
        for case_id in found:
            links = session.scalars(select(CaseLink.to_id).where(CaseLink.from_id == case_id))
            found += [one for one in links if one not in found]
        return found

    def _case(self, session: Session, which: str) -> uuid.UUID:
        """Find the case that a step is about: its own, or the latest of another procedure."""
        if not which:
            return self.case_id
        query = select(Case.id).where(Case.procedure == which, Case.id.in_(self._all(session)))
        found = session.scalars(query.order_by(Case.registered_at.desc(), Case.id.desc()).limit(1)).first()
        if found is None:
            raise NotOpen(f"没有关联的“{which}”案件。")
        return found

    def _task(self, session: Session, case_id: uuid.UUID, element: str) -> uuid.UUID:
        query = select(Task.id).where(Task.case_id == case_id, Task.element == element, Task.state == "open")
        task = session.scalars(query).one_or_none()
        if task is None:
            raise NotOpen
        return task

    def _tell(self, who: str, what: str) -> None:
        self.told.append(f"{self.now.astimezone(CHINA):%Y-%m-%d %H:%M} {who} {what}")


def let_time_pass(session: Session, case: Case, now: datetime) -> None:
    """Do for one case what the sweeps do for all: timers, escalations and breaches that are due."""
    timers = select(Timer.id).where(Timer.case_id == case.id, Timer.state == "armed", Timer.fire_at <= now)
    for timer in session.scalars(timers.order_by(Timer.fire_at)).all():
        fire_timer(session, now, timer, RUN_ID)
    session.flush()
    calendar = workdays.load_calendar(session)
    common = Sweep(now, RUN_ID, calendar, card_days(session, local_day(now)), Receivers(now))
    for task in due_tasks_of(session, case.id, now):
        escalate(session, task, common)
    for breach in due_breaches_of(session, case.id, now):
        record_breach(session, breach, now, RUN_ID, common.receivers)


def _compare_refusal(expected: Mapping[str, str], error: JiebanError | None) -> list[str]:
    if error is None:
        return ["应当被拒绝，却办成了"]
    wrong = []
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if expected.get("kind") and expected["kind"] not in kinds:
        wrong.append(f"应当因 {expected['kind']} 被拒绝，实际是 {type(error).__name__}：{error.message}")
    fields = {one["field"]: one["message"] for one in getattr(error, "errors", [])}
    if expected.get("field") and expected["field"] not in fields:
        wrong.append(f"应当指出“{expected['field']}”，实际指出 {sorted(fields)}")
    said = error.message + "".join(fields.values())
    if expected.get("says") and expected["says"] not in said:
        wrong.append(f"应当说明“{expected['says']}”，实际说明“{said}”")
    return wrong
