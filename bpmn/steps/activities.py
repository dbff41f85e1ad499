"""Activities: people's tasks, operations, decisions, sub-processes, and doing things several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.steps.base import Step, Way
from bpmn.steps.events import Catch
from bpmn.steps.token import STARTED

if TYPE_CHECKING:
    from bpmn.graph import Definition, Node, Scope
    from bpmn.steps.events import Boundary
    from bpmn.steps.several import Several
    from bpmn.steps.token import Token


class Activity(Step):
    """Something that is done, and may have events on its border."""

    def __init__(self, spec: Any, node: Node, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.boundaries: list[Boundary] = []
        self.several: Several | None = None

    def enter(self, token: Token) -> bool:
        """Arm the events on the border."""
        for boundary in self.boundaries:
            token.workflow.run.enter(token.workflow, boundary, {"host": token.id})
        return True

    def disarm(self, token: Token) -> None:
        """Forget the events on the border."""
        if self.boundaries:
            for other in list(token.workflow.tasks.values()):
                if other.note.get("host") == token.id:
                    other.remove()

    def leaving(self, token: Token) -> None:
        """Forget the events on the border with the activity."""
        self.disarm(token)

    def _on_complete(self, token: Token) -> None:
        if self.several is None:
            super()._on_complete(token)
        elif self.said(token):
            token.remove()
            self.several.one_done(token)

    def _on_cancel(self, token: Token) -> None:
        self.disarm(token)
        super()._on_cancel(token)

    def choose(self, token: Token) -> list[Way]:
        """Choose the ways out; one turn of several has none of its own."""
        return [] if self.several is not None else super().choose(token)


class Person(Activity):
    """A task that waits for a person."""

    def __init__(self, spec: Any, node: Node, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.manual = True

    def passed(self, token: Token) -> None:
        """Ask for nothing: what a person's task carries is read from its element when it is opened or done."""


class Automatic(Activity):
    """A task that asks the outside for something and goes on."""


class Send(Activity):
    """A task that sends a message and goes on."""

    def __init__(self, spec: Any, node: Node, message: str | None, name: str | None = None) -> None:
        super().__init__(spec, node, name)
        self.message = message

    def passed(self, token: Token) -> None:
        """Ask for the message to be sent."""
        super().passed(token)
        if self.message:
            token.workflow.run.effect("message", self.about, self.message)


class Decide(Activity):
    """A task that takes a decision over the facts and adds what follows to them."""

    table: Any = None

    def reads(self) -> list[str]:
        """Give the inputs of the decision too."""
        return sorted({*super().reads(), *self.table.reads})

    def act(self, token: Token) -> None:
        """Decide; a wrong answer is an incident, not a guess."""
        run = token.workflow.run
        run.learn(self.table(run.values))


class Receive(Activity, Catch):
    """A task that waits for a message."""

    def __init__(self, spec: Any, node: Node, definition: Definition, name: str | None = None) -> None:
        Catch.__init__(self, spec, node, definition, name)
        self.boundaries = []
        self.several = None

    def enter(self, token: Token) -> bool:
        """Wait, with the events on the border armed."""
        Activity.enter(self, token)
        return Catch.enter(self, token)


class Inside(Activity):
    """A sub-process, a transaction, a called process: a scope of its own."""

    scope: Scope
    # Of an event sub-process: "instead" of all else in its scope, or "beside" it.
    handler: str = ""

    def enter(self, token: Token) -> bool:
        """Open the scope and start it."""
        super().enter(token)
        token.become(STARTED)
        token.workflow.run.open_scope(token, self.scope.id)
        return False

    def _on_cancel(self, token: Token) -> None:
        token.workflow.run.close_scope(token)
        super()._on_cancel(token)
