"""Doing an activity several times: side by side, one after another, or while a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.errors import ExpressionError
from bpmn.expressions import Formula
from bpmn.steps.activities import Activity
from bpmn.steps.token import STARTED

if TYPE_CHECKING:
    from bpmn.graph import Loop, Node
    from bpmn.steps.token import Token

# So many one after another, and so many side by side, each of which stands in the state.
MOST = {"sequential": 10_000, "parallel": 1_000}


class Several(Activity):
    """The frame round the turns of one activity; the events on the border belong to the frame."""

    body: Activity

    def __init__(self, spec: Any, node: Node, loop: Loop) -> None:
        super().__init__(spec, node)
        self.kind = loop.kind
        self.maximum = loop.maximum
        self.test_before = loop.test_before
        self.cardinality = Formula(loop.cardinality) if loop.cardinality else None
        self.condition = Formula(loop.condition) if loop.condition else None

    def enter(self, token: Token) -> bool:
        """Begin the first turn, or all of them."""
        run = token.workflow.run
        token.note["done"] = 0
        if self.cardinality is not None:
            token.note["of"] = self.cardinality.whole(run.values)
            if token.note["of"] > MOST[self.kind]:
                raise ExpressionError(self.cardinality.text, f"more than {MOST[self.kind]} turns")
            if token.note["of"] == 0:
                return True
        elif self.test_before and not self._again(token):
            return True
        super().enter(token)
        token.become(STARTED)
        turns = token.note["of"] if self.kind == "parallel" else 1
        for turn in range(turns):
            if token.alive:
                self._turn(token, turn)
        return False

    def one_done(self, turn: Token) -> None:
        """Count a turn that is done, and see what follows."""
        frame = turn.workflow.tasks[turn.note["frame"]]
        frame.note["done"] += 1
        try:
            finished = self._finished(frame)
        except ExpressionError as failure:
            frame.note["check"] = True
            frame.workflow.run.stuck(frame, failure, "turn")
            return
        self.go_on(frame, finished=finished)

    def go_on(self, frame: Token, *, finished: bool) -> None:
        """Begin the next turn, or end the frame."""
        if finished:
            self._cancel_turns(frame)
            frame.make_ready()
        elif self.kind != "parallel":
            self._turn(frame, frame.note["done"])

    def formulas(self) -> list[Formula]:
        """Give its count and its condition too."""
        return [*super().formulas(), *(f for f in (self.cardinality, self.condition) if f is not None)]

    def passed(self, token: Token) -> None:
        """Ask for nothing: each turn has asked for itself."""

    def retry(self, frame: Token) -> None:
        """Ask again what could not be answered when a turn was done."""
        frame.note.pop("check", None)
        self.go_on(frame, finished=self._finished(frame))

    def _turn(self, frame: Token, number: int) -> None:
        frame.workflow.run.enter(frame.workflow, self.body, {"frame": frame.id, "turn": number})

    def _finished(self, frame: Token) -> bool:
        done = frame.note["done"]
        if self.cardinality is None:
            return not self._again(frame)
        if done >= frame.note["of"]:
            return True
        return self.condition is not None and self.condition.holds(self._facts(frame))

    def _again(self, frame: Token) -> bool:
        if self.maximum is not None and frame.note["done"] >= self.maximum:
            return False
        return self.condition is None or self.condition.holds(self._facts(frame))

    def _facts(self, frame: Token) -> dict[str, Any]:
        done, of = frame.note["done"], frame.note.get("of", 0)
        return {
            **frame.workflow.run.values,
            "loopCounter": done,
            "numberOfInstances": of,
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": sum(
                1 for t in frame.workflow.tasks.values() if self._is_turn(t, frame)
            ),
            "numberOfTerminatedInstances": 0,
        }

    def _is_turn(self, token: Token, frame: Token) -> bool:
        return token.task_spec is self.body and bool(token.note.get("frame") == frame.id)

    def _cancel_turns(self, frame: Token) -> None:
        for token in list(frame.workflow.tasks.values()):
            if self._is_turn(token, frame):
                token.cancel()

    def _on_cancel(self, token: Token) -> None:
        self._cancel_turns(token)
        super()._on_cancel(token)
