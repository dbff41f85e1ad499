from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from jieban.database import Database
from tests.people import People
from tests.web.site import Site
from tests.workflows.walk import Walk


@pytest.fixture
def site(database: Database, now: datetime, tmp_path: Path) -> Iterator[Site]:
    """The web application, on both databases."""
    with Site.open(database, now, tmp_path) as opened:
        yield opened


@pytest.fixture
def walk(site: Site, people: People, now: datetime) -> Walk:
    """A case that stands before its first task, in the first township."""
    return Walk.begin(site.database, people, now)
