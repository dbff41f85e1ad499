"""The household check: on whose consent, what is asked of whom, what came back, and the report (DB-06, DB-11, DB-12, S1-40 to S1-42)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, or_, select, update

from jieban import workdays
from jieban.benefits.tables import Benefit
from jieban.cases.check_items import CHECK_BODIES, CHECK_ITEMS
from jieban.cases.tables import CheckReport, Member
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.names import is_child
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import add, change
from notifications import letters
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text

_ALONE = "household_check"
_ANSWER_DAYS = 5
"""Working days that a body is asked to answer within: our choice, no text limits it."""
_MUST_CHECK = frozenset(
    {
        "subsistence_allowance",
        "destitute_support",
        "marginal_household",
        "rigid_expenditure_household",
        "household_means",
        "benefit_review",
    }
)
"""What grants or reviews a status cannot rest on a status: only other assistance may (S1-42)."""

Wrong = tuple[str, str]


@task_operation("start_check", "启动信息核对", "Start the household check", ("kind",))
def start_check(done: Done) -> Mapping[str, Fact]:
    """Start the check on the consent of the members; ask bodies that the platform does not reach by letter (DB-11).

    Where a member refuses, nothing is asked and the check cannot be made; where a status is in force already, other
    assistance rests on it and nothing is asked again. It tells check_way, check_open, check_consent and check_alone.
    """
    way = str(done.data.get("way") or "query")
    told: dict[str, Fact] = {"check_way": way, "check_alone": done.case.procedure == _ALONE, "check_open": 0}
    told["check_consent"] = "refused" if way == "refused" else "given"
    if way == "refused":
        told["check_result"] = "doubtful"
    elif way == "recognised":
        _rest_on_status(done)
        told["check_result"] = "clear"
    else:
        told |= _ask(done)
    return told | keep(done)


@task_operation("obtain_consent", "补办核对授权", "Obtain the missing consent", ("kind",))
def obtain_consent(done: Done) -> Mapping[str, Fact]:
    """Keep whether the members who refused have given their consent after they were told what follows (DB-06)."""
    done.day("told_on")
    return {"consent_obtained": done.data["outcome"] == "given", **keep(done)}


@task_operation("collect_answers", "登记部门反馈", "Register what bodies answered", ("kind",))
def collect_answers(done: Done) -> Mapping[str, Fact]:
    """Keep the answers that came in, late ones marked; the check goes on without the rest only where it is said why."""
    report = _LAST_CHECK.first(done.session, the_case=done.case.id)
    requests = [dict(one) for one in report.asked["requests"]]
    for place, row in enumerate(done.data.get("answers") or []):
        _answer(done, requests, place, row)
    still_open = [one for one in requests if not one.get("answered_on")]
    goes_on = str(done.data["next"])
    if goes_on == "report" and still_open and not text(done.data, "missing_why"):
        message = f"还有 {len(still_open)} 项没有反馈（{_names(still_open)}），请写明不再等待的原因。"
        raise Invalid(errors=[{"field": "missing_why", "message": message}])
    asked = {**report.asked, "requests": requests, "missing_why": text(done.data, "missing_why")}
    change(done.session, _KEEP_ITEMS, {"the_report": report.id, "the_items": asked}, must_hit=True)
    again = goes_on == "wait" and bool(still_open)
    return {"check_open": len(still_open), "check_waits": again, **keep(done)}


@task_operation("report_check", "出具核对报告", "Report the household check")
def report_check(done: Done) -> Mapping[str, Fact]:
    """Keep the result of the check; what nobody answered is named in it (DB-11, DB-12)."""
    report = _LAST_CHECK.first(done.session, the_case=done.case.id)
    result = str(done.data["result"])
    missing = [one for one in report.asked.get("requests", ()) if not one.get("answered_on")]
    said = [text(done.data, "summary")]
    if missing:
        said.append(f"尚未反馈：{_names(missing)}。{report.asked.get('missing_why', '')}")
    reported = {
        "the_report": report.id,
        "the_now": done.now,
        "the_actor": done.actor.id,
        "the_result": result,
        "the_items": {**report.asked, "findings": list(done.data.get("items") or [])},
        "the_summary": " ".join(filter(None, said)),
    }
    change(done.session, _REPORT, reported, must_hit=True)
    done.told["check"] = (reported["the_items"], reported["the_summary"])
    return {"check_result": result}


@service_operation("remind_bodies", "催办协查", "Remind the bodies that have not answered")
def remind_bodies(asked: Asked) -> None:
    """Send a letter to every body whose answer is still open; nothing once the report is made."""
    report = _LAST_CHECK.first(asked.session, the_case=asked.case.id)
    for one in report.asked["requests"]:
        if not one.get("answered_on") and report.reported_at is None:
            _letter(asked, "check_reminder", one)


@service_operation("reply_check", "回复核对结果", "Reply with the result of the check")
def reply_check(asked: Asked) -> None:
    """Tell whoever asked for a check what came of it: the result and the classes of data, never balances (S1-42)."""
    letters.issue(
        asked.session,
        case=asked.case,
        kind="check_reply",
        now=asked.now,
        actor=asked.actor,
        told=asked.told,
        extra={"check_result": asked.facts.get("check_result")},
    )


def _ask(done: Done) -> dict[str, Fact]:
    data = done.data
    wrong = [*_consents(done), *_supporters(data)]
    if wrong:
        raise Invalid(errors=[{"field": field, "message": why} for field, why in wrong])
    answer_by = _answer_by(done)
    requests = [
        {**row, "asked_on": done.today.isoformat(), "answer_by": answer_by.isoformat()}
        for row in data.get("requests") or []
    ]
    last = _LAST_CHECK.first(done.session, the_case=done.case.id)
    report = CheckReport(
        id=new_id(),
        case_id=done.case.id,
        round=last.round + 1 if last else 1,
        requested_at=done.task.opened_at,
        started_at=done.now,
        started_by=done.actor.id,
        items={
            "departments": list(data["departments"]),
            "supporters": list(data.get("supporters") or []),
            "requests": requests,
        },
    )
    add(done.session, report)
    for one in requests:
        _letter(done, "check_request", one)
    return {"check_open": len(requests)}


def _consents(done: Done) -> Iterator[Wrong]:
    """Every adult of the household consents in person; for a child the guardian does (S1-40, DB-06)."""
    rows = done.data.get("consents") or []
    adults, children = _household(done)
    if not rows:
        if done.case.procedure == _ALONE:
            yield "consents", "请逐人登记核对授权。"
        return
    given = {text(row, "member"): row for row in rows}
    for place, row in enumerate(rows):
        name = text(row, "member")
        if name not in adults | children:
            yield f"consents.{place}.member", f"家庭成员中没有“{name}”。"
        elif name in adults and row["by"] == "guardian" and not text(row, "note"):
            yield f"consents.{place}.note", "成年人由他人代为授权的，请写明无民事行为能力等情况和监护人。"
        elif name in children and row["by"] != "guardian":
            yield f"consents.{place}.by", "未成年人由监护人授权。"
        if date.fromisoformat(str(row["signed_on"])) > done.today:
            yield f"consents.{place}.signed_on", "日期不能晚于今天。"
    if absent := sorted((adults | children) - given.keys()):
        yield "consents", f"缺少{'、'.join(absent)}的核对授权；有成年成员不同意的，不能核对。"


def _household(done: Done) -> tuple[set[str], set[str]]:
    """Give the names of the adults and of the children; where the check stands alone, its opening form has them."""
    found = _MEMBERS.all(done.session, the_case=done.case.id)
    registered = _REGISTERED.first(done.session, the_case=done.case.id)
    children = {one.name for one in found if one.birth_date and is_child(one.birth_date, done.today)}
    adults = {one.name for one in found} - children
    for row in registered.data.get("members") or [] if registered else []:
        (adults if row["adult"] == "yes" else children).add(text(row, "name"))
    return adults, children


def _supporters(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """Ask nothing about those who owe support and live elsewhere, unless they consented themselves (S1-41)."""
    rows = data.get("supporters") or []
    silent = {text(row, "name") for row in rows if row["consent"] != "given"}
    for place, row in enumerate(rows):
        if row["consent"] != "given" and row.get("queried"):
            yield (
                f"supporters.{place}.queried",
                "没有本人同意，不得查询家庭以外义务人的信息（社会救助法第四十一条）。",
            )
    for place, row in enumerate(data.get("requests") or []):
        if text(row, "about") in silent:
            yield (
                f"requests.{place}.about",
                "没有本人同意，不得查询家庭以外义务人的信息（社会救助法第四十一条）。",
            )


def _rest_on_status(done: Done) -> None:
    """Take a status in force as the result, where the assistance asked for is another one (S1-42)."""
    if done.case.procedure in _MUST_CHECK:
        message = "认定、核查本类救助须核对家庭经济状况；互认只用于其他社会救助。"
        raise Invalid(errors=[{"field": "way", "message": message}])
    found = []
    for place, row in enumerate(done.data["recognised"]):
        values = {
            "the_procedure": row["status"],
            "the_number": text(row, "case_number"),
            "the_day": done.today,
        }
        benefit = _IN_FORCE.first(done.session, **values, the_case=done.case.id)
        if benefit is None:
            field = f"recognised.{place}.case_number"
            raise Invalid(
                errors=[{"field": field, "message": "没有查到这个家庭在效的确认结果，请核对案号。"}]
            )
        found.append(f"{_STATUSES[row['status']]}（{benefit.case_number}）")
    add(
        done.session,
        CheckReport(
            id=new_id(),
            case_id=done.case.id,
            requested_at=done.task.opened_at,
            started_at=done.now,
            started_by=done.actor.id,
            reported_at=done.now,
            reported_by=done.actor.id,
            result="clear",
            items={"recognised": list(done.data["recognised"])},
            summary=f"已确认为{'、'.join(found)}，确认结果互认，不再重复核对。",
        ),
    )


def _answer(done: Done, requests: list[dict[str, Any]], place: int, row: Mapping[str, Any]) -> None:
    """Write an answer to the request that it is about; Invalid where nothing was asked, or the day cannot be."""
    waiting = [
        one
        for one in requests
        if one["body"] == row["body"] and one["item"] == row["item"] and not one.get("answered_on")
    ]
    if not waiting:
        message = f"没有等待{CHECK_BODIES[row['body']]}反馈的{CHECK_ITEMS[row['item']]}。"
        raise Invalid(errors=[{"field": f"answers.{place}.item", "message": message}])
    answered_on = str(row["answered_on"])
    if not waiting[0]["asked_on"] <= answered_on <= done.today.isoformat():
        message = "反馈日期不能早于协查日期，也不能晚于今天。"
        raise Invalid(errors=[{"field": f"answers.{place}.answered_on", "message": message}])
    late = answered_on > waiting[0]["answer_by"]
    waiting[0] |= {"answered_on": answered_on, "found": row["found"], "late": late}
    waiting[0]["finding"] = text(row, "finding")


def _names(requests: list[dict[str, Any]]) -> str:
    return "、".join(f"{CHECK_BODIES[one['body']]}的{CHECK_ITEMS[one['item']]}" for one in requests)


def _answer_by(done: Done) -> date:
    return local_day(workdays.due(done.now, _ANSWER_DAYS, "wd", done.calendar).at)


def _letter(where: Done | Asked, kind: str, request: Mapping[str, Any]) -> None:
    letters.issue(
        where.session,
        case=where.case,
        kind=kind,
        now=where.now,
        actor=where.actor,
        told=where.told,
        extra={
            "addressee": f"{CHECK_BODIES[request['body']]}单位",
            "asked": {**request, "item": CHECK_ITEMS[request["item"]]},
        },
    )


_STATUSES = {
    "destitute_support": "特困人员",
    "subsistence_allowance": "最低生活保障家庭",
    "marginal_household": "最低生活保障边缘家庭",
    "rigid_expenditure_household": "刚性支出困难家庭",
}
_THE_CASE = bindparam("the_case", type_=Uuid())
_CHECK = cast("Table", CheckReport.__table__)
_LAST_CHECK = Query(
    select(_CHECK.c.id, _CHECK.c["items"].label("asked"), _CHECK.c.round, _CHECK.c.reported_at)
    .where(_CHECK.c.case_id == _THE_CASE)
    .order_by(_CHECK.c.round.desc(), _CHECK.c.requested_at.desc())
    .limit(1)
)
_KEEP_ITEMS = (
    update(_CHECK).where(_CHECK.c.id == bindparam("the_report")).values({"items": bindparam("the_items")})
)
_REPORT = (
    update(_CHECK)
    .where(_CHECK.c.id == bindparam("the_report"))
    .values(
        {
            "reported_at": bindparam("the_now"),
            "reported_by": bindparam("the_actor"),
            "result": bindparam("the_result"),
            "items": bindparam("the_items"),
            "summary": bindparam("the_summary"),
        }
    )
)
_MEMBERS = Query(
    select(Member.name, Person.birth_date)
    .join(Person, Person.id == Member.person_id)
    .where(Member.case_id == _THE_CASE, Member.counted)
)
_REGISTERED = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "registration")
    .order_by(CaseRecord.recorded_at)
    .limit(1)
)
_PEOPLE = select(Member.person_id).where(Member.case_id == _THE_CASE)
_IN_FORCE = Query(
    select(Benefit.case_number)
    .where(
        Benefit.procedure == bindparam("the_procedure"),
        Benefit.case_number == bindparam("the_number"),
        Benefit.state == "active",
        Benefit.person_id.in_(_PEOPLE),
        or_(Benefit.until.is_(None), Benefit.until >= bindparam("the_day")),
    )
    .limit(1)
)
