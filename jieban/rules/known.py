from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jieban.rules.sets import RuleEntry
from jieban.rules.tables import RuleValue


def known_rules(session: Session, day: date) -> list[RuleEntry]:
    """List every rule that holds somewhere on a day, with the value that holds everywhere where there is one."""
    query = select(RuleValue).where(
        RuleValue.effective_from <= day,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= day),
    )
    names = [name for name in RuleEntry.__dataclass_fields__ if name != "key"]
    # The shortest code comes last, and so the value for everywhere.
    found = {
        row.key: RuleEntry(key=row.key, **{name: getattr(row, name) for name in names})
        for row in session.scalars(query.order_by(RuleValue.area_code.desc(), RuleValue.effective_from))
    }
    return sorted(found.values(), key=lambda one: one.key)
