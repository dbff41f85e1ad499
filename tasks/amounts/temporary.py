"""Temporary assistance: the tier that the decision table chose, in monthly standards, for the people helped (LS-20)."""

from decimal import Decimal

from jieban import rules
from jieban.cases.temporary_aid import Tier, work_out
from jieban.errors import Invalid
from tasks.amounts.household import stated
from tasks.amounts.registry import Granted, amount_by, home_of
from tasks.calculation import Worked
from tasks.operations.registry import Done


@amount_by("temporary")
def aid(done: Done) -> Granted:
    """Work out the aid by the facts `tier` and `persons`; with the parameter `limit` quick no more than `quick_cap`.

    The standard is the monthly one of cities, of which the multiples of the place are given. A stated amount that
    differs needs a reason (一事一议 too). Invalid where the tier is not known yet.
    """
    name = str(done.facts.get("tier") or "")
    if not name:
        raise Invalid("还没有核定困难类型和程度，不能计算救助金额。")
    entry = rules.entry(done.rules, f"temp.multiple.{name}")
    persons = int(done.facts.get("persons") or home_of(done).members)
    tier = Tier(
        name,
        rules.number(done.rules, entry.key),
        rules.number(done.rules, "dibao.standard.urban"),
        persons,
    )
    quick = done.params.get("limit") == "quick"
    cap = Decimal(str(done.facts["quick_cap"])) if quick else None
    return stated(done, Worked(entry, work_out(tier, cap)), persons, "tier")
