"""The boards of those who supervise ask the database as often for many rows as for few."""

from contextlib import contextmanager

from sqlalchemy import event

from tests.flows.late import add_late_tasks
from tests.people import OTHER_TOWN, People
from tests.web.site import Site
from tests.web.test_contacts import handed
from tests.web.test_handed_over import call


@contextmanager
def counted(site: Site):
    """Count the questions about rows of cases that a page asks; who is signed in is another matter."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(site.database.engine, "before_cursor_execute", note)


def asked(site: Site, path: str, wanted: int) -> int:
    """Open a page twice, since the first time it reads what stays in memory, and count the second; it shows so many rows."""
    desk = site.desk("supervisor")
    desk.get(path)
    with counted(site) as said:
        page = desk.get(path).text
    marks = {"/overdue": "/orders/new?case=", "/contacts": '<section class="card" id="contact-'}
    assert page.count(marks[path]) == wanted
    return len(said)


def test_a_page_asks_as_often_for_many_rows_as_for_few(site: Site, people: People):
    with site.database.write() as session:
        add_late_tasks(session, people.window, site.now, 2, (people.window,))
    handed(site, call(site, people), OTHER_TOWN, answer="returned", late=True)
    few = {path: asked(site, path, number) for path, number in (("/overdue", 2), ("/contacts", 1))}

    with site.database.write() as session:
        add_late_tasks(session, people.window, site.now, 20, (people.window,))
    for _ in range(4):
        handed(site, call(site, people), OTHER_TOWN, answer="returned", late=True)

    many = {path: asked(site, path, number) for path, number in (("/overdue", 22), ("/contacts", 5))}
    assert many == few
    assert max(many.values()) <= 20
