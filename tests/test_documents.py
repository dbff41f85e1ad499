"""What the documents point at is there."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *sorted(ROOT.glob("README*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)=\"([^\"]+)\"", re.MULTILINE)


def links(text: str) -> list[str]:
    """Give the relative links of a document, without what stands in code."""
    found = ["".join(groups) for groups in _LINK.findall(_CODE.sub("", text))]
    return [link for link in found if not urlsplit(link).scheme and not link.startswith(("#", "//"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file_of_the_project(document):
    """A file that git does not know lies on one machine alone."""
    known = _known()
    broken = []
    for link in links(document.read_text("utf-8")):
        target = (document.parent / unquote(urlsplit(link).path)).resolve()
        inside = target.is_relative_to(ROOT) and str(target.relative_to(ROOT))
        if not target.exists() or not inside or (known and not _is_known(inside, known)):
            broken.append(link)

    assert broken == []


def test_links_are_found_in_every_form_and_not_in_code():
    text = (
        "[a](docs/a.md#part) ![b](<b.png>) `[c](c.md)` [d](https://example.org) [e](#e)\n"
        '[f]: f.md\n<img src="g.png">\n```\n[h](h.md)\n```\n'
    )

    assert links(text) == ["docs/a.md#part", "b.png", "f.md", "g.png"]


def _known() -> set[str]:
    """Name what git knows; nothing where the tests run from an archive, or without git."""
    if shutil.which("git") is None:
        return set()
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    return set(asked.stdout.decode().split("\0")) - {""}


def _is_known(path: str, known: set[str]) -> bool:
    return path in known or any(name.startswith(f"{path}/") for name in known)
