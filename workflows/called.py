"""A procedure takes the procedures that it calls with it, so that a version never changes under a running case."""

from collections.abc import Callable, Mapping
from pathlib import Path

import bpmn

_FOLDER = "called"
_ENDINGS = (".bpmn", ".dmn")


def read_model(folder: Path) -> dict[str, bytes]:
    """Read the diagram, the decision tables and the forms of a procedure, with the procedures beside it that it calls."""
    return with_called(_read(folder), lambda key: _read(folder.parent / key))


def _read(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in _ENDINGS}
    forms = (folder / "forms").glob("*.json")
    return files | {f"forms/{file.name}": file.read_bytes() for file in forms}


def with_called(own: Mapping[str, bytes], find: Callable[[str], Mapping[str, bytes]]) -> dict[str, bytes]:
    """Lay the files of every called procedure beside a procedure's own; `find` gives the files of one, or none.

    Their diagrams and tables lie in called/<key>/; their forms among the forms, where one of the same name stays the
    caller's. A procedure that is called and nowhere to be found is left for the check of the model to name.
    """
    files = without_called(own)
    while missing := [key for key in bpmn.missing_calls(files) if not _laid(files, key)]:
        found = 0
        for key in missing:
            other = find(key)
            if not other:
                continue
            found += 1
            for path, content in without_called(other).items():
                files.setdefault(path if path.startswith("forms/") else f"{_FOLDER}/{key}/{path}", content)
        if not found:
            break
    return files


def without_called(own: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what other procedures brought: the forms that only they use stay, they do no harm."""
    return {path: content for path, content in own.items() if not path.startswith(f"{_FOLDER}/")}


def _laid(files: Mapping[str, bytes], key: str) -> bool:
    return any(path.startswith(f"{_FOLDER}/{key}/") for path in files)
