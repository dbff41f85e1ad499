from xml.sax.saxutils import escape

import pytest

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def _definitions(*parts, namespace="urn:test", version=DMN):
    return f'<definitions xmlns="{version}" name="m" namespace="{namespace}">{"".join(parts)}</definitions>'.encode()


def _inputs(**types):
    return "".join(
        f'<inputData id="in-{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/></inputData>'
        for name, type_ in types.items()
    )


def _literal(text):
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def _decision(name, logic, *, inputs=(), decisions=(), knowledge=(), type_=None):
    links = "".join(
        f'<informationRequirement><requiredInput href="#in-{n}"/></informationRequirement>' for n in inputs
    )
    links += "".join(
        f'<informationRequirement><requiredDecision href="#{n}"/></informationRequirement>' for n in decisions
    )
    links += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{n}"/></knowledgeRequirement>' for n in knowledge
    )
    variable = f'<variable name="{name}"' + (f' typeRef="{type_}"' if type_ else "") + "/>"
    return f'<decision id="{name}" name="{name}">{variable}{links}{logic}</decision>'


def _table(inputs, outputs, rules, policy="UNIQUE", aggregation=None):
    """Outputs are names, or a name with its output values and its default."""
    columns = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in inputs
    )
    for output in outputs:
        name, values, default = output if isinstance(output, tuple) else (output, "", "")
        columns += f'<output name="{name}">'
        columns += f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        columns += (
            f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        )
        columns += "</output>"
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in row[: len(inputs)])
        + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in row[len(inputs) :])
        + "</rule>"
        for row in rules
    )
    more = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="t" hitPolicy="{policy}"{more}>{columns}{rows}</decisionTable>'


class Write:
    definitions = staticmethod(_definitions)
    inputs = staticmethod(_inputs)
    literal = staticmethod(_literal)
    decision = staticmethod(_decision)
    table = staticmethod(_table)

    @staticmethod
    def one_table(*args, **kwargs):
        """A model of a single table over the number `x` and the text `s`."""
        table = _table(*args, **kwargs)
        return _definitions(_inputs(x="number", s="string"), _decision("d", table, inputs=("x", "s")))


@pytest.fixture
def write():
    return Write
