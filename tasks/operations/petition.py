"""A petition: told in time where it goes, accepted by a named handler, led into the procedure where it belongs (XF-01…XF-10)."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Uuid, bindparam, select

from jieban import rules, workdays
from jieban.clock import read_moment, start_of_day
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from tasks.operations.handing_over import own_office, tell_first_receiver
from tasks.operations.hotline import need_of
from tasks.operations.longer import must_be_in_time
from tasks.operations.records import keep
from tasks.operations.recusal import register_recusals
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.review import serve_letter
from tasks.operations.staffing import text

_KEPT = ("kind", "tell", "past", "stage")
_OPINION = Query(
    select(CaseRecord.__table__.c.data.label("said"))
    .where(
        CaseRecord.case_id == bindparam("the_case", type_=Uuid()),
        CaseRecord.kind == bindparam("the_kind"),
    )
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_STAFF = Query(
    select(User.name, User.active, User.area_code).where(User.username == bindparam("the_username"))
)


@task_operation("classify_petition", "登记甄别", "Sort a petition", _KEPT)
def classify_petition(done: Done) -> Mapping[str, Fact]:
    """Decide whose a petition is: accepted by a named handler of this office, transferred, or led elsewhere (XF-02, XF-04).

    An objection to what was transferred here needs its reasons within the limit from its receipt (XF-03). What the law
    lets another procedure settle is led into it, and is not decided as a petition.
    """
    action = str(done.data["action"])
    if names := register_recusals(done):
        done.record("matter.recused", {"names": "、".join(names)})
    if action == "object":
        _object(done)
    if action == "accept":
        handler = _handler(done)
        done.record("petition.accepted", {"unit": own_office(done), "handler": handler})
        named = replace(done, data={**done.data, "handler_name": handler})
        # Acceptance happens in this very step; limits that the text counts from it start here (XF-05).
        return keep(named) | {"accepted_at": done.now.isoformat()}
    return keep(done) | (need_of(done) if action == "apply" else {})


@task_operation("investigate_petition", "调查核实", "Investigate a petition", _KEPT, duty="investigate")
def investigate_petition(done: Done) -> Mapping[str, Fact]:
    """Keep what was heard and found; more time is asked for in time, and hardship leads to an application (XF-05, XF-08)."""
    if done.data["inquiry"] == "longer":
        must_be_in_time(done, "inquiry")
    helped = need_of(done) if done.data["hardship"] == "apply" else {}
    return keep(done) | helped


@task_operation("sign_opinion", "签发处理意见", "Sign the opinion", _KEPT, duty="decide")
def sign_opinion(done: Done) -> Mapping[str, Fact]:
    """Sign the opinion on a petition, or send the draft back.

    Where the organ above ordered it done again, the same opinion on the same reasons is refused (山东省信访条例 Article 45).
    """
    signed = str(done.data["signed"])
    if signed == "no":
        return {"signed": signed}
    earlier = _OPINION.first(done.session, the_case=done.case.id, the_kind=done.params["kind"])
    if earlier and all(earlier.said.get(name) == done.data.get(name) for name in ("opinion", "reasons")):
        message = "责令重新处理的，不得以同一事实和理由作出与原意见相同的意见。"
        raise Invalid(errors=[{"field": "opinion", "message": message}])
    done.record("petition.answered", {"opinion": text(done.data, "opinion")})
    return keep(done) | {"signed": signed}


@task_operation("serve_answer", "送达意见", "Serve the answer")
def serve_answer(done: Done) -> Mapping[str, Fact]:
    """Serve the last letter; tells `served_at`, from which the days run in which one may ask for a review (XF-06, XF-07)."""
    serve_letter(done)
    return {"served_at": start_of_day(done.day("served_on")).isoformat()}


@task_operation("answer_objection", "核实异议", "Answer the objection", _KEPT)
def answer_objection(done: Done) -> Mapping[str, Fact]:
    """Take a transferred petition back where the objection holds, or leave it where it was sent (XF-03).

    Tells `objection` (agreed, rejected), and where it was agreed the own office again as the one that deals with it.
    """
    answer = str(done.data["objection"])
    done.record(f"objection.{answer}", {"reason": text(done.data, "reason")})
    facts = keep(done) | {"objection": answer}
    return facts | {"office": own_office(done)} if answer == "agreed" else facts


@task_operation("ask_review", "登记复查复核请求", "Register a request for review", _KEPT)
def ask_review(done: Done) -> Mapping[str, Fact]:
    """Keep that the petitioner asks the next higher organ to look at it again; its limit runs from the request (XF-06)."""
    asked = start_of_day(done.day("asked_on"))
    done.record("petition.review_asked", {"asked": str(done.data["asked_on"])})
    tell_first_receiver(done, "信访人对您首接的事项请求复查或者复核。")
    return keep(done) | {"requested_at": asked.isoformat()}


def _object(done: Done) -> None:
    if done.facts.get("origin") == "direct":
        message = "信访人直接提出的事项，不能提出异议；请告知其向有权机关提出，或者转送。"
        raise Invalid(errors=[{"field": "action", "message": message}])
    start = done.facts.get("handed_at")
    entry = rules.entry(done.rules, "petition.objection")
    begin = read_moment(str(start)) if start else done.case.registered_at
    if workdays.due(begin, int(entry.value), entry.unit, done.calendar).at < done.now:
        message = "收到转送、交办后提出异议的期限已过，应当受理。"
        raise Invalid(errors=[{"field": "action", "message": message}])
    done.record("petition.objected", {"reason": text(done.data, "reason")})


def _handler(done: Done) -> str:
    user = _STAFF.first(done.session, the_username=text(done.data, "handler"))
    if user is None or not user.active or user.area_code != own_office(done):
        raise Invalid(errors=[{"field": "handler", "message": "请从本单位在岗人员中选择承办人。"}])
    return str(user.name)
