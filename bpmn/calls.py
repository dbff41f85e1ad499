"""Which procedures a procedure calls, read before it can be loaded: what it calls must lie beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.errors import UnsafeXML
from bpmn.names import bpmn
from bpmn.xml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping


def missing_calls(files: Mapping[str, bytes]) -> list[str]:
    """List the ids of the processes that are called and stand in none of the files; a broken file calls nothing."""
    called, known = set[str](), set[str]()
    for path, content in files.items():
        if not path.endswith(".bpmn"):
            continue
        try:
            root = parse_xml(content)
        except UnsafeXML:
            continue
        known |= {one.get("id", "") for one in root.iter(bpmn("process"))}
        called |= {
            one.get("calledElement", "").rpartition(":")[2]
            for one in root.iter(bpmn("callActivity"))
            if one.get("calledElement")
        }
    return sorted(called - known)
