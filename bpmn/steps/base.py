"""What all nodes have in common: entering, acting, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from bpmn.errors import ExpressionError
from bpmn.steps.token import STARTED

if TYPE_CHECKING:
    from bpmn.expressions import Formula
    from bpmn.graph import Node
    from bpmn.steps.token import Token


@dataclass(slots=True)
class Way:
    """One flow out of a node; the jump of a link event has no flow, and its name is empty."""

    flow: str
    target: Step
    condition: Formula | None
    default: bool


class Step(BpmnTaskSpec):  # type: ignore[misc]
    """A node; by itself a task that nobody waits for."""

    name: str
    manual: bool

    def __init__(self, spec: Any, node: Node, name: str | None = None) -> None:
        super().__init__(spec, name or node.id, lane=node.about.lane, documentation=node.about.documentation)
        self.bpmn_id = node.id
        self.bpmn_name = node.name
        self.about = node.about
        self.ways: list[Way] = []

    def enter(self, token: Token) -> bool:  # noqa: ARG002 - others need it
        """Receive a token; True lets it act at once."""
        return True

    def act(self, token: Token) -> None:
        """Do what the node does, before its ways out are chosen."""

    def passed(self, token: Token) -> None:
        """Ask the outside for what the node asks for, when its ways are certain."""
        token.workflow.run.ask(token, self.about)

    def said(self, token: Token) -> bool:
        """Say that the token passes and ask for what the node asks for; where that fails, the token stays."""
        run = token.workflow.run
        run.mark(token, "left")
        try:
            self.passed(token)
        except ExpressionError as failure:
            run.marks.pop()
            run.stuck(token, failure, "run")
            return False
        return bool(token.alive)

    def leaving(self, token: Token) -> None:
        """Clear away what stood round the token, now that it goes."""

    def choose(self, token: Token) -> list[Way]:
        """Choose the ways out: all without a condition and all whose condition holds, else the default."""
        return choose_all(self, token)

    def end(self, token: Token) -> None:
        """Let the token end here, there being no way out."""
        token.workflow.run.ended(token)

    def formulas(self) -> list[Formula]:
        """Give the expressions of the node."""
        return [way.condition for way in self.ways if way.condition is not None]

    def reads(self) -> list[str]:
        """Give the facts that the node looks at."""
        return sorted({name for formula in self.formulas() for name in formula.names})

    # SpiffWorkflow's hooks, in the order in which it calls them.

    def _predict(self, *_: Any, **__: Any) -> None:
        """Predict nothing: what may come is in the drawing, not in the state."""

    def _update(self, token: Token) -> None:
        self.receive(token)

    def receive(self, token: Token) -> None:
        """Let a token enter, and keep it where it is when it cannot."""
        try:
            ready = self.enter(token)
        except ExpressionError as failure:
            token.become(STARTED)
            token.workflow.run.stuck(token, failure, "enter")
            return
        if ready:
            token.make_ready()

    def _on_ready(self, token: Token) -> None:
        token.workflow.run.ready(token)

    def _run(self, token: Token) -> bool | None:
        try:
            self.act(token)
            token.chosen = self.choose(token)
        except ExpressionError as failure:
            token.workflow.run.stuck(token, failure, "run")
            return None
        return True

    def _on_complete(self, token: Token) -> None:
        if not self.said(token):
            return
        run = token.workflow.run
        self.leaving(token)
        token.remove()
        if not self.ways:
            self.end(token)
        for way in token.chosen:
            run.flows.append(way.flow)
            run.enter(token.workflow, way.target, {"via": way.flow} if way.target.joins else {})

    def _on_cancel(self, token: Token) -> None:
        token.remove()
        if "host" not in token.note and "esp" not in token.note:
            token.workflow.run.mark(token, "cancelled")

    @property
    def joins(self) -> bool:
        """Say whether the node must know by which flow a token came."""
        return False


def choose_all(step: Step, token: Token) -> list[Way]:
    """Choose every way that is open."""
    facts = token.workflow.run.values
    taken = [w for w in step.ways if not w.default and (w.condition is None or w.condition.holds(facts))]
    if not taken and step.ways:
        taken = [w for w in step.ways if w.default]
        if not taken:
            raise ExpressionError(step.name, "no way out is open")
    return taken


def choose_one(step: Step, token: Token) -> list[Way]:
    """Choose the first way that is open."""
    facts = token.workflow.run.values
    for way in step.ways:
        if not way.default and (way.condition is None or way.condition.holds(facts)):
            return [way]
    default = [w for w in step.ways if w.default]
    if not default and step.ways:
        raise ExpressionError(step.name, "no way out is open")
    return default
