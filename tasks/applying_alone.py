"""One person of a family who applies for the allowance alone (最低生活保障审核确认办法 Article 8)."""

from collections.abc import Mapping
from typing import Any

ARTICLE = "最低生活保障审核确认办法 第八条"
GROUNDS = frozenset({"disability", "illness", "religious", "other"})


def applies_alone(facts: Mapping[str, Any]) -> bool:
    """Tell whether the case is that of a person who applies alone."""
    return facts.get("single_ground") in GROUNDS
