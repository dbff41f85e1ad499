"""Load, complete one task, save: this engine beside SpiffWorkflow's own JSON round trip, in one run.

    python -m bench.engine [ROUNDS] [--json FILE]

Both walk the shipped subsistence allowance to each of its tasks; then a saved case is loaded, the task is
completed, and the case is saved, again and again. No database is involved. Also: what a case in memory takes, and
whether the thousandth round of a loop costs more than the first.
"""

from __future__ import annotations

import gc
import logging
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

import bpmn
from bench.report import Report
from workflows.called import read_model

FOLDER = Path(__file__).parents[1] / "bpmn" / "procedures" / "subsistence_allowance"
FILES = {name: text for name, text in read_model(FOLDER).items() if name.endswith((".bpmn", ".dmn"))}
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
FACTS = {
    "urban": False,
    "delegated": True,
    "relative_declared": False,
    "needs_county_visit": False,
    "papers": "complete",
    "cooperation": "yes",
    "check_result": "clear",
    "check_objection": False,
    "objection": False,
    "opinion": "support",
    "decision": "approve",
    "notice_ends_at": "2020-01-01T00:00:00+08:00",
    "residence": "here",
    "single_ground": "household",
    "check_way": "",
    "check_open": 0,
    "check_alone": False,
    "check_consent": "yes",
    "check_waits": False,
    "consent_obtained": True,
    "list_goes_on": "",
    "list_result": "",
    "notice_again": False,
    "notice_phase": "initial",
    "objection_way": "",
    "supplement": "",
    "termination": "",
    "pay_from": "2020-01-01T00:00:00+08:00",
}
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def ours() -> tuple[dict[str, bytes], Callable[[bytes], bytes], float]:
    """Give the saved case at each task, how one is completed, and how long parsing took."""
    begun = time.perf_counter()
    model = bpmn.load(FILES)
    parsed = time.perf_counter() - begun
    run = model.start(FACTS, NOW)
    states: dict[str, bytes] = {}
    while not run.finished:
        if run.tasks():
            states[run.tasks()[0].element] = run.dump()
            run.complete(run.tasks()[0].id, {}, NOW)
        else:
            run.fire(run.timers()[0].id, NOW + timedelta(days=30))

    def step(state: bytes) -> bytes:
        case = model.restore(state)
        case.complete(case.tasks()[0].id, {}, NOW)
        return case.dump()

    return states, step, parsed


def stock() -> tuple[dict[str, str], Callable[[str], str], float]:
    """Give the same for SpiffWorkflow alone."""
    drawings = [_as_python(text) for name, text in FILES.items() if name.endswith(".bpmn")]
    begun = time.perf_counter()
    parser = BpmnParser()
    for drawing in drawings:
        parser.add_bpmn_str(drawing)
    spec, called = parser.get_spec(FOLDER.name), parser.get_subprocess_specs(FOLDER.name)
    parsed = time.perf_counter() - begun
    serializer = BpmnWorkflowSerializer()
    case = BpmnWorkflow(spec, called)
    case.task_tree.data.update(FACTS)
    case.do_engine_steps()
    states: dict[str, str] = {}
    while not case.is_completed():
        case.refresh_timers()
        case.do_engine_steps()
        ready = _ready(case)
        if ready is not None:
            states[ready.task_spec.name] = serializer.serialize_json(case)
            ready.run()
        case.do_engine_steps()

    def step(state: str) -> str:
        restored = serializer.deserialize_json(state)
        task = _ready(restored)
        task.run()
        restored.do_engine_steps()
        saved: str = serializer.serialize_json(restored)
        return saved

    return states, step, parsed


def _as_python(drawing: bytes) -> bytes:
    """Draw the procedure as stock SpiffWorkflow can run it, which only takes work off it.

    Its expressions are Python, it knows no conditional flows from tasks, and its serializer no service task without an
    operator, nor any decision of ours, so an event that does nothing stands there.
    """
    root = etree.fromstring(drawing)
    tasks = {task.get("id") for task in root.iter(f"{BPMN}userTask")}
    for flow in list(root.iter(f"{BPMN}sequenceFlow")):
        condition = flow.find(f"{BPMN}conditionExpression")
        if condition is None:
            continue
        if flow.get("sourceRef") in tasks:
            flow.getparent().remove(flow)
            for end in [*root.iter(f"{BPMN}incoming"), *root.iter(f"{BPMN}outgoing")]:
                if end.text == flow.get("id"):
                    end.getparent().remove(end)
        else:
            text = str(condition.text).replace(" = ", " == ")
            condition.text = text.replace("true", "True").replace("false", "False")
    for service in root.iter(f"{BPMN}serviceTask", f"{BPMN}businessRuleTask"):
        service.tag = f"{BPMN}intermediateThrowEvent"
    return etree.tostring(root)


def _ready(case: Any) -> Any:
    return next((t for t in case.get_tasks(state=TaskState.READY, manual=True)), None)


def measure(states: dict[str, Any], step: Callable[[Any], Any], rounds: int) -> list[float]:
    """Complete each task as often as there are rounds; give milliseconds per completion."""
    taken = []
    for state in states.values():
        step(state)
    for _ in range(rounds):
        begun = time.perf_counter()
        for state in states.values():
            step(state)
        taken.append((time.perf_counter() - begun) / len(states) * 1000)
    return taken


def memory(states: dict[str, bytes], copies: int = 2_000) -> float:
    """Give kilobytes of a case that is kept in memory, with its model shared as in a running process."""
    model = bpmn.load(FILES)
    kinds = list(states.values())
    gc.collect()
    tracemalloc.start()
    kept = [model.restore(kinds[n % len(kinds)]) for n in range(copies)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(taken / len(kept) / 1024, 1)


def rounds_of_a_loop(rounds: int = 1_000) -> tuple[float, float]:
    """Give milliseconds of a completion, with restoring and saving, in the first and the last tenth of a loop."""
    model = bpmn.load({"loop.bpmn": LOOP.encode()})
    state, taken = model.start({"again": True}, NOW).dump(), []
    for _ in range(rounds):
        begun = time.perf_counter()
        run = model.restore(state)
        run.complete(run.tasks()[0].id, {"again": True}, NOW)
        state = run.dump()
        taken.append((time.perf_counter() - begun) * 1000)
    tenth = rounds // 10
    return statistics.median(taken[:tenth]), statistics.median(taken[-tenth:])


LOOP = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">
<process id="loop" isExecutable="true"><startEvent id="s"/><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
<userTask id="t" name="核实"/><sequenceFlow id="b" sourceRef="t" targetRef="x"/><exclusiveGateway id="x" default="d"/>
<sequenceFlow id="c" sourceRef="x" targetRef="t"><conditionExpression>again = true</conditionExpression></sequenceFlow>
<sequenceFlow id="d" sourceRef="x" targetRef="e"/><endEvent id="e"/></process></definitions>"""


def main() -> None:
    """Print the table, and write it as JSON if asked."""
    report = Report(__doc__, "rounds", 100)
    logging.disable(logging.CRITICAL)
    rows = []
    for name, prepare in (("stock JSON", stock), ("jieban", ours)):
        states, step, parsed = prepare()
        middle = statistics.median(measure(states, step, report.size))
        rows.append(
            {
                "engine": name,
                "tasks": len(states),
                "ms": round(middle, 3),
                "per_second": round(1000 / middle),
                "state_bytes": round(statistics.mean(len(state) for state in states.values())),
                "largest": max(len(state) for state in states.values()),
                "parse_ms": round(parsed * 1000, 1),
            }
        )
    first, last = rounds_of_a_loop()
    rows[0] |= {"hot_case_kb": "", "last_rounds_of_1000": ""}
    rows[1] |= {"hot_case_kb": memory(ours()[0]), "last_rounds_of_1000": f"{last / first:.2f} x"}
    report.table(rows)


if __name__ == "__main__":
    main()
