"""Events: what waits for something, and what says something."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from bpmn.errors import ExpressionError
from bpmn.expressions import Formula
from bpmn.steps.base import Step
from bpmn.steps.token import READY, WAITING
from bpmn.timers import Span, TimerRule

if TYPE_CHECKING:
    from datetime import datetime

    from bpmn.graph import Definition, Node
    from bpmn.steps.token import Token


# What a waiting event notes, and forgets when it happens.
ARMED = ("race", "gateway", "at", "left", "every", "was")


class Throw(Step):
    """An intermediate or end event that says something, or nothing."""

    def __init__(self, spec: Any, node: Node, definition: Definition | None) -> None:
        super().__init__(spec, node)
        self.definition = definition
        self.closing = node.kind == "endEvent"

    def act(self, token: Token) -> None:
        """Stay where nobody would catch it: an error that nobody hears must not look like a good end."""
        thrown = self.definition
        if thrown is None or thrown.kind not in {"error", "cancel"}:
            return
        if not token.workflow.run.is_caught(token, thrown):
            raise ExpressionError(thrown.code or thrown.name or thrown.kind, "nobody catches it")

    def passed(self, token: Token) -> None:
        """Say it, unless there is nothing to say."""
        super().passed(token)
        if self.definition is not None and self.definition.kind not in {"link", "none"}:
            token.workflow.run.throw(token, self.definition)

    def end(self, token: Token) -> None:
        """Reach the end; what ends the scope with it was said before."""
        super().end(token)


class Catch(Step):
    """An event, or a receive task, that waits."""

    def __init__(self, spec: Any, node: Node, definition: Definition, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.definition = definition
        self.interrupting = node.interrupting
        self.timer = TimerRule(definition.timer, definition.text) if definition.kind == "timer" else None
        self.condition = Formula(definition.text) if definition.kind == "conditional" else None

    def enter(self, token: Token) -> bool:
        """Arm it and wait."""
        run = token.workflow.run
        if self.timer is not None:
            alarm = self.timer.alarm(run.values, run.now)
            token.note["at"] = alarm.at
            if alarm.every is not None:
                token.note["left"] = alarm.left
                token.note["every"] = [alarm.every.months, alarm.every.seconds]
        token.become(WAITING)
        return False

    def formulas(self) -> list[Formula]:
        """Give its time and its condition too."""
        own = [self.timer.formula if self.timer is not None else None, self.condition]
        return [*super().formulas(), *(formula for formula in own if formula is not None)]

    def became_true(self, token: Token) -> bool:
        """Say whether the condition holds now and did not hold before."""
        if self.condition is None or not token.waits:
            return False
        before = token.note.get("was", False)
        # A fact that nobody has told yet is the very thing such an event waits for, so here unknown means not yet.
        try:
            values = token.workflow.run.values
            holds = self.condition.value(values) is True and not self.condition.untold(values)
        except ExpressionError as failure:
            token.workflow.run.stuck(token, failure, "enter")
            return False
        if holds != before:
            token.note["was"] = holds
        return holds and not before

    def trigger(self, token: Token) -> None:
        """Let what was waited for happen."""
        run = token.workflow.run
        race = token.note.get("race")
        if race is not None:
            for other in list(token.workflow.tasks.values()):
                if other is not token and other.note.get("race") == race:
                    other.cancel()
        for key in ARMED:
            token.note.pop(key, None)
        token.become(READY)
        run.ready(token)

    def rearm(self, token: Token) -> bool:
        """Set a cycle to its next round, as a timer of its own; False when there is none."""
        left, every = token.note.get("left", 0), token.note.get("every")
        if every is None or left == 0:
            return False
        due: datetime = token.note["at"]
        try:
            following = Span(every[0], every[1]).after(due)
            following.astimezone(UTC)
        except OverflowError:
            return False  # the next round lies beyond the year 9999
        token.note["at"] = following
        token.note["left"] = left - 1 if left > 0 else -1
        token.workflow.run.renumber(token)
        return True


class Boundary(Catch):
    """An event on the border of an activity."""

    @property
    def is_deadline(self) -> bool:
        """Whether its time is that of the task's own deadline."""
        return self.timer is not None and self.timer.is_deadline

    def enter(self, token: Token) -> bool:
        """Arm it; one that fires when its task is due waits to be told when that is."""
        if not self.is_deadline:
            return super().enter(token)
        token.become(WAITING)
        return False

    def formulas(self) -> list[Formula]:
        """Give its time and its condition, unless its time is no fact but the deadline of the task."""
        own = super().formulas()
        return [
            one for one in own if self.timer is None or one is not self.timer.formula or not self.is_deadline
        ]

    def trigger(self, token: Token) -> None:
        """Interrupt the activity, or start a branch beside it."""
        run, workflow = token.workflow.run, token.workflow
        if self.interrupting:
            host = workflow.tasks[token.note["host"]]
            token.remove()
            host.cancel()
        elif self.timer is not None and not self.rearm(token):
            token.remove()
        run.launch(workflow, self)


class EventStart(Catch):
    """The start event of an event sub-process, armed as long as its scope runs."""

    frame: Step

    def trigger(self, token: Token) -> None:
        """Start the event sub-process, in place of all else in the scope or beside it."""
        run, workflow = token.workflow.run, token.workflow
        if self.interrupting:
            token.remove()
            for other in list(workflow.tasks.values()):
                if other.alive:
                    other.cancel()
        elif self.timer is not None and not self.rearm(token):
            token.remove()
        run.enter(workflow, self.frame, {})
