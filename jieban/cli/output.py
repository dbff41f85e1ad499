import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from jieban.errors import Invalid

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取。")]
"""The switch of every command whose answer a program may read."""


def answer(value: Mapping[str, Any] | Sequence[Any], words: str, *, as_json: bool) -> None:
    """Print a result, as JSON for a program or as words for a person."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else words)


def reserve(path: Path) -> None:
    """Make a new, empty file before any work is done for it; a file that is there is never overwritten."""
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise Invalid(f"文件 {path} 已存在，请换一个文件名。") from error
    except OSError as error:
        raise Invalid(f"无法写入 {path}（{error.strerror}）。") from error


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
