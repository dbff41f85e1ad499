from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tasks.calculation import Household, household
from tasks.operations.registry import Done, UnknownOperationError


@dataclass(frozen=True)
class Granted:
    """What somebody is about to grant: yuan, for how many people, and how it came about."""

    amount: Decimal | None
    members: int
    method: str = ""
    grade: str = ""
    calculation: dict[str, Any] = field(default_factory=dict)
    """inputs, rule ids and steps; plain values, as they are kept with the decision"""
    care_form: str = ""
    care_tier: str = ""


Amount = Callable[[Done], Granted]
AMOUNTS: dict[str, Amount] = {}


def amount_by(name: str) -> Callable[[Amount], Amount]:
    """Register a way to work out an amount under the name that models use."""

    def register(call: Amount) -> Amount:
        AMOUNTS[name] = call
        return call

    return register


def home_of(done: Done) -> Household:
    """Count the household and its income once in a step."""
    found = done.told.get("household")
    if found is None:
        found = done.told["household"] = household(done.session, done.case, done.rules)
    home: Household = found
    return home


def work_out(name: str, done: Done) -> Granted:
    """Work out what is granted from the form and the facts of the case; Invalid names the field that is wrong."""
    if name not in AMOUNTS:
        raise UnknownOperationError(f"流程图引用了系统中没有的金额算法“{name}”。")
    return AMOUNTS[name](done)


def plain(value: Any) -> Any:
    """Turn amounts into text, so that a calculation can be kept as JSON without losing a cent."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
