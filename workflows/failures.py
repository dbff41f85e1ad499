"""Which errors are the database's own trouble, and how the others are told."""

from sqlalchemy.exc import InterfaceError, OperationalError

DATABASE_TROUBLE = (OperationalError, InterfaceError)
"""Locked, gone or full: nothing is wrong with the case, and the same step may succeed a moment later."""


def describe(error: BaseException) -> str:
    """Say what went wrong in one line, for a row and the health page."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]
