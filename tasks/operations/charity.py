"""Referral to a charity: nothing about a person leaves the office without a consent that covers it (CS-01, CS-02, CS-06)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from jieban import rules, workdays
from jieban.areas.tables import Area
from jieban.care import supply
from jieban.care.words import CHARITY
from jieban.cases.tables import Application, Case
from jieban.clock import end_of_day, local_day, read_moment
from jieban.errors import Invalid
from jieban.people.id_numbers import check_id_number
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from tasks.operations.care_needs import latest
from tasks.operations.fact_days import tell_day
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_PARAMS = ("kind", "tell", "past", "stage")
SCOPE: dict[str, str] = {
    "name": "姓名",
    "sex_age": "性别、年龄",
    "phone": "联系电话",
    "id_number": "身份证号",
    "address": "住址",
    "family": "家庭情况",
    "difficulty": "困难情况和需求",
    "aid": "已获得的救助",
}
"""What a consent may cover."""

_TYPED = ("family", "difficulty", "aid")


@task_operation("take_consent", "登记本人同意", "Record the consent", _PARAMS)
def take_consent(done: Done) -> Mapping[str, Fact]:
    """Keep whether the person agrees, to what, and until when (CS-02). Tells `consent` (yes, no) and `consent_until`.

    Also used to renew: a later consent takes the place of the earlier one.
    """
    if done.data["consent"] != "yes":
        return {**keep(done), "consent": "no", "consent_until": None}
    done.day("given_on")
    until = date.fromisoformat(done.data["until"])
    if until <= done.today:
        raise Invalid(errors=[{"field": "until", "message": "同意的截止日期应在今天以后。"}])
    longest = rules.entry(done.rules, "charity.consent")
    last = local_day(workdays.due(done.now, int(longest.value), longest.unit, done.calendar).at)
    if until > last:
        message = f"一次同意最长 {int(longest.value)} 个月，最迟到 {last.isoformat()}；到期可以重新征得同意。"
        raise Invalid(errors=[{"field": "until", "message": message}])
    done.record("consent.given", {"scope": "、".join(_names(done.data["scope"])), "until": str(until)})
    return {**keep(done), "consent": "yes", "consent_until": end_of_day(until).isoformat()}


@task_operation("withdraw_consent", "登记撤回同意", "Record that the consent is withdrawn", _PARAMS)
def withdraw_consent(done: Done) -> Mapping[str, Fact]:
    """Keep that the person has withdrawn the consent: from now on nothing goes to a charity (CS-02)."""
    done.day("withdrawn_on")
    done.record("consent.withdrawn", {"on": str(done.data["withdrawn_on"])})
    return keep(done)


@task_operation("check_government_aid", "核实政府救助", "Check the aid of the government first", _PARAMS)
def check_government_aid(done: Done) -> Mapping[str, Fact]:
    """Keep whether government aid comes first (CS-01). Tells `government` (not_eligible, still_difficult, apply_first).

    A case that is named as the ground must be one of the same person, and closed.
    """
    number = text(done.data, "case_number")
    if number:
        found = _CASE.first(done.session, the_number=number)
        if found is None or done.case.applicant_id is None or found.applicant_id != done.case.applicant_id:
            raise Invalid(
                errors=[{"field": "case_number", "message": "没有找到本人的这件案件，请核对案号。"}]
            )
        if found.state == "open":
            message = "这件政府救助还在办理，办结后再判断是否转介。"
            raise Invalid(errors=[{"field": "case_number", "message": message}])
    return {**keep(done), "government": str(done.data["government"])}


@task_operation("send_referral", "转介给慈善组织", "Refer to a charity", _PARAMS)
def send_referral(done: Done) -> Mapping[str, Fact]:
    """Choose a charity and send what the consent covers; without a valid consent the step is refused (CS-02, CS-06).

    Tells `referral` (send, none), `sent` (how often something has been sent) and `answer_due` (charity.answer).
    """
    if done.data["referral"] == "none":
        return {**keep(done), "referral": "none", "answer_due": None}
    consent = valid_consent(done)
    label = text(done.data, "charity")
    line = supply.find(done.session, done.case.county_code, label)
    if line is None or not line.active or line.kind != CHARITY:
        raise _wrong("charity", "请从本县（市、区）供给清单中选择慈善组织的项目。")
    if line.free == 0:
        raise _wrong("charity", f"“{label}”的名额已满，请选择其他项目。")
    if label in _declined(done):
        raise _wrong("charity", f"“{label}”已经谢绝过本次转介，请选择其他组织。")
    fields = list(done.data["fields"])
    if beyond := [SCOPE[name] for name in fields if name not in consent["scope"]]:
        raise _wrong("fields", f"本人没有同意提供：{'、'.join(beyond)}。")
    named = text(consent, "charity")
    if named and named not in label:
        raise _wrong("charity", f"本人只同意提供给“{named}”。")
    limit = rules.entry(done.rules, "charity.answer")
    due = tell_day(done, "answer_due", limit, done.now)
    added = {
        "provider": line.provider,
        "project": line.name,
        "charity_contact": f"{line.contact} {line.phone}".strip(),
        "consent_until": consent["until"],
        "answer_by": local_day(read_moment(due)).isoformat(),
        "sent": _values(done, fields),
    }
    kept = keep(replace(done, data={**done.data, **added}))
    done.record("referral.sent", {"to": label, "fields": "、".join(_names(fields))})
    times = int(done.facts.get("sent") or 0) + 1
    return {**kept, "referral": "send", "sent": times, "answer_due": due}


def valid_consent(done: Done) -> dict[str, Any]:
    """Give the consent that holds today; Invalid where there is none: then nothing leaves the office."""
    consent = latest(done.session, done.case.id, "consent")
    withdrawn = latest(done.session, done.case.id, "consent_withdrawn")
    if not consent or consent.get("consent") != "yes" or withdrawn:
        raise _wrong("charity", "没有本人的同意，不能把信息提供给慈善组织。")
    if date.fromisoformat(consent["until"]) < done.today:
        raise _wrong("charity", f"本人的同意已于 {consent['until']} 到期，须重新征得同意，才能转介。")
    return consent


def _values(done: Done, fields: list[str]) -> list[dict[str, str]]:
    """Take from the file exactly what is to be sent, in the order of the scope; Invalid where it is not there."""
    person = _PERSON.first(done.session, the_case=done.case.id)
    known = {"name": done.case.applicant_name, **{name: text(done.data, name) for name in _TYPED}}
    if person is not None:
        number = person.id_number or ""
        known |= {
            "phone": person.phone or "",
            "id_number": number,
            "address": f"{person.place or ''}{person.address or ''}",
            "sex_age": _sex_and_age(number, done.today),
        }
    typed = "\n".join(text(done.data, name) for name in ("why", *_TYPED))
    for name in ("name", "phone", "id_number"):
        if name not in fields and known.get(name) and known[name] in typed:
            raise _wrong("fields", f"“{SCOPE[name]}”没有勾选，却写在文字里，请删去。")
    for name in fields:
        if not known.get(name):
            at = name if name in _TYPED else "fields"
            raise _wrong(at, f"没有“{SCOPE[name]}”，请填写或者不勾选。")
    return [{"label": SCOPE[name], "value": known[name]} for name in SCOPE if name in fields]


def _sex_and_age(number: str, today: date) -> str:
    if not number:
        return ""
    read = check_id_number(number)
    born = read.birth_date
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{read.sex}，{age} 岁"


def _declined(done: Done) -> set[str]:
    """List whom this referral was sent to and who then said no."""
    return {
        str(row.data["charity"])
        for row in _ANSWERS.all(done.session, the_case=done.case.id)
        if row.data.get("answer") == "declined" and row.data.get("charity")
    }


@task_operation("hear_charity", "登记慈善组织回复", "Record the charity's answer", _PARAMS)
def hear_charity(done: Done) -> Mapping[str, Fact]:
    """Keep what the charity answered, beside its name (CS-06). Tells `answer` (accepted, declined)."""
    done.day("answered_on")
    asked = latest(done.session, done.case.id, "referral")
    kept = keep(replace(done, data={**done.data, "charity": asked["charity"]}))
    return {**kept, "answer": str(done.data["answer"])}


@task_operation("remind_charity", "催办", "Remind the charity", _PARAMS)
def remind_charity(done: Done) -> Mapping[str, Fact]:
    """Keep how the charity was reminded: silence is no answer. Tells `reminded` (wait, next), and anew `answer_due`."""
    limit = rules.entry(done.rules, "charity.answer")
    due = tell_day(done, "answer_due", limit, done.now)
    return {**keep(done), "reminded": str(done.data["reminded"]), "answer_due": due}


def _names(fields: list[str]) -> list[str]:
    return [SCOPE[name] for name in SCOPE if name in fields]


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(errors=[{"field": field, "message": message}])


_THE_CASE = bindparam("the_case", type_=Uuid())
_CASE = Query(select(Case.id, Case.applicant_id, Case.state).where(Case.number == bindparam("the_number")))
_PERSON = Query(
    select(Person.id_number, Person.phone, Application.address, Area.full_name.label("place"))
    .select_from(Case)
    .join(Person, Person.id == Case.applicant_id)
    .outerjoin(Application, Application.case_id == Case.id)
    .outerjoin(Area, Area.code == Case.village_code)
    .where(Case.id == _THE_CASE)
)
_ANSWERS = Query(select(CaseRecord.data).where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "answer"))
