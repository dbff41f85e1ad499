"""The XML names that are read."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
JIEBAN = "urn:jieban:bpmn:1"

# Everything a process may contain that only explains, and never moves a token.
DOCUMENTATION = frozenset(
    {
        "association",
        "auditing",
        "category",
        "correlationSubscription",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "ioSpecification",
        "ioBinding",
        "incoming",
        "laneSet",
        "monitoring",
        "outgoing",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "property",
        "resourceRole",
        "rendering",
        "supportedInterfaceRef",
        "supports",
        "text",
        "textAnnotation",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "dataInputAssociation",
        "dataOutputAssociation",
        "artifact",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "script",
    }
)


def bpmn(tag: str) -> str:
    """Write a BPMN tag the way lxml does."""
    return f"{{{BPMN}}}{tag}"


def jieban(tag: str) -> str:
    """Write one of our own tags the way lxml does."""
    return f"{{{JIEBAN}}}{tag}"
