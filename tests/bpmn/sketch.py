"""Procedures sketched in a few lines, so that a test shows what it is about."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import bpmn

HERE = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=HERE)

TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "manual": "manualTask",
    "task": "task",
    "service": "serviceTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "rule": "businessRuleTask",
    "script": "scriptTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "race": "eventBasedGateway",
    "complex": "complexGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "sub": "subProcess",
    "esp": "subProcess",
    "tx": "transaction",
    "adhoc": "adHocSubProcess",
    "call": "callActivity",
}
TIMES = {"duration": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}
NAMED = ("message", "signal", "error", "escalation")
BARE = ("terminate", "cancel", "compensate")
OURS = {"operation": "name", "notice": "kind", "decision": "name", "role": "role", "deadline": "duration"}


class Sketch:
    def __init__(self) -> None:
        self.named: dict[tuple[str, str], str] = {}
        self.flows = 0

    def reference(self, kind: str, name: str) -> str:
        return self.named.setdefault((kind, name), f"{kind}_{len(self.named)}")

    def scope(self, lines: list[str]) -> str:
        nodes: dict[str, tuple[str, dict[str, str], str]] = {}
        flows: list[str] = []
        while lines:
            line = lines.pop(0).strip()
            if not line or line.startswith("#"):
                continue
            if line == "}":
                break
            if "->" in line:
                flows += self.arrow(line, nodes)
                continue
            opens = line.endswith("{")
            kind, key, *rest = shlex.split(line.removesuffix("{"))
            attributes, body = self.node(kind, key, rest)
            nodes[key] = (TAGS[kind], attributes, body + (self.scope(lines) if opens else ""))
        drawn = [f"<{t} {_attributes(a)}>{b}</{t}>" for t, a, b in nodes.values()]
        return "\n".join(drawn + flows)

    def arrow(self, line: str, nodes: dict) -> list[str]:
        path, _, condition = line.partition(" : ")
        places = [p.strip() for p in path.split("->")]
        drawn = []
        for source, target in pairwise(places):
            self.flows += 1
            key, inner = f"f{self.flows}", ""
            if condition.strip() == "*":
                nodes[source][1]["default"] = key
            elif condition:
                inner = f"<conditionExpression>{escape(condition.strip())}</conditionExpression>"
            drawn.append(
                f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
            )
        return drawn

    def node(  # noqa: C901, PLR0912 - one branch for each word of the sketch
        self, kind: str, key: str, rest: list[str]
    ) -> tuple[dict[str, str], str]:
        attributes = {"id": key, "name": key}
        if kind == "esp":
            attributes["triggeredByEvent"] = "true"
        body, extensions, several = [], [], {}
        for word in rest:
            name, _, value = word.partition("=")
            if name in TIMES:
                body.append(
                    f"<timerEventDefinition><{TIMES[name]}>{escape(value)}</{TIMES[name]}></timerEventDefinition>"
                )
            elif name == "message" and kind in {"send", "receive"}:
                attributes["messageRef"] = self.reference(name, value)
            elif name in NAMED:
                reference = f' {name}Ref="{self.reference(name, value)}"' if value else ""
                body.append(f"<{name}EventDefinition{reference}/>")
            elif name in BARE:
                body.append(f"<{name}EventDefinition/>")
            elif name == "when":
                body.append(
                    f"<conditionalEventDefinition><condition>{escape(value)}</condition></conditionalEventDefinition>"
                )
            elif name == "link":
                body.append(f"<linkEventDefinition name={quoteattr(value)}/>")
            elif name in OURS:
                tag = "assignment" if name == "role" else name
                extensions.append(f"<jb:{tag} {OURS[name]}={quoteattr(value)}/>")
            elif name == "result":
                extensions[-1] = extensions[-1].replace("/>", f" result={quoteattr(value)}/>")
            elif name == "on":
                attributes["attachedToRef"] = value
            elif name == "beside":
                attributes["isInterrupting" if kind == "start" else "cancelActivity"] = "false"
            elif name in {"times", "turns", "until", "loop", "max", "before"}:
                several[name] = value
            elif name == "name":
                attributes["name"] = value
            else:
                attributes[name] = value
        if extensions:
            body.insert(0, f"<extensionElements>{''.join(extensions)}</extensionElements>")
        return attributes, "".join([*body, _several(several)])


def _several(given: dict[str, str]) -> str:
    if "times" in given or "turns" in given:
        count = given.get("times") or given.get("turns") or ""
        until = (
            f"<completionCondition>{escape(given['until'])}</completionCondition>" if "until" in given else ""
        )
        return (
            f'<multiInstanceLoopCharacteristics isSequential="{str("turns" in given).lower()}">'
            f"<loopCardinality>{escape(count)}</loopCardinality>{until}</multiInstanceLoopCharacteristics>"
        )
    if "loop" in given or "max" in given:
        maximum = f' loopMaximum="{given["max"]}"' if "max" in given else ""
        condition = f"<loopCondition>{escape(given['loop'])}</loopCondition>" if "loop" in given else ""
        before = str("before" in given).lower()
        return f'<standardLoopCharacteristics testBefore="{before}"{maximum}>{condition}</standardLoopCharacteristics>'
    return ""


def _attributes(given: dict[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())


def sketch(text: str, **others: str) -> dict[str, bytes]:
    """Draw a process p, and further processes named by keyword."""
    drawing = Sketch()
    processes = [
        f'<process id="{name}" name="{name}" isExecutable="true">{drawing.scope(body.splitlines())}</process>'
        for name, body in {"p": text, **others}.items()
    ]
    roots = [
        f'<{kind} id="{key}" name={quoteattr(name)} {kind + "Code=" + quoteattr(name) if kind in {"error", "escalation"} else ""}/>'
        for (kind, name), key in drawing.named.items()
    ]
    return {
        "p.bpmn": (
            '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:jb="urn:jieban:bpmn:1" '
            f'targetNamespace="t">{"".join(roots)}{"".join(processes)}</definitions>'
        ).encode()
    }


class Walk:
    """A case that is saved and restored after every step, as in life."""

    def __init__(self, files: dict[str, bytes], facts: dict | None = None, now: datetime = NOW) -> None:
        self.model = bpmn.load(files)
        self.now = now
        self.asked: list[tuple[str, str]] = []
        self.trail: list[str] = []
        self.run = self.model.start(facts or {}, now)
        self._after()

    def _after(self) -> None:
        self.asked += [(e.kind, e.name) for e in self.run.effects()]
        self.trail += [m.element for m in self.run.marks() if m.kind == "left"]
        self.run = self.model.restore(self.run.dump())

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks."""
        return [t.element for t in self.run.tasks()]

    @property
    def armed(self) -> list[str]:
        """The elements of the armed timers."""
        return [t.element for t in self.run.timers()]

    def do(self, element: str, **result: object) -> Walk:
        """Complete the first open task at an element."""
        task = next(t for t in self.run.tasks() if t.element == element)
        self.run.complete(task.id, result, self.now)
        self._after()
        return self

    def fire(self, element: str, at: datetime | None = None) -> Walk:
        """Fire the timer at an element when it is due, or later."""
        timer = next(t for t in self.run.timers() if t.element == element)
        self.now = max(self.now, at or timer.fire_at)
        self.run.fire(timer.id, self.now)
        self._after()
        return self

    def tell(self, message: str, **payload: object) -> Walk:
        """Deliver a message."""
        self.run.deliver(message, payload, self.now)
        self._after()
        return self

    @property
    def ended(self) -> str | None:
        """The outcome of a finished case."""
        return self.run.outcome if self.run.finished else None
