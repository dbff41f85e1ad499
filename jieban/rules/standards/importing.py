"""Loading standards: looked at first, confirmed with a second act, undone as long as nothing has come into force."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from jieban.audit.tables import AdminEvent
from jieban.clock import local_day
from jieban.errors import Conflict, Invalid, NotFound
from jieban.ids import new_id
from jieban.rules.standards.planning import Plan, make_plan
from jieban.rules.standards.reading import Wanted
from jieban.rules.standards.values import day_before, snapshot
from jieban.rules.tables import RuleValue
from jieban.staff.actor import Actor

PREVIEWED, IMPORTED, UNDONE = "rules.previewed", "rules.imported", "rules.undone"
_DAYS = ("effective_from", "effective_to")
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Preview:
    """What somebody wants to load, as it was recorded, and what has become of it."""

    id: uuid.UUID
    at: datetime
    by: str
    file: str
    sha256: str
    wanted: tuple[Wanted, ...]
    bases: tuple[Wanted, ...]
    imported: AdminEvent | None
    undone: AdminEvent | None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was written: the rows of the table before and after, [] where nothing was confirmed."""
        return list(self.imported.data["rows"]) if self.imported else []

    def can_be_undone(self, today: date) -> bool:
        """Tell whether it was confirmed and nothing of it holds yet."""
        if self.imported is None or self.undone:
            return False
        return date.fromisoformat(self.imported.data["first_day"]) > today


@dataclass(frozen=True)
class Past:
    """An import that was confirmed."""

    preview_id: uuid.UUID
    at: datetime
    by: str
    file: str
    changes: int
    first_day: date
    undone: AdminEvent | None

    def can_be_undone(self, today: date) -> bool:
        return self.undone is None and self.first_day > today


def record_preview(
    session: Session,
    actor: Actor | None,
    now: datetime,
    *,
    file: str,
    sha256: str,
    wanted: Iterable[Wanted],
    bases: Iterable[Wanted] = (),
) -> uuid.UUID:
    """Write down what somebody is about to load; nothing is changed. Return its id for `confirm`."""
    data = {
        "file": file[-200:],
        "sha256": sha256,
        "wanted": [one.to_json() for one in wanted],
        "bases": [one.to_json() for one in bases],
    }
    preview_id = new_id()
    _record(session, preview_id, PREVIEWED, actor, now, data)
    return preview_id


def find_preview(session: Session, preview_id: uuid.UUID) -> Preview:
    """Load what was recorded, or raise NotFound."""
    event = session.get(AdminEvent, preview_id)
    if event is None or event.kind != PREVIEWED:
        raise NotFound
    return Preview(
        id=event.id,
        at=event.at,
        by=event.actor_name,
        file=event.data["file"],
        sha256=event.data["sha256"],
        wanted=tuple(map(Wanted.from_json, event.data["wanted"])),
        bases=tuple(map(Wanted.from_json, event.data["bases"])),
        imported=session.get(AdminEvent, _named(preview_id, IMPORTED)),
        undone=session.get(AdminEvent, _named(preview_id, UNDONE)),
    )


def plan_of(session: Session, actor: Actor | None, now: datetime, preview: Preview) -> Plan:
    """Work out what a recorded preview would change now."""
    within = actor.area_code if actor else None
    return make_plan(session, within, local_day(now), preview.wanted, preview.bases)


def confirm(
    session: Session, actor: Actor | None, now: datetime, preview_id: uuid.UUID, *, warnings_read: bool
) -> Plan:
    """Make the values of a preview valid, as one recorded act; an earlier value ends the day before.

    Without an actor the command line acts. No amount of a running benefit changes by it.
    """
    if actor:
        actor.require("rules.edit")
    _one_at_a_time(session)
    preview = find_preview(session, preview_id)
    if preview.imported:
        raise Conflict("这份导入已经确认过。")
    plan = plan_of(session, actor, now, preview)
    if plan.rejected:
        raise Invalid("有内容不能导入，请按提示改正后重新上传。")
    if not plan.changes:
        raise Invalid("没有需要更改的值。")
    if plan.warnings and not warnings_read:
        raise Invalid("请先逐条核对提示，并勾选“已核对”。")
    rows = _write(session, plan)
    data = {
        "file": preview.file,
        "sha256": preview.sha256,
        "preview": str(preview_id),
        "rows": rows,
        "changes": len(plan.changes),
        "first_day": str(plan.first_day),
    }
    _record(session, _named(preview_id, IMPORTED), IMPORTED, actor, now, data)
    return plan


def undo(session: Session, actor: Actor | None, now: datetime, preview_id: uuid.UUID) -> None:
    """Take an import back before anything of it has come into force, as a recorded act.

    Its rows stay in the table, ended before they begin, since processes tell by the number of rows what is new.
    """
    if actor:
        actor.require("rules.edit")
    _one_at_a_time(session)
    preview = find_preview(session, preview_id)
    if preview.imported is None:
        raise NotFound
    if preview.undone:
        raise Conflict("这次导入已经撤销。")
    rows = preview.rows
    within = (actor.area_code if actor else None) or ""
    if any(not row["after"]["area_code"].startswith(within) for row in rows):
        raise NotFound
    if not preview.can_be_undone(local_day(now)):
        raise Invalid("其中的值已经施行，不能撤销；请用新的生效日期导入更正后的值。")
    for row in rows:
        _restore(session, row)
    data = {"file": preview.file, "sha256": preview.sha256, "preview": str(preview_id), "rows": rows}
    _record(session, _named(preview_id, UNDONE), UNDONE, actor, now, data)


def past_imports(session: Session, within: str | None) -> list[Past]:
    """List the last imports that were confirmed within an area, newest first."""
    query = select(AdminEvent).where(AdminEvent.kind == IMPORTED).order_by(AdminEvent.at.desc()).limit(200)
    found = []
    for event in session.scalars(query):
        rows = event.data.get("rows") or ()  # a file of yaml is recorded without them
        if rows and all(row["after"]["area_code"].startswith(within or "") for row in rows):
            preview_id = uuid.UUID(event.data["preview"])
            found.append(
                Past(
                    preview_id=preview_id,
                    at=event.at,
                    by=event.actor_name,
                    file=event.data["file"],
                    changes=event.data["changes"],
                    first_day=date.fromisoformat(event.data["first_day"]),
                    undone=session.get(AdminEvent, _named(preview_id, UNDONE)),
                )
            )
    return found[:_MOST_SHOWN]


def _write(session: Session, plan: Plan) -> list[dict[str, Any]]:
    written = []
    for area_code, key in sorted({(one.new.area_code, one.new.key) for one in plan.changes}):
        there = {row.id: row for row in plan.before.own(area_code, key)}
        for value in sorted(plan.after.own(area_code, key), key=lambda one: one.effective_from):
            before = there.get(value.id)
            if value == before:
                continue
            row_id = value.id or new_id()
            if before is None:
                session.add(RuleValue(id=row_id, **snapshot(value)))
            else:
                _set(session.get_one(RuleValue, row_id), snapshot(value))
            written.append(
                {
                    "id": str(row_id),
                    "before": _to_json(snapshot(before)) if before else None,
                    "after": _to_json(snapshot(value)),
                }
            )
    return written


def _restore(session: Session, row: Mapping[str, Any]) -> None:
    found = session.get(RuleValue, uuid.UUID(row["id"]))
    if found is None or _to_json(snapshot(found)) != row["after"]:
        raise Conflict("此后又有导入改动了同一项目，请先撤销后来的导入。")
    if row["before"] is not None:
        _set(found, _from_json(row["before"]))
    else:
        found.effective_to = day_before(found.effective_from)
        found.note = f"{found.note}已撤销，没有施行。"


def _set(row: RuleValue, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in _DAYS and value else value
        for name, value in values.items()
    }


def _one_at_a_time(session: Session) -> None:
    """Let nobody else load values meanwhile; whoever reads goes on. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE rule_value IN SHARE ROW EXCLUSIVE MODE"))


def _named(preview_id: uuid.UUID, kind: str) -> uuid.UUID:
    """Name what becomes of a preview, so that it can happen once only."""
    return uuid.uuid5(preview_id, kind)


def _record(
    session: Session,
    event_id: uuid.UUID,
    kind: str,
    actor: Actor | None,
    now: datetime,
    data: Mapping[str, Any],
) -> None:
    session.add(
        AdminEvent(
            id=event_id,
            at=now,
            kind=kind,
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else "命令行",
            data=dict(data),
        )
    )


__all__ = [
    "IMPORTED",
    "PREVIEWED",
    "UNDONE",
    "Past",
    "Preview",
    "confirm",
    "find_preview",
    "past_imports",
    "plan_of",
    "record_preview",
    "undo",
]
