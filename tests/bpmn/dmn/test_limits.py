"""Decision models that ask for too much are stopped: in the time that one answer may take."""

import time

import pytest

from bpmn.decisions import DMNError, decide
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
