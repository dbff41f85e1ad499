"""Opening a case at the edge: who may, what is wrong with it, and then one transaction up to the first task."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.lookup import full_name
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import Invalid, NotAllowed
from jieban.intake.applications import NewApplication, NewMatter
from jieban.intake.checks import check
from jieban.intake.matters import ACCUSED_STAFF, check_matter
from jieban.staff.actor import Actor
from workflows import opening as openings
from workflows.linking import open_all
from workflows.registering import Around, register_application, register_matter
from workflows.taking import look_around


def open_case(
    session: Session,
    actor: Actor,
    now: datetime,
    application: NewApplication,
    *,
    procedure: str = "subsistence_allowance",
    sample: bool = False,
) -> Case:
    """Register an application: people, household, first-contact record and receipt, and the first task.

    Raises NotAllowed outside the actor's area and Invalid with one error per field.
    """
    actor.require("case.register")
    # A code that no place has is told by the check below, not as somebody else's place.
    if not actor.covers(application.village_code[:9]) and full_name(
        session, application.village_code, unknown=""
    ):
        raise NotAllowed("只能登记本乡镇（街道）辖区内的申请。")
    calendar = look_around(session)
    if errors := check(application, session, local_day(now), procedure=procedure, hold=True):
        raise Invalid(errors=[{"field": one["field"], "message": one["message"]} for one in errors])
    beginning = openings.beginning_of(session, procedure)
    if beginning.opening.kind != "household":
        raise Invalid("本事项不是家庭申请，请在“登记事项”中办理。")
    openings.check_data(session, beginning, application.extra, now)
    around = Around(session, actor, now, calendar, actor, sample)
    case, wishes = register_application(around, application, beginning)
    open_all(session, actor, now, case, wishes)
    return case


def open_matter(
    session: Session,
    actor: Actor,
    now: datetime,
    matter: NewMatter,
    *,
    procedure: str,
    sample: bool = False,
) -> Case:
    """Register one person's matter, or one of the office itself, by the opening form of its procedure.

    Raises NotAllowed outside the actor's area or for a role that the model does not name, and Invalid per field.
    """
    beginning = openings.beginning_of(session, procedure)
    if not openings.may_open(actor, beginning):
        raise NotAllowed("您的岗位不能登记本事项。")
    if beginning.opening.kind == "household":
        raise Invalid("本事项按家庭申请登记，请在“登记申请”中办理。")
    if not actor.covers(matter.area_code):
        raise NotAllowed("只能登记本辖区内的事项。")
    calendar = look_around(session)
    personal = beginning.opening.kind == "person"
    if errors := check_matter(matter, session, personal=personal):
        raise Invalid(errors=[{"field": one["field"], "message": one["message"]} for one in errors])
    openings.check_data(session, beginning, matter.data, now)
    if matter.data.get(ACCUSED_STAFF) == actor.username:
        message = "投诉、举报的就是您本人，应当由他人登记办理。"
        raise Invalid(errors=[{"field": ACCUSED_STAFF, "message": message}])
    around = Around(session, actor, now, calendar, actor, sample)
    case, wishes = register_matter(around, matter, beginning)
    open_all(session, actor, now, case, wishes)
    return case


def case_by_number(session: Session, number: str) -> Case | None:
    """Find a case by its number."""
    return session.scalars(select(Case).where(Case.number == number)).one_or_none()
