"""How measurements are asked for and told: a size, a table, and a JSON file."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Report:
    """The command line of a measurement, and its table."""

    def __init__(self, about: str | None, what: str, size: int) -> None:
        parser = argparse.ArgumentParser(
            description=about, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.add_argument("size", metavar=what.upper(), nargs="?", type=int, default=size)
        parser.add_argument("--json", type=Path, help="write the table into this file too")
        given = parser.parse_args()
        self.size: int = given.size
        self.file: Path | None = given.json

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Print the rows under the names of their columns, and write them if a file was named."""
        names = list(rows[0])
        widths = [max(len(str(one)) for one in (name, *(row[name] for row in rows))) + 2 for name in names]
        for line in (names, *([row[name] for name in names] for row in rows)):
            print("".join(f"{value!s:>{width}}" for value, width in zip(line, widths, strict=True)))
        if self.file:
            self.file.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", "utf-8")
