"""One scenario being played: the same functions that a click, a sweep and the API call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.deadlines.tables import Deadline, Extension
from jieban.errors import Conflict, JiebanError
from jieban.intake.applications import NewApplication
from jieban.staff.actor import Actor
from tasks import work
from tasks.tables import Task
from workflows import extensions
from workflows.breaches import record_breach
from workflows.cases import open_case
from workflows.escalation import escalate
from workflows.scenarios.cast import Cast
from workflows.scenarios.checking import check
from workflows.scenarios.reading import Step
from workflows.steps import complete_task, fire_timer, register_objection
from workflows.tables import Timer

RUN_ID = "scenario"


class NotOpen(Conflict):
    """此时没有这项任务。"""


class Player:
    """Plays the steps of one scenario on one case, and keeps what was not as expected."""

    def __init__(self, session: Session, cast: Cast, procedure: str, now: datetime, first: Actor) -> None:
        self.session = session
        self.cast = cast
        self.procedure = procedure
        self.now = now
        self.first = first
        self.case: Case | None = None
        self.told: list[str] = []
        self.failures: list[str] = []

    @property
    def place(self) -> str:
        return self.told[-1] if self.told else "登记申请"

    def open(self, application: NewApplication) -> None:
        """Register the application."""
        with self.session.begin_nested():
            self.case = open_case(
                self.session, self.first, self.now, application, procedure=self.procedure, sample=True
            )
        self._tell(self.first.name, "登记申请")

    def take(self, step: Step) -> None:
        """Take one step; a step that must be refused is, and leaves nothing behind."""
        self.now = step.at
        if not step.who:
            self._tell("时钟", "时间到了这一刻")
            self._let_time_pass()
        else:
            actor = self.cast.actor(step.who)
            self._tell(actor.name, step.task or step.action)
            self._act(step, actor)
        # Every step of the product starts with an empty session; so does every step here.
        self.session.expire_all()
        self.expect(self.place, step.expect)

    def expect(self, place: str, expected: Mapping[str, Any]) -> None:
        """Compare with what the scenario expects."""
        assert self.case is not None
        self.failures += [f"{place}：{one}" for one in check(self.session, self.case, expected)]

    def _act(self, step: Step, actor: Actor) -> None:
        error: JiebanError | None = None
        try:
            with self.session.begin_nested():
                self._do(step, actor)
        except JiebanError as raised:
            if step.refused is None:
                raise
            error = raised
        if step.refused is not None:
            self.failures += [f"{self.place}：{one}" for one in _compare_refusal(step.refused, error)]

    def _do(self, step: Step, actor: Actor) -> None:
        assert self.case is not None
        data = self.cast.with_accounts(step.data)
        if step.task:
            complete_task(self.session, actor, self.now, self._task(step.task).id, data)
        elif step.action == "claim":
            work.claim(self.session, actor, self.now, self._task(str(data["task"])).id)
        elif step.action == "register_objection":
            register_objection(self.session, actor, self.now, self.case.id, data)
        elif step.action == "ask_extension":
            extensions.ask(
                self.session, actor, self.now, self.case.id, data["reason"], data.get("explanation", "")
            )
        else:
            asked = select(Extension.id).where(Extension.case_id == self.case.id, Extension.state == "asked")
            extensions.answer(
                self.session,
                actor,
                self.now,
                self.session.execute(asked).scalar_one(),
                approve=data["approve"],
                words=data.get("words", ""),
            )

    def _task(self, element: str) -> Task:
        assert self.case is not None
        query = select(Task).where(
            Task.case_id == self.case.id, Task.element == element, Task.state == "open"
        )
        task = self.session.scalars(query).one_or_none()
        if task is None:
            raise NotOpen
        return task

    def _let_time_pass(self) -> None:
        assert self.case is not None
        session, case = self.session, self.case
        timers = select(Timer.id).where(Timer.case_id == case.id, Timer.state == "armed")
        for timer in session.scalars(timers.where(Timer.fire_at <= self.now).order_by(Timer.fire_at)).all():
            fire_timer(session, self.now, timer, RUN_ID)
        calendar = workdays.load_calendar(session)
        waiting = select(Task).where(Task.case_id == case.id, Task.state == "open")
        for task in session.scalars(waiting.where(Task.escalate_at <= self.now)).all():
            escalate(session, task, self.now, RUN_ID, calendar)
        running = select(Deadline).where(Deadline.case_id == case.id, Deadline.state == "running")
        for deadline in session.scalars(running.where(Deadline.due_at < self.now)).all():
            task_of = session.get(Task, deadline.task_id) if deadline.task_id else None
            record_breach(session, deadline, case, task_of, self.now, RUN_ID)
        session.flush()

    def _tell(self, who: str, what: str) -> None:
        self.told.append(f"{self.now.astimezone(CHINA):%Y-%m-%d %H:%M} {who} {what}")


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
