import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from jieban.errors import JiebanError
from notifications.tables import Letter

_CHINESE = (
    "FangSong",
    "仿宋",
    "SimSun",
    "宋体",
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
)

# One typesetter at a time: it keeps its fonts between letters, and is not made for several threads.
_one = Lock()


class NoFontError(JiebanError):
    """没有找到中文字体，文书无法排版；请安装仿宋、小标宋字体，或者 fonts-noto-cjk 软件包。"""


@cache
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts()
    families = " ".join(fonts.families())
    if not any(name in families for name in _CHINESE):
        raise NoFontError
    return fonts


@cache
def _compiler(layout: str) -> typst.Compiler:
    folder = resources.files("notifications").joinpath("typst")
    return typst.Compiler(input=str(folder.joinpath(f"{layout}.typ")), root=str(folder), font_paths=_fonts())


def pdf(letter: Letter) -> bytes:
    """Typeset a letter from its frozen words; the same letter gives the same bytes.

    The file is PDF/A-2b, as archives ask for, unless a name has a character that no installed font can draw.
    """
    data = json.dumps(letter.data, ensure_ascii=False)
    with _one:
        compiler = _compiler(str(letter.data["layout"]))
        try:
            return _compile(compiler, data, letter, ["a-2b"])
        except typst.TypstError:
            return _compile(compiler, data, letter, [])


def _compile(compiler: typst.Compiler, data: str, letter: Letter, standards: list[Any]) -> bytes:
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": data},
        timestamp=int(letter.issued_at.timestamp()),
        pdf_standards=standards,
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


def stored_pdf(letter: Letter, folder: Path) -> bytes:
    """Return the file of a letter as it was first made, or typeset it now where that has not happened yet."""
    path = folder / f"{letter.sha256}.pdf"
    if letter.sha256 and path.is_file():
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == letter.sha256:
            return content
    return pdf(letter)
