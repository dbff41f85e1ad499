"""A matter of the 12345 hotline: sorted, handled, answered, and rated by whoever called (RX-01…RX-13)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, select

from jieban import rules, workdays
from jieban.areas.tables import Area
from jieban.clock import end_of_day, read_moment
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from tasks.operations import contacts
from tasks.operations.handing_over import ask_to_assist, own_office, tell_first_receiver
from tasks.operations.longer import must_be_in_time, running_clock
from tasks.operations.records import keep
from tasks.operations.recusal import register_recusals
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_KEPT = ("kind", "tell", "past", "stage")
_VILLAGE = Query(select(Area.code).where(Area.code == bindparam("the_code"), Area.level == "village"))
_PERSON = cast("Table", Person.__table__)
_CALLER = Query(
    select(_PERSON.c.name, _PERSON.c.phone, _PERSON.c.id_number).where(
        _PERSON.c.id == bindparam("the_person", type_=Uuid())
    )
)


@task_operation("triage_matter", "登记分办", "Sort a hotline matter", _KEPT, duty="propose")
def triage_matter(done: Done) -> Mapping[str, Fact]:
    """Decide what becomes of a call: answer, handle, dispatch, return, not accept, or start an application (RX-01).

    A return to the hotline must be in time, and what a higher office designated cannot be returned (RX-04). An answer
    at once is the reply. Tells also when the limit to finish ends, so that a matter that is late is followed up.
    """
    action = str(done.data["action"])
    if names := register_recusals(done):
        done.record("matter.recused", {"names": "、".join(names)})
    facts: dict[str, Fact] = {"finish_due": _finish_due(done)}
    if action == "return":
        _return_to_hotline(done)
    if action == "handle":
        facts |= ask_to_assist(done, own_office(done))
    if action == "answer":
        _keep_reply(done, text(done.data, "answer"))
    if action == "apply":
        facts |= need_of(done)
    return keep(done) | facts


@task_operation("handle_matter", "办理热线事项", "Handle a hotline matter", _KEPT, duty="investigate")
def handle_matter(done: Done) -> Mapping[str, Fact]:
    """Keep what was found and done, or what stands in the way (RX-05); more time is asked for in time only (RX-03).

    What the accused office is asked must not say who complained (RX-10). Tells `promised_at`, the end of the day by
    which the matter is to be done where the law gives longer, or it cannot be done now.
    """
    result = str(done.data["result"])
    facts: dict[str, Fact] = {}
    if result == "extension":
        must_be_in_time(done, "result")
    if result == "ask_accused":
        _say_nothing_of_the_caller(done)
    if result == "application":
        facts |= need_of(done)
    promised = {"longer": "legal_due", "later": "promised_on"}.get(result)
    if promised:
        day = date.fromisoformat(str(done.data[promised]))
        if day <= done.today:
            raise Invalid(errors=[{"field": promised, "message": "应当是今天以后的日期。"}])
        facts |= {"promised_at": end_of_day(day).isoformat(), "answered": True}
        done.record("matter.interim", {"result": result, "promised": day.isoformat()})
        contacts.interim_reply(done, "letter", f"告知进展，{day.isoformat()} 前再反馈。", end_of_day(day))
    return keep(done) | facts


@task_operation("reply_matter", "答复来电人", "Reply to the caller", _KEPT)
def reply_matter(done: Done) -> Mapping[str, Fact]:
    """Keep the reply to the caller and the feedback to the hotline, and whether it came in time (RX-02)."""
    clock = running_clock(done)
    late = bool(clock and clock.due_at < done.now)
    done.record("matter.replied", {"by": own_office(done), "how": text(done.data, "how"), "late": late})
    contacts.feed_back(done, text(done.data, "how"), text(done.data, "content"))
    tell_first_receiver(done, f"您首接的事项已由{done.actor.unit}答复，请回访。")
    return keep(done) | {"replied_late": late, "answered": True}


@task_operation("revisit_matter", "回访评价", "Ask the caller back", _KEPT)
def revisit_matter(done: Done) -> Mapping[str, Fact]:
    """Keep how the caller rates what was done, and count how often it was asked (RX-06)."""
    times = int(done.facts.get("revisits") or 0) + 1
    rating, carried_out = str(done.data["rating"]), str(done.data["carried_out"])
    done.record("matter.rated", {"rating": rating, "carried_out": carried_out, "times": times})
    contacts.rated(done, rating, text(done.data, "comment"), again=carried_out == "no")
    return keep(done) | {"rating": rating, "carried_out": carried_out, "revisits": times}


def need_of(done: Done) -> dict[str, Fact]:
    """Read which application a matter really is, and of which village; tells `need`, `lane` and `village`."""
    code = text(done.data, "village") or done.case.village_code or ""
    if not code.startswith(done.case.county_code) or not _VILLAGE.first(done.session, the_code=code):
        message = "请选择申请人所在的村（社区），以便转入申请。"
        raise Invalid(errors=[{"field": "village", "message": message}])
    return {"need": text(done.data, "need"), "lane": text(done.data, "lane") or None, "village": code}


def _finish_due(done: Done) -> str:
    given = done.facts.get("dispatched_at")
    start = read_moment(str(given)) if given else done.case.registered_at
    return _due(done, "hotline.finish", start).isoformat()


def _due(done: Done, key: str, start: datetime) -> datetime:
    entry = rules.entry(done.rules, key)
    return workdays.due(start, int(entry.value), entry.unit, done.calendar).at


def _return_to_hotline(done: Done) -> None:
    given = done.facts.get("dispatched_at")
    if not given:
        message = "不是热线派来的工单，不能退回热线；请转办或者告知正确途径。"
        raise Invalid(errors=[{"field": "action", "message": message}])
    if done.facts.get("designated"):
        message = "本工单由上级指定承办，不得退回。"
        raise Invalid(errors=[{"field": "action", "message": message}])
    if _due(done, "hotline.return", read_moment(str(given))) < done.now:
        message = "退回期限已过，请转办或者办理，并在期限内答复。"
        raise Invalid(errors=[{"field": "action", "message": message}])
    done.record("matter.returned", {"reason": text(done.data, "reason")})


def _keep_reply(done: Done, answer: str) -> None:
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="reply",
        title="当场答复",
        element=done.task.element,
        form="",
        data={"content": answer, "how": "at_once", "replied_on": done.today.isoformat()},
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:reply", record)
    done.record("matter.replied", {"by": own_office(done), "how": "at_once", "late": False})
    contacts.feed_back(done, "phone", answer)


def _say_nothing_of_the_caller(done: Done) -> None:
    if not done.case.withheld_from:
        message = "没有登记被投诉、举报的单位，不需要请其说明。"
        raise Invalid(errors=[{"field": "result", "message": message}])
    caller = _CALLER.first(done.session, the_person=done.case.applicant_id)
    question = text(done.data, "question")
    if any(word and word in question for word in caller):
        message = "要求说明的内容不得写入来电人的姓名、电话和证件号。"
        raise Invalid(errors=[{"field": "question", "message": message}])
