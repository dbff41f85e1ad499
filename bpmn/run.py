"""One case in its procedure: what is open, and what happens next."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bpmn import codec
from bpmn.deadlines import decided_by
from bpmn.effects import ArmedTimer, Effect, Incident, Mark, OpenTask, Subscription
from bpmn.errors import (
    AlreadyFinished,
    DeadlinePassed,
    ExpressionError,
    NoSuchIncident,
    NoSuchTask,
    NoSuchTimer,
    NotWaiting,
    StateError,
    TimerNotDue,
)
from bpmn.steps.activities import Person
from bpmn.steps.events import Boundary, Catch
from bpmn.steps.several import Several
from bpmn.steps.token import FUTURE, READY
from bpmn.throwing import broadcast, listeners, waiting_for
from bpmn.timers import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bpmn.machine import Machine
    from bpmn.steps.token import Token


class Run:
    """A running procedure; every change takes the time from its caller."""

    def __init__(self, process: str, machine: Machine, key: str, cancelled: str | None = None) -> None:
        self._process = process
        self._machine = machine
        self._key = key
        self._broken = False
        self.cancelled = cancelled

    def perform_with(self, perform: Callable[[Effect], None]) -> None:
        """Have operations and notices done the moment a token passes them, instead of listed among the effects.

        Where `perform` raises EffectFailed, the token stays at its element as an incident that can be retried.
        """
        self._machine.perform = perform

    # What can be seen.

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self._machine.finished

    @property
    def outcome(self) -> str | None:
        """The end event that was reached last."""
        return self._machine.outcome

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the gateways see now."""
        return MappingProxyType(self._machine.values)

    def tasks(self) -> list[OpenTask]:
        """Give the tasks that wait for people."""
        return [
            OpenTask(self._id(t), t.task_spec.bpmn_id, t.task_spec.bpmn_name, t.note.get("turn"))
            for t in self._machine.tokens()
            if t.is_ready and isinstance(t.task_spec, Person)
        ]

    def timers(self) -> list[ArmedTimer]:
        """Give the timers that wait for their time."""
        return [
            ArmedTimer(self._id(t), t.task_spec.bpmn_id, t.note["at"])
            for t in self._machine.tokens()
            if t.waits and "at" in t.note
        ]

    def waits(self) -> list[Subscription]:
        """Give the messages and signals that are waited for."""
        return [
            Subscription(t.task_spec.definition.name, t.task_spec.bpmn_id, t.task_spec.definition.kind)
            for t in self._machine.tokens()
            if t.waits
            and isinstance(t.task_spec, Catch)
            and t.task_spec.definition.kind in {"message", "signal"}
        ]

    def hosts(self) -> list[str]:
        """Give the call activities and sub-processes in which something goes on, the outermost first."""
        inner = self._machine.case.subprocesses.values()
        return [one.host.task_spec.bpmn_id for one in inner if one.tasks]

    def incidents(self) -> list[Incident]:
        """Give the places that cannot go on by themselves."""
        tokens = list(self._machine.tokens())
        found = [
            self._incident(t, t.note["stuck"][2], t.note["stuck"][1]) for t in tokens if "stuck" in t.note
        ]
        # A join that waits while nothing else can move would otherwise be a case that silently never ends.
        if not found and tokens and all(_idle(t) for t in tokens):
            found = [
                self._incident(t, "waits for what can no longer come") for t in tokens if "via" in t.note
            ]
        return found

    def effects(self) -> list[Effect]:
        """Give what the last step asked for, in order."""
        return list(self._machine.effects)

    def marks(self) -> list[Mark]:
        """Give the elements that the last step entered, left or cancelled, in order."""
        return list(self._machine.marks)

    def flows(self) -> list[str]:
        """Give the ids of the sequence flows that tokens followed in the last step, in order.

        Those into a gateway that still waits, or into an event that lost a race, are among them.
        """
        return [flow for flow in self._machine.flows if flow]

    # What can be done.

    def overtaken(self, task_id: str, now: datetime) -> bool:
        """Say whether a deadline that has passed takes this task away, so that completing it can only fire that."""
        token = self._find(task_id)
        return token is not None and token.is_ready and decided_by(token, aware(now)) is not None

    def complete(self, task_id: str, result: Mapping[str, Any] | None, now: datetime) -> None:
        """Complete a task with its result.

        If a deadline that interrupts the task has passed, the deadline decides: it is fired, the result is
        not taken, and DeadlinePassed is raised. The run is sound then and can be saved as it is.
        """
        token = self._find(task_id)
        if token is None or not token.is_ready or not isinstance(token.task_spec, Person):
            raise NoSuchTask(task_id)
        facts = codec.plain_facts(result or {})
        self._begin(now)
        late = decided_by(token, now)
        if late is not None:
            due = late.note["at"]
            self._fire(late)
            raise DeadlinePassed(task_id, late.task_spec.bpmn_id, due)
        self._machine.learn(facts)
        token.run()
        self._settle()

    def fire(self, timer_id: str, now: datetime) -> None:
        """Let a timer happen whose time has come; several due ones are fired in the order of their times."""
        token = self._find(timer_id)
        if token is None or not token.waits or "at" not in token.note:
            raise NoSuchTimer(timer_id)
        aware(now)
        if now < token.note["at"]:
            raise TimerNotDue(timer_id, token.note["at"])
        self._begin(now)
        self._fire(token)

    def deliver(self, message: str, payload: Mapping[str, Any] | None, now: datetime) -> None:
        """Deliver a message to whatever has waited for it longest, or a signal to all that wait for it."""
        facts = codec.plain_facts(payload or {})
        machine = self._machine
        if not any(s.message == message for s in self.waits()):
            raise NotWaiting(message)
        self._begin(now)
        while (late := self._late(message, now)) is not None:
            self._fire(late)
        token = waiting_for(machine, message)
        if token is not None:
            machine.learn(facts)
            token.task_spec.trigger(token)
        elif listeners(machine, message):
            machine.learn(facts)
            broadcast(machine, message)
        else:
            self._settle()
            raise NotWaiting(message)
        self._settle()

    def set_deadline(self, task_id: str, due: datetime) -> None:
        """Say by when a task is due, or that this has changed: the timers on its border that fire then are set to it."""
        task = self._find(task_id)
        if task is None or not task.is_ready or not isinstance(task.task_spec, Person):
            raise NoSuchTask(task_id)
        aware(due)
        for token in task.workflow.tasks.values():
            step = token.task_spec
            if isinstance(step, Boundary) and step.is_deadline and token.note.get("host") == task.id:
                token.note["at"] = due

    def move(self, fact: str, before: datetime, after: datetime) -> None:
        """Change a fact that holds a moment, where it still holds it, and set the timers that wait for it anew."""
        machine = self._machine
        if not _holds(machine.values.get(fact), before):
            return
        machine.learn({fact: after.isoformat()})
        for token in machine.tokens():
            step = token.task_spec
            rule = step.timer if isinstance(step, Catch) else None
            waits_for_it = rule is not None and rule.formula is not None and rule.formula.text == fact
            if waits_for_it and token.waits and token.note.get("at") == before:
                token.note["at"] = after

    def cancel(self, reason: str, now: datetime) -> None:
        """Stop everything, for a reason."""
        if self.finished:
            raise AlreadyFinished
        self._begin(now)
        self._machine.empty(self._machine.case)
        self.cancelled = reason
        self._settle()

    def retry(self, incident_id: str, now: datetime, facts: Mapping[str, Any] | None = None) -> None:
        """Go on where the case was stuck, with facts that were missing."""
        token = self._find(incident_id)
        if token is None or "stuck" not in token.note:
            raise NoSuchIncident
        known = codec.plain_facts(facts or {})
        self._begin(now)
        self._machine.learn(known)
        phase = token.note.pop("stuck")[0]
        if phase == "enter":
            token.become(FUTURE)
            token.task_spec.receive(token)
        elif phase == "turn" and isinstance(token.task_spec, Several):
            try:
                token.task_spec.retry(token)
            except ExpressionError as failure:
                self._machine.stuck(token, failure, phase)
        else:
            token.become(READY)
            token.run()
        self._settle()

    def dump(self) -> bytes:
        """Write the state, to be restored by the same procedure."""
        if self._broken:
            raise StateError("A step of this run failed half-way; it must not be saved.")
        return codec.dump(self._machine, self._process, self._key, self.cancelled)

    # How it is done.

    def _incident(self, token: Token, reason: str, expression: str = "") -> Incident:
        facts, step = dict(self.facts), token.task_spec
        return Incident(self._id(token), step.bpmn_id, reason, expression, facts, tuple(step.reads()))

    def _id(self, token: Token) -> str:
        return f"{self._key}-{token.id}"

    def _find(self, public: str) -> Token | None:
        key, _, number = public.rpartition("-")
        if key != self._key or not number.isdecimal():
            return None
        try:
            return self._machine.case.get_task_from_id(int(number))
        except KeyError:
            return None

    def _begin(self, now: datetime) -> None:
        aware(now)
        if self._broken:
            raise StateError("A step of this run failed half-way; load it again.")
        self._machine.now = now
        self._machine.effects = []
        self._machine.marks = []
        self._machine.flows = []
        self._broken = True

    def _late(self, message: str, now: datetime) -> Token | None:
        """Find a passed deadline that takes away whoever would hear this message or signal."""
        first = waiting_for(self._machine, message)
        heard = listeners(self._machine, message) if first is None else [first]
        found = [late for token in heard if (late := decided_by(token, now)) is not None]
        return min(found, key=_due) if found else None

    def _settle(self) -> None:
        self._machine.settle()
        self._broken = False

    def _fire(self, token: Token) -> None:
        token.task_spec.trigger(token)
        self._settle()


def aware(now: datetime) -> datetime:
    """Refuse a time without a zone."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return now


def _holds(value: object, moment: datetime) -> bool:
    found = parse_moment(value) if isinstance(value, str) else value
    return isinstance(found, datetime) and found == moment


def _due(token: Token) -> tuple[datetime, int]:
    return token.note["at"], token.id


def _idle(token: Token) -> bool:
    """Say whether a token can do nothing by itself and nothing from outside can move it."""
    if "esp" in token.note:
        # An armed handler holds no case open, so it is no reason to call one that is stuck alive; a deadline is.
        return not (token.task_spec.interrupting and "at" in token.note)
    if token.waits:
        return "via" in token.note
    return not token.is_ready and not isinstance(token.task_spec, Person)
