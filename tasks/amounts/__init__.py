"""How much: each way to work out an amount is registered by the name that models use, and explains itself."""

from tasks.amounts import destitute, household, means, status, temporary  # noqa: F401 - they register
from tasks.amounts.registry import AMOUNTS, Granted, home_of, work_out

__all__ = ["AMOUNTS", "Granted", "home_of", "work_out"]
