"""A procedure that can be executed."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bpmn import codec
from bpmn.build import build
from bpmn.errors import ModelError
from bpmn.lint import examine
from bpmn.machine import Machine
from bpmn.problems import Severity
from bpmn.run import Run, aware

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bpmn.effects import Effect
    from bpmn.elements import Element, English
    from bpmn.graph import Drawing
    from bpmn.scopes import ScopeSpec

MOST_CACHED = 128
# Requests are served by several threads, and a procedure is parsed but once.
_lock = Lock()
_cache: OrderedDict[bytes, Model] = OrderedDict()


class Model:
    """One version of a procedure; it never changes, and any number of runs share it."""

    def __init__(self, drawing: Drawing, specs: Mapping[str, ScopeSpec]) -> None:
        assert drawing.main is not None
        self.process_id = drawing.main.id
        self.name = drawing.main.name
        self.english: English | None = drawing.main.english
        starts = [node.about for node in drawing.main.starts()]
        self.beginning: Element | None = starts[0] if starts else None
        self.elements: Mapping[str, Element] = MappingProxyType(
            {node.id: node.about for scope in drawing.scopes() for node in scope.nodes.values()}
        )
        self.operations = frozenset(
            element.operation.name for element in self.elements.values() if element.operation
        )
        """the names of all operations that its steps ask for"""
        self._flows: Mapping[str, tuple[str, str]] = MappingProxyType(
            {
                flow.id: (flow.source, flow.target)
                for scope in drawing.scopes()
                for flow in scope.flows.values()
            }
        )
        self._specs = specs

    def flows(self) -> Mapping[str, tuple[str, str]]:
        """Give source and target of every sequence flow of the procedure, of what it contains and of what it calls."""
        return self._flows

    def start(
        self,
        facts: Mapping[str, Any],
        now: datetime,
        *,
        key: str | None = None,
        perform: Callable[[Effect], None] | None = None,
    ) -> Run:
        """Start a case; `key` makes the ids of its tasks its own, and is drawn by lot if not given.

        With `perform`, operations and notices are done on the way: see Run.perform_with.
        """
        machine = Machine(self._specs, self.process_id)
        machine.perform = perform
        machine.learn(codec.plain_facts(facts))
        machine.now = aware(now)
        machine.begin(machine.case, self._specs[self.process_id].begin)
        machine.settle()
        return Run(self.process_id, machine, key or secrets.token_hex(10))

    def restore(self, state: bytes) -> Run:
        """Give a case back as it was when it was saved."""
        machine, key, cancelled = codec.restore(state, self._specs, self.process_id)
        return Run(self.process_id, machine, key, cancelled)


def load(files: Mapping[str, bytes]) -> Model:
    """Make a procedure executable, or say everything that forbids it."""
    digest = sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    key = digest.digest()
    with _lock:
        found = _cache.pop(key, None) or _load(files)
        _cache[key] = found
        if len(_cache) > MOST_CACHED:
            _cache.popitem(last=False)
    return found


def _load(files: Mapping[str, bytes]) -> Model:
    examined = examine(files)
    errors = [p for p in examined.problems if p.severity is Severity.ERROR]
    if errors:
        raise ModelError(errors)
    return Model(examined.drawing, build(examined.drawing, examined.decisions))
