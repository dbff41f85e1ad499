from importlib import import_module

from sqlalchemy import MetaData

from jieban.database import Base

_MODULES = (
    "jieban.areas.tables",
    "jieban.audit.tables",
    "jieban.benefits.tables",
    "jieban.care.tables",
    "jieban.cases.tables",
    "jieban.deadlines.tables",
    "jieban.handovers.tables",
    "jieban.intake.tables",
    "jieban.ledger.tables",
    "jieban.links.tables",
    "jieban.payments.tables",
    "jieban.people.tables",
    "jieban.procedures.tables",
    "jieban.records.tables",
    "jieban.rules.tables",
    "jieban.staff.tables",
    "jieban.supervision.tables",
    "jieban.workdays.tables",
    "notifications.tables",
    "tasks.tables",
    "workflows.tables",
)


def metadata() -> MetaData:
    """Return the tables of every package; foreign keys between packages resolve only when all are loaded."""
    for module in _MODULES:
        import_module(module)
    return Base.metadata
