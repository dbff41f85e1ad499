"""States as one layout writes them, kept for all later ones: `python -m tests.bpmn.keeping` writes those of today."""

from __future__ import annotations

import json
import random
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import bpmn
from bpmn.codec import MARK
from bpmn.feel.values import Months
from tests.bpmn.models import CALLED, KINDS, LEVEL, OFFICE, PAY, SCOPES
from tests.bpmn.sketch import NOW, sketch
from tests.bpmn.test_walks import FACTS, act

FOLDER = Path(__file__).parent / "states"
MODELS = {
    "office": sketch(OFFICE, pay=PAY),
    "scopes": sketch(SCOPES),
    "kinds": {**sketch(KINDS, q=CALLED), "level.dmn": LEVEL},
    "stuck": sketch("start s\nuser a\nxor x\nuser b\nuser c\ns -> a -> x\nx -> b : limit > 10\nx -> c : *"),
}
OTHERS = {
    "kept": Decimal("1.50"),
    "day": date(2026, 4, 1),
    "at": NOW,
    "long": timedelta(days=3, microseconds=5),
    "months": Months(14),
    "nothing": None,
    "text": "姓名",
}


def seen(run: bpmn.Run) -> dict[str, Any]:
    """Everything that a restored case must still be, as JSON."""
    return {
        "tasks": [[t.element, t.turn] for t in run.tasks()],
        "timers": [[t.element, t.fire_at.isoformat()] for t in run.timers()],
        "waits": [[w.message, w.element, w.kind] for w in run.waits()],
        "incidents": [[i.element, i.expression] for i in run.incidents()],
        "end": [run.finished, run.outcome, run.cancelled],
        "facts": {name: repr(value) for name, value in sorted(run.facts.items())},
    }


def states(files: dict[str, bytes], count: int) -> list[dict[str, Any]]:
    """Walk, and keep what each step leaves."""
    draw, found = random.Random(7), {}
    model = bpmn.load(files)
    for walk in range(count):
        run, now = model.start(FACTS | OTHERS, NOW, key="k"), NOW
        for step in range(40):
            state = run.dump()
            # Of states that look alike one is enough.
            found.setdefault(json.dumps({**seen(run), "timers": len(run.timers())}), (state, seen(run)))
            if run.finished or len(found) > 20:
                break
            if walk == 0 and step == 3:
                run.cancel("申请人撤回", now)
                continue
            choice = (draw.randrange(30), *(draw.random() < 0.5 for _ in range(3)), draw.randrange(9))
            now = act(run, choice, now)
    return [{"state": state.hex(), "seen": told} for state, told in found.values()]


def main() -> None:
    """Write the file of the present layout."""
    kept = {
        name: {
            "files": {path: content.decode() for path, content in files.items()},
            "states": states(files, 12),
        }
        for name, files in MODELS.items()
    }
    path = FOLDER / f"layout-{MARK[-1]}.json"
    if path.exists():
        sys.exit(f"{path.name} is kept as it is: give a changed layout a new number.")
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main()
