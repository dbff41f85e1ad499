"""XML that cannot harm: bounded, without DOCTYPE, entities or network."""

from __future__ import annotations

from lxml import etree

from bpmn.errors import UnsafeXML

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
# Start tags, end tags, comments and the like, counted before anything is built: a tree is many times its text.
MAX_TAGS = 4 * MAX_ELEMENTS
# Characters of all expressions of one procedure, or of one decision model with its imports: compiling takes time.
MOST_WRITTEN = 50_000


def parse_xml(data: bytes) -> etree._Element:
    """Read XML into a tree, or refuse it by name."""
    if len(data) > MAX_BYTES:
        raise UnsafeXML("xml-too-large", f"{len(data)} > {MAX_BYTES}")
    # A doctype is refused before the parser sees it, so that no version of libxml2 gets to expand anything.
    if (
        b"<!DOCTYPE" in data
        or "<!DOCTYPE".encode("utf-16-le") in data
        or "<!DOCTYPE".encode("utf-16-be") in data
    ):
        raise UnsafeXML("xml-doctype")
    if data.count(b"<") > MAX_TAGS:
        raise UnsafeXML("xml-too-many-elements", str(MAX_ELEMENTS))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        line, column = problem.position
        raise UnsafeXML("xml-malformed", f"第 {line} 行第 {column} 列起无法读取") from None
    except ValueError:
        raise UnsafeXML("xml-malformed", "无法读取") from None
    if _declares_doctype(root):
        raise UnsafeXML("xml-doctype")
    _measure(root)
    return root


def _declares_doctype(root: etree._Element) -> bool:
    return bool(getattr(root.getroottree().docinfo, "doctype", ""))


def _measure(root: etree._Element) -> None:
    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if count >= 2 * MAX_ELEMENTS:
            raise UnsafeXML("xml-too-many-elements", str(MAX_ELEMENTS))
        if depth > MAX_DEPTH:
            raise UnsafeXML("xml-too-deep", str(MAX_DEPTH))
