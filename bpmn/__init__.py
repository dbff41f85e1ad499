"""Procedures, and the one door to the engine behind them."""

from bpmn.calls import missing_calls
from bpmn.cited import cited
from bpmn.decisions import DMNError, decide
from bpmn.effects import ArmedTimer, Effect, Incident, Mark, OpenTask, Subscription
from bpmn.elements import (
    ASSIGNEE,
    Deadline,
    Decision,
    Element,
    English,
    EscalationStep,
    Law,
    Opening,
    Operation,
)
from bpmn.errors import (
    AlreadyFinished,
    BPMNError,
    DeadlinePassed,
    EffectFailed,
    ExpressionError,
    FactError,
    ModelError,
    NoSuchIncident,
    NoSuchTask,
    NoSuchTimer,
    NotWaiting,
    StateError,
    StepLimit,
    TimerNotDue,
)
from bpmn.feel import FEELError, evaluate, satisfies
from bpmn.lint import lint
from bpmn.model import Model, load
from bpmn.problems import Problem, Severity
from bpmn.run import Run

__all__ = [
    "ASSIGNEE",
    "AlreadyFinished",
    "ArmedTimer",
    "BPMNError",
    "DMNError",
    "Deadline",
    "DeadlinePassed",
    "Decision",
    "Effect",
    "EffectFailed",
    "Element",
    "English",
    "EscalationStep",
    "ExpressionError",
    "FEELError",
    "FactError",
    "Incident",
    "Law",
    "Mark",
    "Model",
    "ModelError",
    "NoSuchIncident",
    "NoSuchTask",
    "NoSuchTimer",
    "NotWaiting",
    "OpenTask",
    "Opening",
    "Operation",
    "Problem",
    "Run",
    "Severity",
    "StateError",
    "StepLimit",
    "Subscription",
    "TimerNotDue",
    "cited",
    "decide",
    "evaluate",
    "lint",
    "load",
    "missing_calls",
    "satisfies",
]
