"""What the hunt begins with: shipped models, models of the tests, known attacks, and rows of choices."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bpmn.feel.lexer import KEYWORDS
from bpmn.feel.library import NAMES
from tests.bpmn.feel.test_safety import ATTACKS
from tests.fuzz.choices import Choices
from tests.fuzz.decision_models import decisions
from tests.fuzz.drawings import TAGS
from tests.fuzz.drawings import seeds as drawings
from tests.fuzz.feel_texts import ATOMS
from tests.fuzz.targets import RAW, STATES

SPECIFIED = Path(__file__).parents[1] / "bpmn" / "feel" / "test_specification.py"
TAGS_OF_DMN = re.compile(rb"<(\w+)|(\w+)=")


def _rows(count: int) -> list[bytes]:
    lot = random.Random(1)
    return [bytes(lot.randrange(256) for _ in range(lot.choice([8, 40, 200]))) for _ in range(count)]


def seeds(name: str) -> list[bytes]:
    """The first inputs of a target."""
    if name == "xml":
        return [*(RAW + model for model in drawings()), *_rows(60)]
    if name == "dmn":
        return [*(RAW + decisions(Choices(row)) for row in _rows(30)), *_rows(60)]
    if name == "state":
        return [*(RAW + state for _, state in STATES), *_rows(60)]
    texts = [
        *ATTACKS,
        *ATOMS,
        *re.findall(r'^\s+\(?(?:\'([^\']+)\'|"([^"]+)"),', SPECIFIED.read_text(), re.MULTILINE),
    ]
    flat = [text if isinstance(text, str) else max(text, key=len) for text in texts]
    return [*(RAW + text.encode() for text in flat if len(text) < 30_000), *_rows(60)]


WORDS = {
    "xml": [
        *(f"<{tag}" for tag in TAGS),
        "id=",
        "sourceRef=",
        "targetRef=",
        "attachedToRef=",
        "<!--",
        "<![CDATA[",
        "&#0;",
        "<?xml ",
    ],
    "feel": [
        *sorted(KEYWORDS),
        *(f"{name}(" for name in sorted(NAMES)),
        *(atom for atom in ATOMS if len(atom) < 60),
    ],
    "dmn": sorted(
        {(a or b).decode() for row in _rows(30) for a, b in TAGS_OF_DMN.findall(decisions(Choices(row)))}
    ),
    "state": ["\u00c0", "at", "via", "stuck", "esp", "host", "left", "turn", "enter"],
}
