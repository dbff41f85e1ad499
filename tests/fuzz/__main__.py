"""Hammering with atheris: `python -m tests.fuzz run SECONDS [TARGET ...]`, `python -m tests.fuzz again TARGET FILE`."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from tests.fuzz.watch import ROOT, Watch, verdict

FOLDER = ROOT / ".fuzz"
NAMES = ("xml", "feel", "dmn", "state")


def main(words: list[str]) -> int:
    """Run what was asked for; answers the exit code."""
    match words:
        case ["run", seconds, *names]:
            return run_all(int(seconds), names or list(NAMES))
        case ["one", name, seconds]:
            return hammer(name, int(seconds))
        case ["again", name, path]:
            broken = verdict(import_module("tests.fuzz.targets").TARGETS[name], Path(path).read_bytes())
            print(broken or "nothing is wrong")
            return broken is not None
    print(__doc__)
    return 2


def run_all(seconds: int, names: list[str]) -> int:
    """Hammer one target after the other, each in a process of its own; findings make the exit code 1."""
    import json

    code = 0
    print("| target | seconds | executions | findings |\n|---|---|---|---|", flush=True)
    for name in names:
        told = FOLDER / "found" / f"{name}.json"
        told.unlink(missing_ok=True)
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "one", name, str(seconds)], check=False, cwd=ROOT
        )
        if not told.exists():
            print(f"{name} did not begin", file=sys.stderr)
            return ended.returncode or 1
        said = json.loads(told.read_text())
        findings = "; ".join(said["findings"]) or "none"
        print(f"| {name} | {said['seconds']} | {said['executions']} | {findings} |", flush=True)
        code = code or int(bool(said["findings"]) or ended.returncode != 0)
    return code


def hammer(name: str, seconds: int) -> int:
    """Hammer one target with what coverage shows to be worth trying; does not come back."""
    import atheris

    corpus, found = FOLDER / "corpus" / name, FOLDER / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["bpmn"]):
        from tests.fuzz.corpus import WORDS, seeds
        from tests.fuzz.targets import TARGETS

    for number, data in enumerate(seeds(name)):
        (corpus / f"seed-{number:03}").write_bytes(data)
    words = FOLDER / f"{name}.dict"
    words.write_text("".join(f'"{_quoted(word)}"\n' for word in WORDS[name]), encoding="ascii")
    watch = Watch(name, found, TARGETS[name])
    options = [
        f"-max_total_time={seconds}",
        "-max_len=30000",
        "-timeout=120",
        "-rss_limit_mb=6000",
        f"-dict={words}",
    ]
    options += [f"-artifact_prefix={found}/{name}-", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], watch, enable_python_coverage=True)
    watch.report()
    atheris.Fuzz()
    return 0


def _quoted(word: str) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word.encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
