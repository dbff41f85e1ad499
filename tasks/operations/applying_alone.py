"""Whether one person of a family may apply alone: the ground, its proof, and how the family stands (Article 8)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, update

from jieban import rules
from jieban.benefits.granting import months_later
from jieban.cases.means import weigh
from jieban.cases.tables import Member
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.records.tables import CaseRecord
from jieban.writes import change
from tasks.amounts.registry import plain
from tasks.calculation import ALONE, household
from tasks.operations.means import lines_of, stated_income
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_OF_A_MARGINAL_FAMILY = ("disability", "illness")
_MEMBER = cast("Table", Member.__table__)
_STAND_ALONE = (
    update(_MEMBER)
    .where(
        _MEMBER.c.case_id == bindparam("the_case", type_=Uuid()),
        _MEMBER.c.applicant.is_(False),
        _MEMBER.c.counted.is_(True),
    )
    .values(counted=False, not_counted_reason=ALONE)
)


@task_operation("check_alone", "核对单独申请的条件", "Check whether one may apply alone", duty="investigate")
def check_alone(done: Done) -> Mapping[str, Fact]:
    """Keep the ground with its proof and how the family stands to the line of the margin; from now on the applicant alone counts.

    It tells single_ground, single_proved, property_level, income_to_standard and income_to_marginal, which the table of
    grounds reads. The last two are unknown where the text does not ask for the family.
    """
    ground = str(done.data["ground"])
    proved = done.data["proof"] == "yes" and _PROVED[ground](done)
    told: dict[str, Fact] = {"income_to_standard": None, "income_to_marginal": None, "property_level": None}
    calculation = {}
    if ground in _OF_A_MARGINAL_FAMILY:
        family = household(done.session, done.case, done.rules, family=True)
        lines, measured_by = lines_of(done, needed=False)
        monthly = stated_income(done, "family_income", family.income)
        means = weigh(monthly=monthly, yearly=monthly * 12, members=family.members, spending=[], lines=lines)
        told = {
            "income_to_standard": means.income_to_standard,
            "income_to_marginal": means.income_to_marginal,
            "property_level": str(done.data["property_level"]),
        }
        found = asdict(means)
        calculation = {
            "steps": found["steps"],
            "rule_ids": found["rule_ids"],
            "rule": {"key": measured_by.key, "provenance": measured_by.provenance},
        }
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="alone",
        title=done.task.name,
        element=done.task.element,
        form=done.task.form,
        data=plain({**done.data, "calculation": calculation}),
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:alone", record)
    change(done.session, _STAND_ALONE, {"the_case": done.case.id})
    return {"single_ground": ground, "single_proved": proved, **told}


def _disabled(done: Done) -> bool:
    worse = done.data["disability_kind"] in {"intellectual", "mental"}
    key = "dibao.single.disability.mental" if worse else "dibao.single.disability"
    return int(done.data["disability_grade"]) <= int(rules.number(done.rules, key))


def _ill(done: Done) -> bool:
    return bool(text(done.data, "recognised_by"))


def _at_a_place_of_worship(done: Done) -> bool:
    since = done.day("lives_there_since")
    return _long_enough(since, int(rules.number(done.rules, "dibao.single.religious")), done.today)


def _long_enough(since: date, months: int, today: date) -> bool:
    return months_later(since, months) <= today


def _named_by_the_place(done: Done) -> bool:
    if "dibao.single.other" not in done.rules.values:
        message = "规则表中没有本地规定的其他特殊困难人员，不能按此情形单独申请。"
        raise Invalid(errors=[{"field": "proof", "message": message}])
    return True


_PROVED: Mapping[str, Callable[[Done], bool]] = {
    "disability": _disabled,
    "illness": _ill,
    "religious": _at_a_place_of_worship,
    "other": _named_by_the_place,
}
