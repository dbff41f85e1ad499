from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jieban.rules.precedence import displaces
from jieban.rules.sets import RuleEntry
from jieban.rules.tables import RuleValue


def known_rules(session: Session, day: date) -> list[RuleEntry]:
    """List every rule that holds somewhere on a day, with the value that holds everywhere where there is one."""
    query = select(RuleValue).where(
        RuleValue.effective_from <= day,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= day),
    )
    names = [name for name in RuleEntry.__dataclass_fields__ if name != "key"]
    found: dict[str, RuleValue] = {}
    # The shortest code comes last, and so the value for everywhere.
    for row in session.scalars(query.order_by(RuleValue.area_code.desc(), RuleValue.effective_from)):
        before = found.get(row.key)
        if before is None or before.area_code != row.area_code or displaces(row, before):
            found[row.key] = row
    return [
        RuleEntry(key=key, **{name: getattr(row, name) for name in names})
        for key, row in sorted(found.items())
    ]
