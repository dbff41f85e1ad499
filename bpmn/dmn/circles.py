"""Which elements of a requirement graph need themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bpmn.dmn.model import Node


def in_circles(nodes: Iterable[Node]) -> set[int]:
    """Give the identities of the nodes that need themselves in the end; Tarjan's walk, each edge once."""
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_nodes: list[int] = []
    closed: set[int] = set()
    circular: set[int] = set()
    for start in nodes:
        path: list[tuple[Node, Iterator[Node]]] = []
        _enter(start, order, lowest, open_nodes, path)
        while path:
            node, further = path[-1]
            required = next(further, None)
            if required is not None:
                _enter(required, order, lowest, open_nodes, path)
                if id(required) not in closed:
                    lowest[id(node)] = min(lowest[id(node)], order[id(required)])
                continue
            path.pop()
            if path:
                above = id(path[-1][0])
                lowest[above] = min(lowest[above], lowest[id(node)])
            if lowest[id(node)] == order[id(node)]:
                _close(node, open_nodes, closed, circular)
    return circular


def _enter(
    node: Node,
    order: dict[int, int],
    lowest: dict[int, int],
    open_nodes: list[int],
    path: list[tuple[Node, Iterator[Node]]],
) -> None:
    if id(node) not in order:
        order[id(node)] = lowest[id(node)] = len(order)
        open_nodes.append(id(node))
        path.append((node, iter([required for _, _, required in node.requires])))


def _close(node: Node, open_nodes: list[int], closed: set[int], circular: set[int]) -> None:
    at = len(open_nodes) - 1
    while open_nodes[at] != id(node):
        at -= 1
    group = open_nodes[at:]
    del open_nodes[at:]
    closed.update(group)
    if len(group) > 1 or any(required is node for _, _, required in node.requires):
        circular.update(group)
