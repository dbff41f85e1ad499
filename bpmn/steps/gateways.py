"""Gateways, as the specification counts tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.steps.base import Step, Way, choose_one
from bpmn.steps.token import WAITING

if TYPE_CHECKING:
    from bpmn.steps.token import Token


class Exclusive(Step):
    """Lets each token through, along one way."""

    def choose(self, token: Token) -> list[Way]:
        """Take the first open way."""
        return choose_one(self, token)


class Join(Step):
    """Holds tokens until enough have come; each arrival counts for the flow by which it came."""

    sources: tuple[str, ...] = ()

    @property
    def joins(self) -> bool:
        """Say that the flow of arrival matters."""
        return len(self.sources) > 1

    def enter(self, token: Token) -> bool:
        """Wait, and let the gateway see whether it may fire."""
        if not self.joins:
            return True
        token.become(WAITING)
        return False

    def waiting(self, workflow: Any) -> dict[str, Token]:
        """Give the oldest waiting token of each flow."""
        found: dict[str, Token] = {}
        for token in workflow.tasks.values():
            if token.task_spec is self and token.waits:
                found.setdefault(token.note["via"], token)
        return found

    def fire(self, tokens: dict[str, Token]) -> None:
        """Make one token of those that came together."""
        first, *others = tokens.values()
        for other in others:
            other.remove()
        first.note.clear()
        first.make_ready()


class Parallel(Join):
    """Waits for a token on every flow in, and sends one along every flow out."""

    def enter(self, token: Token) -> bool:
        """Fire as soon as every flow has brought one."""
        if super().enter(token):
            return True
        tokens = self.waiting(token.workflow)
        if len(tokens) == len(self.sources):
            self.fire(tokens)
        return False

    def choose(self, token: Token) -> list[Way]:  # noqa: ARG002 - others need it
        """Take all ways; a condition on them has no meaning."""
        return self.ways


class Inclusive(Join):
    """Waits for every token that can still come, and takes every open way."""

    # For each node of the scope: the flows into this gateway that a token there can still reach.
    reach: dict[str, frozenset[str]]

    def may_fire(self, workflow: Any) -> dict[str, Token]:
        """Give the tokens to join, when no other can still bring one by an empty flow alone."""
        came = self.waiting(workflow)
        if not came:
            return {}
        full = frozenset(came)
        for token in workflow.tasks.values():
            if token.task_spec is self or "host" in token.note or "esp" in token.note:
                continue
            place = token.note.get("gateway", token.task_spec.bpmn_id)
            reached = self.reach.get(place, frozenset())
            if reached - full and not reached & full:
                return {}
        return came


class Race(Step):
    """The event-based gateway: the first of its events takes the token."""

    def _on_complete(self, token: Token) -> None:
        if not self.said(token):
            return
        run = token.workflow.run
        token.remove()
        for way in self.ways:
            run.flows.append(way.flow)
            run.enter(token.workflow, way.target, {"race": token.id, "gateway": self.name})

    def choose(self, token: Token) -> list[Way]:  # noqa: ARG002 - others need it
        """Take all ways: the events are the choice."""
        return self.ways
