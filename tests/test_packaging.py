"""The top-level names are generic, so it is proved that they are ours (docs/adr, packaging)."""

import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = ["bpmn", "jieban", "notifications", "tasks", "web", "workflows"]
ENDINGS = {".bpmn", ".dmn", ".json", ".yaml", ".typ", ".html", ".txt", ".po", ".mo", ".mako", ".css", ".js"}


@pytest.mark.parametrize("name", [*NAMES, "tests"])
def test_a_generic_name_belongs_to_us_alone(name):
    """A foreign distribution that ships the same name would be imported instead of ours, silently."""
    owners = set(packages_distributions().get(name, []))

    assert owners <= {"jieban"}
    assert Path(find_spec(name).origin).is_relative_to(ROOT)


def test_nothing_in_workflows_is_named_like_a_standard_module():
    """Prefect can put this folder first on the path; such a file would then hide the standard module."""
    found = {path.stem for path in (ROOT / "workflows").rglob("*.py")}

    assert not found & sys.stdlib_module_names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_has_everything_that_the_program_reads(wheel):
    """Diagrams, forms, rules, letters, templates and migrations are data; a build that loses them still imports."""
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files", "-z", *NAMES], cwd=ROOT, capture_output=True, check=True)
    needed = {name for name in tracked.stdout.decode().split("\0") if Path(name).suffix in {*ENDINGS, ".py"}}

    assert sorted(name for name in needed - packed if not name.startswith("web/frontend/")) == []


def test_the_wheel_is_imported_from_anywhere(wheel, tmp_path):
    """From the wheel alone, far from the checkout, each package is the one that was packed."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        f"for name in {NAMES!r}:\n"
        f"    module = __import__(name)\n"
        f"    assert module.__file__.startswith({str(tmp_path)!r}), module.__file__\n"
        f"from jieban.cli.app import run\n"
        f"sys.exit(run(['--version']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd="/", capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stdout.startswith("jieban ")) == (0, True), ran.stderr
