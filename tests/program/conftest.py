from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program.program import Program


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Start the program on the data folder of this test; it is gone when the test ends."""
    started: list[Program] = []

    def begin(command: str = "serve", **settings: str) -> Program:
        program = Program(Path(settings.pop("data", str(tmp_path / "data"))), command, **settings)
        started.append(program)
        return program

    yield begin
    for program in started:
        program.close()
