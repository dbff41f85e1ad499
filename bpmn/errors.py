"""What can go wrong behind the port; nothing here knows HTTP."""

# ruff: noqa: N818 - these names say what happened, and callers read them as sentences

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.problems import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bpmn.problems import Problem


class BPMNError(Exception):
    """The procedure engine could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class UnsafeXML(BPMNError):
    """The file is not XML that may be read here."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(f"{rule}: {detail}" if detail else rule)
        self.rule = rule
        self.detail = detail


class ModelError(BPMNError):
    """The procedure cannot be executed rightly."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{shown(p.element)}: {p.message}" for p in problems))
        self.problems = tuple(problems)


class NoSuchTask(BPMNError):
    """This task is unknown here, or no longer open."""

    def __init__(self, task_id: str, message: str | None = None) -> None:
        super().__init__(message or f"Task {task_id} is unknown, or no longer open.")
        self.task_id = task_id


class DeadlinePassed(NoSuchTask):
    """The deadline of this task had passed before it was completed, so the deadline has decided."""

    def __init__(self, task_id: str, timer: str, fire_at: datetime) -> None:
        super().__init__(task_id, f"Task {task_id} was interrupted by {timer}, due at {fire_at.isoformat()}.")
        self.timer = timer
        self.fire_at = fire_at


class NoSuchTimer(BPMNError):
    """This timer is unknown here, or no longer armed."""

    def __init__(self, timer_id: str) -> None:
        super().__init__(f"Timer {timer_id} is unknown, or no longer armed.")
        self.timer_id = timer_id


class TimerNotDue(BPMNError):
    """This timer is not due yet."""

    def __init__(self, timer_id: str, fire_at: datetime) -> None:
        super().__init__(f"Timer {timer_id} is due only at {fire_at.isoformat()}.")
        self.timer_id = timer_id
        self.fire_at = fire_at


class NotWaiting(BPMNError):
    """Nothing in this case waits for this message."""

    def __init__(self, message: str) -> None:
        super().__init__(f"Nothing waits for {message!r}.")
        self.name = message


class AlreadyFinished(BPMNError):
    """This case is finished; nothing more can happen in it."""


class NoSuchIncident(BPMNError):
    """This incident is unknown here, or was already settled."""


class FactError(BPMNError):
    """A fact must be one plain value: text, number, date, time span, true, false or nothing."""


class StateError(BPMNError):
    """The saved state does not belong to this procedure, or is not a state at all."""


class ExpressionError(BPMNError):
    """An expression gave no usable answer."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression}: {reason}")
        self.expression = expression
        self.reason = reason


class EffectFailed(ExpressionError):
    """An operation or notice could not be carried out, so the token stays where it is."""


class StepLimit(BPMNError):
    """The procedure went round and round without ever waiting for anybody."""
