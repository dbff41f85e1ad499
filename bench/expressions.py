"""What expressions and decision tables cost: a gateway's condition, and a table of 20 rules over 4 inputs.

    python -m bench.expressions [ROUNDS] [--json FILE]

Both are compiled once and kept, as in a running process; the best of five turns.
"""

import time
from collections.abc import Callable
from decimal import Decimal

import bpmn
from bench.report import Report

CONDITIONS = {
    "two facts compared": (
        "delegated = true and needs_county_visit = false",
        {"delegated": True, "needs_county_visit": False},
    ),
    "a number in a range": ("amount in [1..1000]", {"amount": Decimal("812.10")}),
    "one of several texts": ('decision in ("approve", "refuse")', {"decision": "refuse"}),
    "Chinese names": ("人数 > 2 and 月收入 < 800", {"人数": 3, "月收入": Decimal("412.5")}),
}
RULES = 20


def table() -> bytes:
    """Draw a table of 20 rules over 4 inputs, of which the last one hits."""
    inputs = "".join(
        f'<input id="i{n}"><inputExpression typeRef="number"><text>{name}</text></inputExpression></input>'
        for n, name in enumerate(("members", "income", "age", "grade"))
    )
    rules = "".join(
        f"<rule><inputEntry><text>[{n}..{n + 4}]</text></inputEntry><inputEntry><text>&lt; {n * 100 + 100}</text></inputEntry>"
        f"<inputEntry><text>&gt;= {n}</text></inputEntry><inputEntry><text>{n}, {n + 40}</text></inputEntry>"
        f"<outputEntry><text>{n * 10}</text></outputEntry></rule>"
        for n in range(RULES)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="bench" namespace="bench">'
        '<inputData id="a" name="members"/><inputData id="b" name="income"/><inputData id="c" name="age"/>'
        '<inputData id="d" name="grade"/><decision id="tier" name="tier"><variable name="tier"/>'
        '<informationRequirement><requiredInput href="#a"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#b"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#c"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#d"/></informationRequirement>'
        f'<decisionTable hitPolicy="FIRST">{inputs}<output/>{rules}</decisionTable></decision></definitions>'
    ).encode()


def micros(work: Callable[[], object], rounds: int) -> float:
    """Give microseconds of one round, the best of five turns."""
    turns = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(rounds):
            work()
        turns.append((time.perf_counter() - begun) / rounds * 1e6)
    return round(min(turns), 2)


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "rounds", 20_000)
    rows = []
    for name, (text, facts) in CONDITIONS.items():
        rows.append(
            {
                "what": name,
                "evaluate_us": micros(lambda text=text, facts=facts: bpmn.evaluate(text, facts), report.size),
            }
        )
    drawing = table()
    facts = {"members": 20, "income": 1950, "age": 70, "grade": 19}
    assert bpmn.decide(drawing, facts, "tier") == 190
    rows.append(
        {
            "what": "20 rules, 4 inputs",
            "evaluate_us": micros(lambda: bpmn.decide(drawing, facts, "tier"), report.size // 10),
        }
    )
    report.table(rows)


if __name__ == "__main__":
    main()
