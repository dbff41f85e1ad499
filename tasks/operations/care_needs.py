"""Services as assistance, from the need to the plan: assessment, list of needs, match, plan (FW-04, FW-05)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.care import orders, supply
from jieban.care.supply import Offered
from jieban.care.words import CHARITY, SERVICES
from jieban.cases.tables import Relative
from jieban.clock import read_moment
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from jieban.writes import add
from notifications import letters
from tasks.operations.fact_days import tell_day
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text
from tasks.operations.visits import keep_visit

DIMENSIONS = ("economic", "health", "education", "housing", "employment", "guardianship", "inclusion")
"""The seven sides of a life that are looked at (FW-04); each has 0 (none) to 3 (grave) points."""

_PARAMS = ("kind", "tell", "past", "stage")
_MOST_VISITS = 366


@task_operation("assess_needs", "评估服务需求", "Assess the needs", _PARAMS, duty="investigate")
def assess_needs(done: Done) -> Mapping[str, Fact]:
    """Keep the assessment of a home visit by as many as `care.assessors` says, and tell its points (FW-04, FW-05).

    Tells each side of life by its name, `need_score` (the sum, 0 to 21), `top_score` (the gravest side), `assessed_at`
    and `round` (1 for the first assessment of the case).
    """
    people = _assessors(done)
    findings = {"wish": text(done.data, "wish"), "basis": text(done.data, "basis")}
    keep_visit(done, findings, people=people)
    scores: dict[str, Fact] = {name: int(done.data[name]) for name in DIMENSIONS}
    points = [int(done.data[name]) for name in DIMENSIONS]
    earlier = _TIMES.scalar(done.session, the_case=done.case.id, the_kind=done.params.get("kind", ""))
    return {
        **keep(done),
        **scores,
        "need_score": sum(points),
        "top_score": max(points),
        "assessed_at": done.now.isoformat(),
        "round": int(earlier or 0) + 1,
    }


def _assessors(done: Done) -> list[dict[str, str]]:
    """Read who assessed: members of staff of the place, not related, at least one; social workers may join in (S1-55)."""
    people: list[dict[str, str]] = []
    for place, row in enumerate(done.data.get("assessors") or ()):
        account, outside = text(row, "username"), text(row, "outside")
        if bool(account) == bool(outside):
            raise _wrong(
                f"assessors.{place}.username", "每行填写一名评估人员：本单位人员，或者外请的社会工作者。"
            )
        if outside:
            people.append({"user_id": "", "name": outside})
            continue
        user = _USER.first(done.session, the_name=account, the_case=done.case.id)
        if user is None or not user.active or not done.case.town_code.startswith(user.area_code or "-"):
            raise _wrong(f"assessors.{place}.username", "请从本单位在岗人员中选择评估人员。")
        if user.related:
            raise _wrong(f"assessors.{place}.username", f"{user.name}与本人有近亲属关系，应当回避。")
        people.append({"user_id": str(user.id), "name": user.name})
    least = int(rules.number(done.rules, "care.assessors"))
    if len({one["name"] for one in people}) < max(least, len(people)):
        raise _wrong("assessors", f"需求评估由不少于 {least} 名不同的人员共同进行。")
    if not any(one["user_id"] for one in people):
        raise _wrong("assessors", "至少有一名评估人员是本单位的工作人员。")
    return people


@service_operation("record_level", "记录评估建议", "Put the suggested level on record", ("form",))
def record_level(asked: Asked) -> None:
    """Put what the decision tables say on record, so that the next form and the letter begin with it."""
    facts = asked.facts
    record = CaseRecord(
        id=new_id(),
        case_id=asked.case.id,
        kind="level",
        title="评估建议",
        element="",
        form=asked.params.get("form", ""),
        data={
            "level": facts["care_level"],
            "kinds": facts["care_kinds"],
            "score": int(facts["need_score"]),
        },
        task_id=None,
        recorded_by=asked.actor.id if asked.actor else None,
        recorded_by_name=asked.actor.name if asked.actor else "",
        recorded_at=asked.now,
    )
    add(asked.session, record)
    asked.told["record:level"] = record


@task_operation("list_needs", "列出需求清单", "List the needs", _PARAMS)
def list_needs(done: Done) -> Mapping[str, Fact]:
    """Keep the list of needs; another level than the tables suggest needs a reason (FW-04).

    Tells `needs` (how many) and `reassess_due` (when the situation is looked at again: care.reassess, or where the tables
    say frequent care.reassess.frequent).
    """
    if done.data["level"] != done.facts.get("care_level") and not text(done.data, "level_reason"):
        raise _wrong("level_reason", "与评估建议的等级不同，请写明理由。")
    rows = done.data.get("needs") or []
    if not rows and not text(done.data, "no_need_reason"):
        raise _wrong("no_need_reason", "没有列出需求，请写明不需要服务的理由。")
    key = "care.reassess.frequent" if done.facts.get("frequent") else "care.reassess"
    again = rules.entry(done.rules, key)
    start = read_moment(str(done.facts["assessed_at"]))
    return {**keep(done), "needs": len(rows), "reassess_due": tell_day(done, "reassess_due", again, start)}


@task_operation("match_supply", "匹配供给清单", "Match the supply list", _PARAMS)
def match_supply(done: Done) -> Mapping[str, Fact]:
    """Keep for each need which service of the county's list meets it, or why none does: a gap (FW-02, FW-05).

    Tells `matched`, `gaps` and `gap_need` (the gaps in words). A service must be offered, be of the kind, and have a place.
    """
    rows = list(done.data.get("matches") or ())
    asked = Counter(str(row["item"]) for row in latest(done.session, done.case.id, "needs").get("needs", ()))
    given = Counter(str(row["item"]) for row in rows)
    if missing := asked - given:
        names = "、".join(SERVICES[item] for item in missing)
        raise _wrong("matches", f"需求清单中的“{names}”还没有匹配，也没有登记缺口。")
    wanted: Counter[str] = Counter()
    gaps = []
    for place, row in enumerate(rows):
        label, gap = text(row, "service"), text(row, "gap")
        if bool(label) == bool(gap):
            raise _wrong(f"matches.{place}.service", "每项需求选择一个服务；没有合适的，写明缺口原因。")
        if gap:
            supply.note_gap(
                done.session, done.case.id, done.case.county_code, str(row["item"]), gap, done.now
            )
            gaps.append(f"{SERVICES[str(row['item'])]}：{text(row, 'what') or gap}")
            continue
        line = _service(done, label, f"matches.{place}.service")
        if line.item != row["item"]:
            raise _wrong(f"matches.{place}.service", f"“{label}”提供的是{SERVICES[line.item]}，与需求不符。")
        wanted[label] += 1
        if line.free is not None and wanted[label] > line.free:
            raise _wrong(f"matches.{place}.service", f"“{label}”的名额已满，请选择其他服务或者登记缺口。")
    return {
        **keep(done),
        "matched": len(rows) - len(gaps),
        "gaps": len(gaps),
        "gap_need": "；".join(gaps)[:900] or None,
    }


@task_operation("sign_plan", "签订服务计划", "Sign the plan", _PARAMS, duty="make")
def sign_plan(done: Done) -> Mapping[str, Fact]:
    """Keep the plan that the person has signed, and order its services; without a signature nothing is ordered (FW-05).

    Tells `plan` (signed, declined, rematch), `visits_left` and `visit_due` (the day of the first visit).
    """
    if done.data["plan"] != "signed":
        return {**keep(done), "plan": str(done.data["plan"]), "visits_left": 0, "visit_due": None}
    signed = done.day("signed_on")
    matched = {
        text(row, "service") for row in latest(done.session, done.case.id, "match").get("matches", ())
    } - {""}
    until = date.fromisoformat(str(done.facts["reassess_due"])[: len("2026-11-24")])
    plan: list[orders.Planned] = []
    for place, row in enumerate(done.data["services"]):
        at = f"services.{place}"
        line = _service(done, text(row, "service"), f"{at}.service")
        if line.label not in matched:
            raise _wrong(f"{at}.service", "只能安排上一步匹配到的服务。")
        first, last = date.fromisoformat(row["from_on"]), date.fromisoformat(row["until_on"])
        if first < signed:
            raise _wrong(f"{at}.from_on", "服务从本人签字以后开始。")
        if not first <= last <= until:
            raise _wrong(f"{at}.until_on", f"结束日期不早于开始日期，最迟到下次评估（{until.isoformat()}）。")
        plan.append(orders.Planned(line, text(row, "what"), int(row["times"]), first, last))
    if left_out := matched - {one.supply.label for one in plan}:
        raise _wrong("services", f"匹配到的服务还没有安排：{'、'.join(sorted(left_out))}。")
    if sum(len(one.days) for one in plan) > _MOST_VISITS:
        raise _wrong("services", f"一份计划最多 {_MOST_VISITS} 次服务，请缩短期限或者减少次数。")
    for one in plan:
        if one.supply.free == 0:
            raise _wrong("services", f"“{one.supply.label}”的名额刚刚用完，请选“重新匹配”。")
    visits = orders.place_orders(done.session, done.case.id, plan)
    first_day = min(one.from_on for one in plan)
    return {**keep(done), "plan": "signed", "visits_left": visits, "visit_due": first_day.isoformat()}


@service_operation("send_orders", "派单给服务单位", "Send the orders to the providers")
def send_orders(asked: Asked) -> None:
    """Issue a letter to each provider with what it is asked to do, and no more about the person than that needs (FW-05)."""
    running = orders.active_orders(asked.session, asked.case.id)
    for provider in dict.fromkeys(one.provider for one in running):
        lines = [one for one in running if one.provider == provider]
        extra = {
            "provider": provider,
            "contact_of_provider": f"{lines[0].contact} {lines[0].phone}".strip(),
            "lines": [
                {
                    "name": one.name,
                    "what": one.what,
                    "times": one.times,
                    "from_on": one.from_on,
                    "until_on": one.until_on,
                }
                for one in lines
            ],
        }
        letters.issue(
            asked.session,
            case=asked.case,
            kind="care_order",
            now=asked.now,
            actor=asked.actor,
            extra=extra,
            told=asked.told,
        )


def latest(session: Session, case_id: Any, kind: str) -> dict[str, Any]:
    """Give the fields of the latest record of a kind; none where there is none."""
    row = _LATEST.first(session, the_case=case_id, the_kind=kind)
    return dict(row.data) if row else {}


def _service(done: Done, label: str, field: str) -> Offered:
    line = supply.find(done.session, done.case.county_code, label)
    if line is None or not line.active or line.kind == CHARITY:
        raise _wrong(field, "请从本县（市、区）供给清单中选择正在提供的服务。")
    return line


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(errors=[{"field": field, "message": message}])


_THE_CASE = bindparam("the_case", type_=Uuid())
_LATEST = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == bindparam("the_kind"))
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_TIMES = Query(
    select(func.count(CaseRecord.id)).where(
        CaseRecord.case_id == _THE_CASE, CaseRecord.kind == bindparam("the_kind")
    )
)
_USER = Query(
    select(
        User.id,
        User.name,
        User.active,
        User.area_code,
        select(func.count(Relative.id))
        .where(Relative.case_id == _THE_CASE, Relative.user_id == User.id)
        .scalar_subquery()
        .label("related"),
    ).where(User.username == bindparam("the_name"))
)
