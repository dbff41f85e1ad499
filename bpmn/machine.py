"""The token game of one run: what is ready is done, until everything waits."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bpmn import throwing
from bpmn.effects import Effect, Mark
from bpmn.errors import ExpressionError, StepLimit
from bpmn.scopes import Case, Inner
from bpmn.steps.token import FUTURE, READY, STARTED, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from bpmn.elements import Element
    from bpmn.graph import Definition
    from bpmn.scopes import ScopeSpec
    from bpmn.steps.base import Step

    Perform = Callable[[Effect], None]

MOST_STEPS = 20_000
# Turns inside turns are entered without a step between them, so what happens at elements is counted as well.
MOST_MARKS = 60_000


class Machine:
    """Moves the tokens of one run; facts, time and effects are here, so that nodes hold no state."""

    now: datetime

    def __init__(self, specs: Mapping[str, ScopeSpec], main: str) -> None:
        self.specs = specs
        self.values: dict[str, Any] = {}
        self.counter = 0
        self.outcome: str | None = None
        self.finished = False
        self.effects: list[Effect] = []
        self.marks: list[Mark] = []
        self.flows: list[str] = []
        self.queue: deque[Token] = deque()
        self.perform: Perform | None = None
        self.case = Case(specs[main], self)

    # What nodes call.

    def enter(self, scope: Any, step: Step, note: dict[str, Any]) -> None:
        """Put a new token at a node."""
        self.counter += 1
        token = Token(scope, step, self.counter, FUTURE, note)
        if "host" not in note and "esp" not in note:
            self.mark(token, "entered")
        step.receive(token)

    def launch(self, scope: Any, step: Step) -> None:
        """Put a new token at an event that has just happened."""
        self.counter += 1
        token = Token(scope, step, self.counter, READY, {})
        self.mark(token, "entered")
        self.queue.append(token)

    def renumber(self, token: Token) -> None:
        """Give a token a new id, so that an id of a timer fires once and never again."""
        token.remove()
        self.counter += 1
        token.id = self.counter
        token.workflow.tasks[token.id] = token

    def ready(self, token: Token) -> None:
        """Take note of a token that may act."""
        if not token.task_spec.manual:
            self.queue.append(token)

    def stuck(self, token: Token, failure: ExpressionError, phase: str) -> None:
        """Keep a token that cannot go on, with the reason."""
        token.become(STARTED)
        token.note["stuck"] = [phase, failure.expression, failure.reason]

    def mark(self, token: Token, kind: str) -> None:
        """Remember for the history of the case what happened at an element."""
        if len(self.marks) >= MOST_MARKS:
            raise StepLimit
        self.marks.append(Mark(token.task_spec.bpmn_id, kind))

    def ask(self, token: Token, about: Element) -> None:
        """Ask for the operation and the notice that an element carries, or have them done here and now."""
        wanted: list[Effect] = []
        if about.operation is not None:
            wanted.append(Effect("operation", about.id, about.operation.name, about.operation.params))
        if about.notice is not None:
            wanted.append(Effect("notice", about.id, about.notice))
        if self.perform is None:
            self.effects += wanted
            return
        # What was done before another part failed is not done again when that is retried.
        done: int = token.note.pop("did", 0)
        for number, effect in enumerate(wanted):
            if number < done:
                continue
            try:
                self.perform(replace(effect, facts=MappingProxyType(self.values)))
            except ExpressionError:
                if number:
                    token.note["did"] = number
                raise

    def effect(self, kind: str, about: Element, name: str) -> None:
        """Ask the outside for something else."""
        self.effects.append(Effect(kind, about.id, name))

    def learn(self, values: Mapping[str, Any]) -> None:
        """Add facts."""
        self.values.update(values)

    def throw(self, token: Token, definition: Definition) -> None:
        """Let an event be heard by those who wait for it."""
        throwing.throw(self, token, definition)

    def is_caught(self, token: Token, definition: Definition) -> bool:
        """Say whether somebody would hear what leaves its scope."""
        return throwing.caught(token, definition)

    def ended(self, token: Token) -> None:
        """Remember the end that was reached last in the outermost scope, or in a handler that took its place."""
        handler = getattr(token.task_spec, "handler", "")
        if not handler and self._is_outermost(token.workflow):
            self.outcome = token.task_spec.bpmn_id

    def _is_outermost(self, scope: Any) -> bool:
        while scope is not self.case:
            if getattr(scope.host.task_spec, "handler", "") != "instead":
                return False
            scope = scope.host.workflow
        return True

    def open_scope(self, host: Token, name: str) -> None:
        """Begin a scope inside an activity."""
        inner = Inner(self.specs[name], host, self.case)
        self.case.subprocesses[host.id] = inner
        self.begin(inner, self.specs[name].begin)

    def close_scope(self, host: Token) -> None:
        """Cancel all that runs inside an activity."""
        inner = self.case.subprocesses.pop(host.id, None)
        if inner is not None:
            self.empty(inner)

    def empty(self, scope: Any) -> None:
        """Cancel every token of a scope."""
        for token in list(scope.tasks.values()):
            if token.alive:
                token.cancel()

    # What the run calls.

    def begin(self, scope: Any, starts: list[Step]) -> None:
        """Put the first tokens into a scope and arm its event sub-processes."""
        for alert in scope.spec.alerts:
            self.enter(scope, alert, {"esp": 1})
        for step in starts:
            self.enter(scope, step, {})

    def tokens(self) -> Iterator[Token]:
        """Give every token of every scope, oldest scope first."""
        yield from list(self.case.tasks.values())
        for inner in list(self.case.subprocesses.values()):
            yield from list(inner.tasks.values())

    def settle(self) -> None:
        """Go on until everything waits."""
        for _ in range(MOST_STEPS):
            if self.queue:
                token = self.queue.popleft()
                if token.alive and token.is_ready:
                    token.run()
            elif not (self._conditions() or self._joins() or self._ends()):
                return
        self.queue.clear()
        raise StepLimit

    def _conditions(self) -> bool:
        for token in self.tokens():
            watch = getattr(token.task_spec, "became_true", None)
            if watch is not None and token.alive and watch(token):
                token.task_spec.trigger(token)
                return True
        return False

    def _joins(self) -> bool:
        scopes: list[Any] = [self.case, *self.case.subprocesses.values()]
        for scope in scopes:
            for gateway in scope.spec.inclusive:
                came = gateway.may_fire(scope)
                if came:
                    gateway.fire(came)
                    return True
        return False

    def _ends(self) -> bool:
        for key, inner in list(self.case.subprocesses.items()):
            if all("esp" in t.note for t in inner.tasks.values()):
                del self.case.subprocesses[key]
                inner.host.make_ready()
                return True
        if not self.finished and all("esp" in t.note for t in self.case.tasks.values()):
            self.case.tasks.clear()
            self.finished = True
        return False
