import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from threading import Lock

import typst

from notifications.tables import Letter

# One typesetter at a time: it keeps its fonts between letters, and is not made for several threads.
_one = Lock()


@cache
def _compiler(layout: str) -> typst.Compiler:
    return typst.Compiler(input=str(resources.files("notifications").joinpath("typst", f"{layout}.typ")))


def pdf(letter: Letter) -> bytes:
    """Typeset a letter from its frozen words; the same letter gives the same bytes."""
    data = json.dumps(letter.data, ensure_ascii=False)
    with _one:
        made = _compiler(letter.data["layout"]).compile(
            format="pdf", sys_inputs={"data": data}, timestamp=int(letter.issued_at.timestamp())
        )
    assert isinstance(made, bytes)
    return made


def render_to_file(letter: Letter, folder: Path) -> str:
    """Typeset a letter into the folder of letters and return its SHA-256, which is also its file name."""
    content = pdf(letter)
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest}.pdf"
    if not path.exists():
        partial = path.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(path)
    return digest
