"""Values that stand in the table for people alone: no step, letter or calculation reads them."""

from functools import cache
from importlib.resources import files

import yaml


@cache
def not_read() -> dict[str, str]:
    """Say by key why nothing reads it."""
    content = yaml.safe_load((files("jieban.rules") / "not_read.yaml").read_text("utf-8"))
    return {key: reason for keys in content.values() for key, reason in keys.items()}
