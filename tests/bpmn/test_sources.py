"""Nothing of the engine can execute text: its sources do not even hold the words."""

import ast
from pathlib import Path

import pytest

import bpmn
from bpmn.errors import BPMNError
from bpmn.scopes import NO_SCRIPTS

ROOT = Path(bpmn.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
NAMES = {"eval", "exec", "compile", "__import__", "globals", "locals", "breakpoint", "setattr", "delattr"}
CALLS = {"open", "input", "vars"}
MODULES = {
    *(
        "ast",
        "asyncio",
        "builtins",
        "cloudpickle",
        "code",
        "codeop",
        "copyreg",
        "ctypes",
        "dill",
        "ftplib",
        "gc",
        "http",
        "httpx",
    ),
    *(
        "imp",
        "importlib",
        "inspect",
        "io",
        "jsonpickle",
        "linecache",
        "marshal",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
    ),
    *(
        "pkgutil",
        "pty",
        "requests",
        "runpy",
        "shelve",
        "shlex",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "subprocess",
        "sys",
    ),
    *("sysconfig", "tempfile", "traceback", "urllib", "webbrowser", "yaml", "zipimport"),
}
ATTRIBUTES = {
    "__builtins__",
    "__class__",
    "__code__",
    "__dict__",
    "__globals__",
    "__mro__",
    "__reduce__",
    "__subclasses__",
}
# The only attributes read by name: fields of our own dataclasses and parts of dates, from tables in the source.
READ_BY_NAME = {"feel/loops.py": 1, "feel/unary.py": 1, "feel/paths.py": 1}


def nodes(path):
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_source_holds_nothing_that_executes_text(path):
    """No eval and no relative of it, nothing that starts a program, opens a file or a connection, no look inside objects."""
    by_name = 0
    for node in nodes(path):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in MODULES
            assert not {"attrgetter", "methodcaller"} & {alias.name for alias in node.names}
        elif isinstance(node, ast.Name):
            assert node.id not in NAMES
        elif isinstance(node, ast.Attribute):
            assert node.attr not in ATTRIBUTES | {"attrgetter", "methodcaller", "format_map"}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            pytest.fail(f"{node.func.id} in line {node.lineno}")
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"getattr", "hasattr"}
        ):
            by_name += not isinstance(node.args[1], ast.Constant)
    assert by_name == READ_BY_NAME.get(name_of(path), 0)


def test_the_library_behind_runs_no_scripts():
    """SpiffWorkflow would hand texts to Python; what it calls for that refuses."""
    for ask in (NO_SCRIPTS.evaluate, NO_SCRIPTS.execute, NO_SCRIPTS.validate, NO_SCRIPTS.call_service):
        with pytest.raises(BPMNError):
            ask(None, "1")
