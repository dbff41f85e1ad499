"""Decision models at random: tables, contexts and functions that need each other in every way, circles too."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from bpmn.dmn.source import NAMESPACES
from tests.fuzz.feel_texts import TYPES, feel

INPUTS = {"x": 5, "s": "a", "收入": [1, 2, None]}
POLICIES = [
    "UNIQUE",
    "FIRST",
    "ANY",
    "PRIORITY",
    "COLLECT",
    "RULE ORDER",
    "OUTPUT ORDER",
    "",
    "NONE",
    "collect",
]
AGGREGATIONS = ["", "SUM", "COUNT", "MIN", "MAX", "AVERAGE"]
CELLS = [
    "-",
    ">1",
    "<=10",
    "[1..5]",
    '"a","b"',
    "not(1)",
    "null",
    "",
    "1",
    '"a"',
    "? > 1",
    "[1..1000000000]",
    "1,2,3",
    "-1",
    "=",
    "(1..2)",
]
LOGIC = ["literalExpression", "context", "list", "relation", "invocation", "functionDefinition", "conditional", "for", "some",
         "every", "filter", "decisionTable"]  # fmt: skip
VERSIONS = sorted(NAMESPACES)


def decisions(c, namespace="urn:a") -> bytes:
    """A whole model."""
    names = [f"d{number}" for number in range(1 + c.number(4))]
    knowledge = [f"k{number}" for number in range(c.number(3))]
    parts = [f'<import name="other" namespace="{c.pick(["urn:b", "urn:a", "urn:none"])}" importType={quoteattr(c.pick(VERSIONS))}/>'
             for _ in range(c.pick([0, 0, 1, 2]))]  # fmt: skip
    parts += [
        f'<inputData id="in-{n}" name="{n}"><variable name="{n}" {_type(c)}/></inputData>' for n in INPUTS
    ]
    parts += c.some(2, lambda: _item(c))
    parts += [_decision(c, name, names, knowledge) for name in names]
    parts += [_knowledge(c, name, knowledge) for name in knowledge]
    if c.number(3) == 1:
        parts.append(_service(c, names))
    version = quoteattr(c.pick(VERSIONS))
    return f'<definitions xmlns={version} name="m" namespace="{namespace}">{"".join(parts)}</definitions>'.encode(
        "utf-8", "replace"
    )


def _type(c):
    return f"typeRef={quoteattr(c.pick([*TYPES, 'tItem', 'tOther']))}" if c.number(2) else ""


def _item(c):
    name = c.pick(["tItem", "tOther"])
    inner = c.pick(["tItem", "tOther", "number", "string", "list<tItem>"])
    allowed = (
        f"<allowedValues><text>{escape(c.pick([c.pick(CELLS), feel(c, 2)]))}</text></allowedValues>"
        if c.number(2)
        else ""
    )
    body = f"<typeRef>{inner}</typeRef>{allowed}"
    if c.number(2):
        body = f'<itemComponent name="a"><typeRef>{escape(inner)}</typeRef>{allowed}</itemComponent>'
    return f'<itemDefinition name="{name}" isCollection="{c.pick(["false", "true"])}">{body.replace("list<tItem>", "tItem")}</itemDefinition>'


def _decision(c, name, names, knowledge):
    needs = [
        f'<informationRequirement><requiredInput href="#in-{n}"/></informationRequirement>'
        for n in INPUTS
        if c.number(4)
    ]
    needs += [
        f'<informationRequirement><requiredDecision href="#{n}"/></informationRequirement>'
        for n in names
        if c.number(3) == 1
    ]
    needs += [
        f'<knowledgeRequirement><requiredKnowledge href="#{n}"/></knowledgeRequirement>'
        for n in knowledge
        if c.number(2)
    ]
    needs.append(
        c.pick(["", '<informationRequirement><requiredDecision href="urn:b#d0"/></informationRequirement>'])
    )
    variable = f'<variable name="{name}" {_type(c)}/>'
    return f'<decision id="{name}" name="{name}">{variable}{"".join(needs)}{_logic(c, 3)}</decision>'


def _knowledge(c, name, knowledge):
    needs = [
        f'<knowledgeRequirement><requiredKnowledge href="#{n}"/></knowledgeRequirement>'
        for n in knowledge
        if c.number(2)
    ]
    body = c.pick([None, f"<literalExpression><text>{name}(n)</text></literalExpression>",
                   f"<literalExpression><text>{c.pick(knowledge)}(n + 1) + {c.pick(knowledge)}(n)</text></literalExpression>"])  # fmt: skip
    logic = f'<encapsulatedLogic kind="{c.pick(["FEEL", "Java", "PMML"])}"><formalParameter name="n" {_type(c)}/>{body or _logic(c, 3)}</encapsulatedLogic>'
    return f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>{logic}{"".join(needs)}</businessKnowledgeModel>'


def _service(c, names):
    kinds = ["outputDecision", "encapsulatedDecision", "inputDecision"]
    parts = [f'<{c.pick(kinds)} href="#{n}"/>' for n in names if c.number(3)]
    return f'<decisionService id="s1" name="s1"><variable name="s1"/>{"".join(parts)}</decisionService>'


def _logic(c, depth):
    if depth <= 0 or c.over:
        return _literal(c)
    return MAKERS[c.pick(LOGIC)](c, depth - 1)


def _literal(c, depth=2):
    text = c.pick([None, "x", "k0(1)", "d0", "s1(1)", "other.d0", "tItem", "k0(k0)"])
    return f"<literalExpression {_type(c)}><text>{escape(text or feel(c, depth))}</text></literalExpression>"


def _cell(c):
    return escape(c.pick(CELLS) if c.number(5) else feel(c, 2))


def _table(c, depth):
    width, height = 1 + c.number(4), c.pick([1, 2, 5, 12, 60, 300])
    columns = "".join(
        f"<input><inputExpression {_type(c)}><text>{escape(c.pick(['x', 's', '收入', 'd0']))}</text></inputExpression></input>"
        for _ in range(width)
    )
    outputs = 1 + c.number(3)
    for number in range(outputs):
        values = f"<outputValues><text>{_cell(c)}</text></outputValues>" if c.number(3) == 1 else ""
        default = (
            f"<defaultOutputEntry><text>{_cell(c)}</text></defaultOutputEntry>" if c.number(3) == 1 else ""
        )
        columns += f'<output name="o{number}" {_type(c)}>{values}{default}</output>'
    rows = [
        "<rule>" + "".join(f"<inputEntry><text>{_cell(c)}</text></inputEntry>" for _ in range(width))
        + "".join(f"<outputEntry><text>{_cell(c)}</text></outputEntry>" for _ in range(outputs)) + "</rule>"
        for _ in range(min(height, 12))
    ]  # fmt: skip
    rows = [rows[number % len(rows)] for number in range(height)]
    head = f'hitPolicy="{c.pick(POLICIES)}" aggregation="{c.pick(AGGREGATIONS)}" preferredOrientation="CrossTable"'
    return f'<decisionTable id="t" {head}>{columns}{"".join(rows)}</decisionTable>'


def _context(c, depth):
    entries = [
        f'<contextEntry><variable name="{c.pick(["p", "q", "x", "p q"])}"/>{_logic(c, depth)}</contextEntry>'
        for _ in range(c.number(4))
    ]
    return f"<context>{''.join(entries)}<contextEntry>{_logic(c, depth)}</contextEntry></context>"


def _relation(c, depth):
    columns = "".join(f'<column name="c{number}"/>' for number in range(c.number(3)))
    rows = c.some(3, lambda: f"<row>{''.join(c.some(3, lambda: _logic(c, 0)))}</row>")
    return f"<relation>{columns}{''.join(rows)}</relation>"


def _invocation(c, depth):
    bindings = c.some(
        3, lambda: f'<binding><parameter name="{c.pick(["n", "x"])}"/>{_logic(c, depth)}</binding>'
    )
    return f"<invocation><literalExpression><text>{c.pick(['k0', 's1', 'd0', 'abs'])}</text></literalExpression>{''.join(bindings)}</invocation>"


def _loop(tag):
    last = "return" if tag == "for" else "satisfies"
    return lambda c, depth: (
        f'<{tag} iteratorVariable="{c.pick(["i", "x", "partial"])}"><in>{_logic(c, depth)}</in><{last}>{_logic(c, depth)}</{last}></{tag}>'
    )


MAKERS = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "relation": _relation,
    "invocation": _invocation,
    "list": lambda c, d: f"<list>{''.join(c.some(4, lambda: _logic(c, d)))}</list>",
    "functionDefinition": lambda c, d: (
        f'<functionDefinition><formalParameter name="n"/>{_logic(c, d)}</functionDefinition>'
    ),
    "conditional": lambda c, d: (
        f"<conditional><if>{_logic(c, d)}</if><then>{_logic(c, d)}</then><else>{_logic(c, d)}</else></conditional>"
    ),
    "filter": lambda c, d: f"<filter><in>{_logic(c, d)}</in><match>{_logic(c, d)}</match></filter>",
    **{tag: _loop(tag) for tag in ("for", "some", "every")},
}
