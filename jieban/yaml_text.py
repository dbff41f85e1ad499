from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C, where there is one: it takes a tenth of the time."""


def read_yaml(text: str) -> Any:
    """Read a YAML text into plain values; raises yaml.YAMLError with the place that cannot be read."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders
