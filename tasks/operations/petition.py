"""A petition: told in time where it goes, accepted by a named handler, led into the procedure where it belongs (XF-01…XF-10)."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import bindparam, select

from jieban import rules, workdays
from jieban.clock import read_moment
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.staff.tables import User
from tasks.operations.handing_over import note, own_office, tell_first_receiver
from tasks.operations.records import keep
from tasks.operations.recusal import register_recusals
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_KEPT = ("kind", "tell", "past", "stage")
_STAFF = Query(
    select(User.name, User.active, User.area_code).where(User.username == bindparam("the_username"))
)


@task_operation("classify_petition", "登记甄别", "Sort a petition", _KEPT)
def classify_petition(done: Done) -> Mapping[str, Fact]:
    """Decide whose a petition is: accepted by a named handler of this office, transferred, or led elsewhere (XF-02, XF-04).

    An objection to what was transferred here needs its reasons within the limit from its receipt (XF-03).
    """
    action = str(done.data["action"])
    if names := register_recusals(done):
        note(done, "matter.recused", {"names": "、".join(names)})
    if action == "object":
        _object(done)
    if action == "accept":
        handler = _handler(done)
        note(done, "petition.accepted", {"unit": own_office(done), "handler": handler})
        return keep(replace(done, data={**done.data, "handler_name": handler}))
    return keep(done)


@task_operation("answer_objection", "核实异议", "Answer the objection", _KEPT)
def answer_objection(done: Done) -> Mapping[str, Fact]:
    """Take a transferred petition back where the objection holds, or leave it where it was sent (XF-03).

    Tells `objection` (agreed, rejected), and where it was agreed the own office again as the one that deals with it.
    """
    answer = str(done.data["objection"])
    note(done, f"objection.{answer}", {"reason": text(done.data, "reason")})
    facts = keep(done) | {"objection": answer}
    return facts | {"office": own_office(done)} if answer == "agreed" else facts


@task_operation("ask_review", "登记复查复核请求", "Register a request for review", _KEPT)
def ask_review(done: Done) -> Mapping[str, Fact]:
    """Keep that the petitioner asks the next higher organ to look at it again; its limit runs from the request (XF-06)."""
    tell_first_receiver(done, "信访人对您首接的事项请求复查或者复核。")
    return keep(done) | {"requested_at": done.now.isoformat()}


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
    note(done, "petition.objected", {"reason": text(done.data, "reason")})


def _handler(done: Done) -> str:
    user = _STAFF.first(done.session, the_username=text(done.data, "handler"))
    if user is None or not user.active or not done.task.town_code.startswith(user.area_code or "-"):
        raise Invalid(errors=[{"field": "handler", "message": "请从本单位在岗人员中选择承办人。"}])
    return str(user.name)
