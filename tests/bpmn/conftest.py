"""Cases to walk through procedures that are sketched in a few lines."""

import pytest

from tests.bpmn.sketch import NOW, Walk, sketch


@pytest.fixture(scope="session", name="sketch")
def _sketch():
    return sketch


@pytest.fixture(scope="session", name="walk")
def _walk():
    def begin(text, facts=None, now=NOW, **others):
        return Walk(sketch(text, **others), facts, now)

    return begin


@pytest.fixture(scope="session", name="now")
def _now():
    return NOW
