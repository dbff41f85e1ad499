"""One application for all: papers examined once, a kind chosen in order, linked cases, and what other departments do (GX-09, SL-01 to SL-05)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from jieban.cases.tables import Case
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.links.tables import CaseLink
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import add
from notifications import letters
from notifications.letters.kinds.one_application import ITEMS
from tasks.operations.acceptance import examine_papers
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, ToOpen, service_operation, task_operation
from tasks.operations.staffing import text

ORDER = ("destitute", "subsistence", "marginal", "rigid")
_NAMES = {
    "destitute": "特困人员救助供养",
    "subsistence": "最低生活保障",
    "marginal": "低保边缘家庭",
    "rigid": "刚性支出困难家庭",
    "none": "都不符合",
}
_FOUND_BY_CHECK = (
    "不动产",
    "房产证明",
    "无房证明",
    "社保",
    "社会保险",
    "纳税",
    "公积金",
    "银行流水",
    "存款证明",
    "车辆",
    "婚姻登记证明",
    "死亡证明",
    "营业执照",
    "户籍证明",
)
"""What the household check finds out, by the names under which offices used to ask for it (SL-05)."""

_THE_CASE = bindparam("the_case", type_=Uuid())
_RECORD = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == bindparam("the_kind"))
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_TRIED = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "kind_confirmed")
    .order_by(CaseRecord.recorded_at)
)
_LINKED = Query(
    select(Case.number, Case.procedure, Case.state, Case.outcome)
    .join(CaseLink, CaseLink.to_id == Case.id)
    .where(CaseLink.from_id == _THE_CASE)
    .order_by(CaseLink.linked_at, Case.number)
)


@task_operation("examine_once", "一次审查材料", "Examine the papers once", ("level", "held"))
def examine_once(done: Done) -> Mapping[str, Fact]:
    """Examine the papers of every kind of assistance at once; what the check finds out is not asked for (SL-05, CF-12)."""
    errors = [
        {
            "field": f"missing.{place}.name",
            "message": f"“{text(row, 'name')}”能通过家庭经济状况核对查到，不得要求提供（社会救助法第六十二条）。",
        }
        for place, row in enumerate(done.data.get("missing") or [])
        if any(word in text(row, "name") for word in _FOUND_BY_CHECK)
    ]
    if errors:
        raise Invalid(errors=errors)
    return examine_papers(done)


@service_operation("propose_kind", "记下建议类别", "Keep the kind that a table proposes", ("fact",))
def propose_kind(asked: Asked) -> None:
    """Put on record which kind the table came to, and why, for whoever confirms it."""
    kind = str(asked.facts[asked.params["fact"]])
    reason = asked.facts.get("kind_reason") if asked.params["fact"] == "household_kind" else "顺序在后的一类"
    record = CaseRecord(
        id=new_id(),
        case_id=asked.case.id,
        kind="kind_proposed",
        title="对照条件得出的类别",
        element="",
        form="kind_proposed",
        data={"kind": kind, "reason": str(reason or "")},
        task_id=None,
        recorded_by=None,
        recorded_by_name="",
        recorded_at=asked.now,
    )
    add(asked.session, record)


@task_operation("confirm_kind", "确认办理类别", "Confirm the kind", ("kind",), duty="propose")
def confirm_kind(done: Done) -> Mapping[str, Fact]:
    """Take the kind that the table proposes, or another with a reason; none that was tried before, and in order (GX-09)."""
    kind = str(done.data["kind"])
    tried = [row.data["kind"] for row in _TRIED.all(done.session, the_case=done.case.id)]
    proposed = str(done.facts["next_kind"] if tried else done.facts["household_kind"])
    wrong = _wrong_kind(kind, tried)
    if not wrong and kind != proposed and not text(done.data, "reason"):
        wrong = "reason", f"对照条件得出的是“{_NAMES.get(proposed, proposed)}”，选择其他类别的请写明理由。"
    if wrong:
        raise Invalid(errors=[{"field": wrong[0], "message": wrong[1]}])
    return {**keep(done), "kind": kind}


def _wrong_kind(kind: str, tried: list[str]) -> tuple[str, str] | None:
    if kind in tried:
        return "kind", "这一类已经办理过，请选择顺序在后的类别。"
    if kind in ORDER and any(ORDER.index(kind) < ORDER.index(one) for one in tried):
        return "kind", "按特困、低保、边缘、刚性支出的顺序办理，请选择顺序在后的类别。"
    return None


@service_operation("open_kind", "立案办理", "Open the case of a kind", ("procedure", "statement"))
def open_kind(asked: Asked) -> None:
    """Open the case of the confirmed kind with the day on which the whole application was accepted (GX-09).

    Its opening form takes over what was registered here, and of `statement` what only this kind asks for.
    """
    registered = _data(asked, "registration")
    data: dict[str, Any] = {
        name: registered[name] for name in ("residence", "declared") if registered.get(name)
    }
    if kind := asked.params.get("statement"):
        data = _data(asked, kind)
    elif asked.params["procedure"] == "subsistence_allowance":
        data = {}
    elif asked.params["procedure"] == "marginal_household":
        data.pop("declared", None)
    facts: dict[str, Fact] = {}
    if asked.case.accepted_at:
        facts["accepted_with"] = asked.case.accepted_at.isoformat()
    asked.to_open.append(ToOpen(asked.params["procedure"], "one_application", facts, data))


@task_operation("tell_linked", "告知立案情况", "Tell which cases were opened", ("kind",))
def tell_linked(done: Done) -> Mapping[str, Fact]:
    """Hand out the one sheet that lists every case that came out of the application, under one receipt."""
    done.day("told_on")
    _letter(done, "one_acceptance")
    return keep(done)


@task_operation("refer_items", "转办其他部门", "Refer to other departments", ("kind",))
def refer_items(done: Done) -> Mapping[str, Fact]:
    """Hand every item to the department that it is for, one letter each, and tell the applicant of all at once (SL-01)."""
    rows = list(done.data["items"])
    errors = [
        {
            "field": f"items.{place}.department",
            "message": "教育救助向就读学校提出，由学校实施，请写学校名称（社会救助法第三十八条）。",
        }
        for place, row in enumerate(rows)
        if row["item"] == "education" and not _is_school(text(row, "department"))
    ]
    if errors:
        raise Invalid(errors=errors)
    for row in rows:
        extra = {
            "addressee": text(row, "department"),
            "item_name": ITEMS[row["item"]],
            "why": text(row, "why"),
        }
        _letter(done, "one_transfer", **extra)
    facts = keep(done)
    _letter(done, "one_transfer_notice")
    return {**facts, "referred": len(rows)}


@task_operation("follow_referrals", "跟踪转办结果", "Follow the referrals", ("kind",))
def follow_referrals(done: Done) -> Mapping[str, Fact]:
    """Keep what the departments answered; whoever asks at the window is told there (section F of the rules)."""
    return {**keep(done), "referrals": str(done.data["next"])}


@service_operation("tell_result", "办结告知", "Tell how all of it ended")
def tell_result(asked: Asked) -> None:
    """Send the one letter that says how every part of the application ended."""
    _letter(asked, "one_result")


def _is_school(name: str) -> bool:
    return any(
        word in name
        for word in ("学校", "小学", "中学", "学院", "大学", "幼儿园", "一中", "二中", "高中", "初中")
    )


def _data(asked: Asked, kind: str) -> dict[str, Any]:
    found = _RECORD.first(asked.session, the_case=asked.case.id, the_kind=kind)
    return dict(found.data) if found else {}


def _letter(where: Done | Asked, kind: str, **extra: str) -> None:
    linked = [
        {"number": row.number, "procedure": row.procedure, "state": row.outcome or row.state}
        for row in _LINKED.all(where.session, the_case=where.case.id)
    ]
    letters.issue(
        where.session,
        case=where.case,
        kind=kind,
        now=where.now,
        actor=where.actor,
        told=where.told,
        extra={"linked": linked, **extra},
    )
