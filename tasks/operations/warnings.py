"""What follows from a warning that was checked: four ways, or none (JC-07)."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from jieban.areas.tables import Area
from jieban.errors import Invalid
from jieban.reads import Query
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

ELSEWHERE = "department"
_VILLAGE = Query(
    select(Area.code).where(Area.code == bindparam("the_code"), Area.level == "village").limit(1)
)


@task_operation(
    "dispose_warning", "处置预警", "Decide on a warning", ("kind", "tell", "past", "stage"), duty="decide"
)
def dispose_warning(done: Done) -> Mapping[str, Fact]:
    """Keep which of the four cases it is (JC-07); whoever is to apply needs a village, where the case names none.

    Tells `village` as the place of the application, empty where that of the case is meant.
    """
    outcome = str(done.data["outcome"])
    applies = (
        outcome == "may_qualify" and done.data.get("wants") == "yes" and done.data.get("target") != ELSEWHERE
    )
    village = text(done.data, "village")
    if applies and not (village or done.case.village_code):
        raise _wrong("登记预警时没有写明村（社区），请选择。")
    if village and not (
        village.startswith(done.case.county_code) and _VILLAGE.scalar(done.session, the_code=village)
    ):
        raise _wrong("请从列表中选择本县（市、区）的村（社区）。")
    done.record("warning.disposed", {"outcome": outcome, "target": text(done.data, "target")})
    return keep(done)


def _wrong(message: str) -> Invalid:
    return Invalid(errors=[{"field": "village", "message": message}])
