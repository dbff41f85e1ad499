import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出,供程序读取。")]
"""The switch of every command whose answer a program may read."""


def answer(value: Mapping[str, Any] | Sequence[Any], words: str, *, as_json: bool) -> None:
    """Print a result, as JSON for a program or as words for a person."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else words)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows in columns; a Chinese character is as wide as two letters."""
    lines = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(_width(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
