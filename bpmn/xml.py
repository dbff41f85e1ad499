"""XML that cannot harm: bounded, without DOCTYPE, entities or network."""

from __future__ import annotations

from lxml import etree

from bpmn.errors import UnsafeXML

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 100


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
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise UnsafeXML("xml-malformed", str(problem)) from None
    if _declares_doctype(root):
        raise UnsafeXML("xml-doctype")
    _measure(root)
    return root


def _declares_doctype(root: etree._Element) -> bool:
    return bool(getattr(root.getroottree().docinfo, "doctype", ""))


def _measure(root: etree._Element) -> None:
    count = 0
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        count += 1
        if count > MAX_ELEMENTS:
            raise UnsafeXML("xml-too-many-elements", str(MAX_ELEMENTS))
        if depth > MAX_DEPTH:
            raise UnsafeXML("xml-too-deep", str(MAX_DEPTH))
        stack.extend((child, depth + 1) for child in element)
