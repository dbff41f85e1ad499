"""Where a name's value is found when the expression runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bpmn.feel.nodes import Node
from bpmn.feel.types import Resolver

# A frame is the list [facts, run, local values ...]; an expression compiles to a function of it.
Frame = list[Any]
Code = Callable[[Frame], Any]
FIRST_SLOT = 2


@dataclass(slots=True)
class Block:
    """Names that are bound by a loop, a context or a function; or the item of a filter."""

    slots: dict[str, int] = field(default_factory=dict)
    item: int | None = None


@dataclass(slots=True)
class Compilation:
    """What is known while one expression is compiled."""

    trusted: bool = False
    resolve: Resolver | None = None
    names: frozenset[str] = frozenset()
    blocks: list[Block] = field(default_factory=list)
    slots: int = FIRST_SLOT
    free: set[str] = field(default_factory=set)
    needs_run: bool = False
    functions: int = 0
    size: int = 0

    def new_slot(self) -> int:
        """Reserve a place in the frame."""
        self.slots += 1
        return self.slots - 1

    def push(self, *names: str) -> Block:
        """Open a block that binds the names."""
        block = Block({name: self.new_slot() for name in names})
        self.blocks.append(block)
        return block

    def pop(self) -> None:
        """Close the innermost block."""
        self.blocks.pop()

    def find(self, name: str) -> tuple[int | None, tuple[int, ...]]:
        """The slot that binds the name, if any, and the filters' items that may hide it, inner ones first."""
        items: list[int] = []
        for block in reversed(self.blocks):
            if block.item is not None:
                items.append(block.item)
                if name == "item":  # an entry of that name in the item itself comes first
                    return block.item, tuple(items)
            elif name in block.slots:
                return block.slots[name], tuple(items)
        return None, tuple(items)


CompileNode = Callable[[Node, Compilation], Code]
