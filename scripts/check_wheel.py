"""Builds the wheel, installs it into an empty environment and starts it from there, far from the checkout.

The top-level names are generic ones; only the locked set in an environment of its own shows that they are ours.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from install import UV, settings_of_pip

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("jieban", "web", "workflows", "bpmn", "tasks", "notifications")
PROGRAM = f"""
import importlib, pathlib, sys
for name in {NAMES!r}:
    found = pathlib.Path(importlib.import_module(name).__file__)
    assert found.is_relative_to(sys.prefix), f"{{name}} comes from {{found}}"
from web.app import create_app
from workflows import runner
print("the wheel is whole:", ", ".join({NAMES!r}))
"""


def main() -> int:
    """Build, install, import; answers the exit code."""
    environment = {**settings_of_pip(), **os.environ}
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "env" / "bin" / "python"
        run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], environment)
        run([str(UV), "venv", "--quiet", "--python", sys.executable, str(Path(folder) / "env")], environment)
        install = [str(UV), "pip", "install", "--quiet", "--python", str(python)]
        run([*install, "--require-hashes", "-r", "requirements.lock"], environment)
        run([*install, "--no-deps", "--no-index", *map(str, Path(folder).glob("*.whl"))], environment)
        run([str(python), "-I", "-c", PROGRAM], {"HOME": folder, "JIEBAN_DATA": folder}, cwd="/")
    return 0


def run(command: list[str], environment: dict[str, str], cwd: str | Path = ROOT) -> None:
    """Run a step, or stop with its exit code."""
    done = subprocess.run(command, env=environment, cwd=cwd, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    sys.exit(main())
