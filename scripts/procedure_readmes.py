"""Writes the parts of the procedures' READMEs that the files say better: python -m scripts.procedure_readmes [KEY…]."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from lxml import etree

from scripts.procedure_tables import SECTIONS, Procedure

ROOT = Path(__file__).parent.parent
PROCEDURES = ROOT / "bpmn" / "procedures"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
PART = re.compile(r"<!-- generated:(?P<name>\w+)(?P<given>[^>]*?) -->.*?<!-- /generated -->", re.DOTALL)
# As sharp as the pictures that are there; a browser draws none that is longer than this.
SCALE, MOST_PIXELS = 1.5, 16_000


def main() -> int:
    """Write, or check; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*", metavar="KEY", help="folders of bpmn/procedures; all without one")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; leave with 1 where something is stale"
    )
    parser.add_argument("--picture", action="store_true", help="draw model.png anew too")
    options = parser.parse_args()
    stale = []
    for folder in [PROCEDURES / key for key in options.keys] or folders():
        readme = folder / "README.md"
        text = readme.read_text(encoding="utf-8") if readme.exists() else ""
        fresh = written(folder, text)
        if fresh != text:
            stale.append(folder.name)
            if not options.check:
                readme.write_text(fresh, encoding="utf-8")
        if options.picture and not options.check:
            draw(folder)
    if stale:
        print(("not current: " if options.check else "written: ") + ", ".join(stale))
    return 1 if stale and options.check else 0


def folders() -> list[Path]:
    """Give the folders that hold a procedure."""
    return sorted(model.parent for model in PROCEDURES.glob("*/model.bpmn"))


def written(folder: Path, text: str) -> str:
    """Give the README as it should be: the hand-written words of `text`, the generated parts anew, none missing.

    After its name, a marker may list what operations use and no diagram shows: rules with the words for when they
    begin (`<!-- generated:limits dibao.total dibao.publicity.initial=张贴次日 -->`), letters with the step that issues
    them (`<!-- generated:letters receipt=登记申请 -->`).
    """
    text = text or skeleton(folder)
    procedure = Procedure.of(folder, text)
    for name, (title, _) in SECTIONS.items():
        optional = name == "decisions" and not list(folder.glob("*.dmn"))
        if not optional and f"<!-- generated:{name}" not in text:
            part = f"## {title}\n\n<!-- generated:{name} -->\n<!-- /generated -->\n\n"
            before, english, after = text.partition("## In English")
            text = f"{before}{part}{english}{after}"

    def anew(found: re.Match[str]) -> str:
        name, given = found["name"], found["given"]
        words = dict(word.partition("=")[::2] for word in given.split())
        return f"<!-- generated:{name}{given} -->\n{SECTIONS[name][1](procedure, words)}\n<!-- /generated -->"

    return PART.sub(anew, text).rstrip() + "\n"


def skeleton(folder: Path) -> str:
    """Begin a README: what a person must still write stands in comments."""
    root = etree.parse(folder / "model.bpmn").getroot()
    process = next(root.iterchildren(f"{BPMN}process"))
    pool = root.find(f".//{BPMN}participant")
    title = (pool.get("name") if pool is not None else "") or process.get("name") or folder.name
    said = " ".join((process.findtext(f"{BPMN}documentation") or "").split())
    return (
        f"# {title}\n\n"
        f"> {said or title}　流程图 `model.bpmn`，表单 `forms/`，情景 `scenarios/`。\n\n"
        "![流程图](model.png)\n\n"
        f"## 发生了什么\n\n<!-- 待写：一步一步，用办事人的话 -->\n{said}\n\n"
        f"## In English\n\n<!-- to be written: a short summary -->\n{said}\n"
    )


def draw(folder: Path) -> None:
    """Draw the picture with the viewer of the case page."""
    model = folder / "model.bpmn"
    longest = max(
        float(box.get("x", "0")) + float(box.get("width", "0"))
        for box in etree.parse(model).getroot().iterfind(".//{http://www.omg.org/spec/DD/20100524/DC}Bounds")
    )
    scale = min(SCALE, MOST_PIXELS / longest)
    script = ROOT / "scripts" / "render_bpmn.py"
    subprocess.run(
        [sys.executable, str(script), str(model), str(folder / "model.png"), "--scale", str(scale)],
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
