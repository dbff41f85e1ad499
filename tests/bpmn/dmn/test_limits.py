"""Decision models that ask for too much are stopped: in the time that one answer may take."""

import time

import pytest

from bpmn.decisions import DMNError, decide, lint_decisions
from bpmn.feel import FEELError

LOOP = "count(for i in 1..90000 return k(i))"
SLOW = "count(for i in 1..900 return i) = 900 or ? = 0"


def knowledge(logic):
    parameter = '<formalParameter name="n"/>'
    return (
        f'<businessKnowledgeModel id="k" name="k"><variable name="k"/><encapsulatedLogic>{parameter}{logic}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )


def context(write, count, text, type_=""):
    entries = (
        f'<contextEntry><variable name="v{number}" {type_}/>{write.literal(text)}</contextEntry>'
        for number in range(count)
    )
    return f"<context>{''.join(entries)}</context>"


def table(write, cell, rules, columns=1, **more):
    return write.table(["n"] * columns, ["o"], [[cell] * columns + ["1"]] * rules, **more)


def typed(write, allowed):
    item = f'<itemDefinition name="t" isCollection="true"><typeRef>number</typeRef>{allowed}</itemDefinition>'
    return item + write.decision("d", write.literal("for i in 1..1000 return i"), type_="t")


CALLED = {
    "context": lambda write: context(write, 500, "n"),
    "list": lambda write: f"<list>{write.literal('n') * 9_000}</list>",
    "long cells": lambda write: table(write, ",".join(["7000000"] * 500), 8),
    "many columns": lambda write: table(write, "&gt;0".replace("&gt;", ">"), 1, 8_000),
    "computed cells": lambda write: table(write, "? > 0 and ? > 1 and ? != 7000", 300, 3),
    "many hits": lambda write: table(write, "-", 2_000, policy="COLLECT"),
}
MODELS = {
    **{
        name: (
            lambda write, make=make: (
                knowledge(make(write)) + write.decision("d", write.literal(LOOP), knowledge=["k"])
            )
        )
        for name, make in CALLED.items()
    },
    "types that compute": lambda write: typed(write, f"<allowedValues><text>{SLOW}</text></allowedValues>"),
    "types looked through again and again": lambda write: (
        '<itemDefinition name="t" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
        + write.decision("d", context(write, 500, "for i in 1..9000 return i", 'typeRef="t"'))
    ),
    "services with many inputs": lambda write: (
        write.inputs(**{f"i{number}": "number" for number in range(4_000)})
        + write.decision("o", write.literal("1"), inputs=[f"i{number}" for number in range(4_000)])
        + '<decisionService id="s" name="s"><outputDecision href="#o"/></decisionService>'
        + write.decision("d", write.literal(LOOP.replace("k(i)", "s()")), knowledge=["s"])
    ),
    "names": lambda write: write.decision("d", context(write, 5_000, "1")),
    "names of one beginning": lambda write: write.decision(
        "d", context(write, 5_000, "1").replace('name="v', 'name="v ')
    ),
}


@pytest.mark.timeout(30)  # a hang must not stop the suite
@pytest.mark.parametrize("name", MODELS)
def test_no_model_keeps_the_machine_busy(write, name):
    """What is looked through, bound and tested costs steps; a limit is an error of its own."""
    dmn = write.definitions(MODELS[name](write))
    began = time.process_time()

    with pytest.raises((DMNError, FEELError)):
        decide(dmn, {})
    assert time.process_time() - began < 5  # seconds of this process; about half of one where it is measured


def chain(write, count, *steps):
    """Decisions in a row, each of which needs those so many steps further on."""
    return write.definitions(
        *(
            write.decision(
                f"d{number}",
                write.literal("1"),
                decisions=[f"d{number + step}" for step in steps if 0 <= number + step < count],
            )
            for number in range(count)
        )
    )


@pytest.mark.timeout(30)
@pytest.mark.parametrize("steps", [(1,), (1, 2, 7), (1, -1)], ids=["a chain", "many ways", "circles"])
def test_long_chains_of_decisions_are_looked_through_once(write, steps):
    """Whether a decision needs itself is found for all of them in one walk."""
    dmn = chain(write, 4_000, *steps)
    began = time.process_time()

    circles = [problem for problem in lint_decisions(dmn) if problem.rule == "dmn-circle"]
    assert len(circles) == (4_000 if -1 in steps else 0)
    assert time.process_time() - began < 5


def test_a_decision_that_needs_itself_by_another_is_named(write):
    """Those in the circle, and not those that lead to it or that it needs."""
    needs = {"a": ["b"], "b": ["c"], "c": ["b", "e"], "e": [], "f": ["f"]}
    dmn = write.definitions(
        *(write.decision(name, write.literal("1"), decisions=needed) for name, needed in needs.items())
    )

    assert {p.element for p in lint_decisions(dmn) if p.rule == "dmn-circle"} == {"b", "c", "f"}


def test_types_made_of_types_without_end_are_refused(write):
    """A type that names another that names another, thousands of times, is not compiled."""
    items = (
        f'<itemDefinition name="t{number}"><typeRef>t{number + 1}</typeRef></itemDefinition>'
        for number in range(3_000)
    )
    dmn = write.definitions(*items, write.decision("d", write.literal("1"), type_="t0"))

    with pytest.raises(DMNError):
        lint_decisions(dmn)
    with pytest.raises(DMNError):
        decide(dmn, {})
