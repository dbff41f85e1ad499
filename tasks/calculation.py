"""What an amount is worked out from, and how: for the opinion, for the decision, and beside their forms."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Boolean, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.cases import benefit
from jieban.cases.benefit import Benefit
from jieban.cases.tables import Case, Income, Member
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.rules import RuleEntry
from jieban.rules.tables import RuleSet

GRADES = ("1", "2", "3")

ALONE = "本人依《最低生活保障审核确认办法》第八条单独申请，只用于核定家庭情况"
"""Why the family of a person who applies alone does not count; by it the family is found again."""

_THE_CASE = bindparam("the_case", type_=Uuid())
_COUNTS = and_(
    Member.case_id == _THE_CASE,
    or_(Member.counted, and_(bindparam("the_family", type_=Boolean()), Member.not_counted_reason == ALONE)),
)
_HOUSEHOLD = Query(
    select(
        Income.kind,
        Income.source,
        Income.monthly,
        select(func.count()).where(_COUNTS).scalar_subquery().label("members"),
        exists()
        .where(
            _COUNTS,
            or_(Member.work_ability == "full", Member.work_ability == "partial"),
        )
        .label("able"),
    )
    .select_from(Case)
    .outerjoin(
        Income,
        and_(
            Income.case_id == Case.id,
            or_(Income.member_id.is_(None), Income.member_id.in_(select(Member.id).where(_COUNTS))),
        ),
    )
    .where(Case.id == _THE_CASE)
)
"""One row for each income, or one row without; on each the number of counted members, and whether one of them can work."""


_PENSION_EXEMPT = {"destitute_support": "tekun.income.pension_base.exempt"}
"""The rule of a kind of assistance that has one of its own; the others follow that of the allowance."""


@dataclass(frozen=True)
class Household:
    """What an amount is worked out from."""

    members: int
    income: Decimal
    """yuan a month"""
    source: str
    """visited, or declared where no visit found an income"""
    able: bool = False
    """whether a counted member is able to work, so that the household is looked at again sooner (DB-28)"""


@dataclass(frozen=True)
class Worked:
    """An amount with the standard or grade that it was worked out by."""

    entry: RuleEntry
    benefit: Benefit


@dataclass(frozen=True)
class Offer:
    """What the system works out by itself, for whoever fills in a form; it decides nothing."""

    home: Household
    difference: Worked | None
    grades: list[Worked]
    problem: str
    """why there is no difference, as where the place has imported no standard"""


def household(session: Session, case: Case, values: RuleSet, *, family: bool = False) -> Household:
    """Count the members and add up the monthly income: what the visit found stands in place of what was declared.

    Income of a member who does not count is left out (Article 13). With `family` those count too who do not only
    because one of them applies alone (Article 8).
    The basic pension of the nation counts unless a rule of the case's own set exempts it (CF-09).
    """
    exempt = values.values.get(_PENSION_EXEMPT.get(case.procedure, "dibao.income.pension_base.exempt"), {})
    left_out = "pension_base" if exempt.get("value") == "true" else ""
    found = _HOUSEHOLD.all(session, the_case=case.id, the_family=family)
    members, able = int(found[0].members), bool(found[0].able)
    rows = [row for row in found if not left_out or row.kind != left_out]
    visited = [row for row in rows if row.source == "visited"]
    chosen = visited or [row for row in rows if row.source == "declared"]
    total = sum((-row.monthly if row.kind == "deduction" else row.monthly for row in chosen), Decimal(0))
    source = "visited" if visited else "declared"
    return Household(members, max(total, Decimal(0)), source, able)


def by_difference(values: RuleSet, case: Case, members: int, income: Decimal) -> Worked:
    """Work out the shortfall to the standard of the place; Invalid where there is no standard."""
    key = "dibao.standard.urban" if case.urban else "dibao.standard.rural"
    result = benefit.difference(rules.number(values, key), income, members)
    return Worked(rules.entry(values, key), result)


def by_grade(values: RuleSet, grade: str, members: int) -> Worked:
    """Work out the amount of a grade of the place; Invalid where there is none."""
    key = f"dibao.grade.{grade}"
    entry = rules.entry(values, key)
    return Worked(entry, benefit.graded(entry.name, rules.number(values, key), members))


def offer(session: Session, case: Case) -> Offer | None:
    """Work out the difference and every grade by the values of the case; None before it was accepted."""
    if case.rule_set_id is None:
        return None
    values = rules.rule_set(session, case.rule_set_id)
    home = household(session, case, values)
    difference, problem = None, ""
    try:
        difference = by_difference(values, case, home.members, home.income)
    except Invalid as missing:
        problem = missing.message
    grades = []
    for grade in GRADES:
        try:
            grades.append(by_grade(values, grade, home.members))
        except Invalid:
            continue  # a place need not have grades
    return Offer(home, difference, grades, problem)
