"""Reading DMN XML: one home for its namespaces and element names."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.dmn.errors import DMNError
from bpmn.xml import parse_xml

NAMESPACES = frozenset(
    (
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    )
)
Element = etree._Element  # noqa: SLF001 - lxml gives the type no public name


def read(data: bytes) -> Element:
    """The root of a DMN file."""
    root = parse_xml(data)
    if etree.QName(root).localname != "definitions" or etree.QName(root).namespace not in NAMESPACES:
        raise DMNError("The file is not DMN 1.1 to 1.6.")
    return root


def children(element: Element, *names: str) -> Iterator[Element]:
    """The child elements of DMN itself that have one of the names, or all of them."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        if name.namespace in NAMESPACES and (not names or name.localname in names):
            yield child


def child(element: Element, *names: str) -> Element | None:
    """The first such child element."""
    return next(children(element, *names), None)


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def text_of(element: Element | None) -> str:
    """The text of an element, or of its `text` child; empty when there is none."""
    if element is None:
        return ""
    inner = child(element, "text")
    return (inner if inner is not None else element).text or ""


def name_of(element: Element) -> str:
    """The name of an element, with single spaces."""
    return " ".join(element.get("name", "").split())


def label(element: Element) -> str:
    """What to call an element in a message: its name or its id."""
    return name_of(element) or element.get("label") or element.get("id") or local(element)


def type_ref(element: Element | None) -> str:
    """The type that an element names; DMN 1.1 and item definitions write it as a child."""
    if element is None:
        return ""
    name = element.get("typeRef")
    if name is None:
        inner = child(element, "typeRef")
        name = (inner.text or "") if inner is not None else ""
    return name.strip()
