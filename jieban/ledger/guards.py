"""The triggers that must stand on what is only added to, and whether they do."""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from jieban.errors import Invalid

_ID = ("id = NEW.id",)
_PLACE = "county_code = NEW.county_code AND seq = NEW.seq"
_KEYS = {
    "benefit_step": _ID,
    "case_event": _ID,
    "case_record": _ID,
    "contact_step": _ID,
    "ledger_head": (_PLACE,),
    "ledger_record": _ID,
    "ledger_seal": (_PLACE, "record_id = NEW.record_id"),
    "read_record": _ID,
}
APPEND_ONLY = tuple(_KEYS)
"""The tables whose rows are never changed; the migrations make their triggers."""
_KNOWN = "EXISTS (SELECT 1 FROM {table} WHERE {same})"

_ON_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
# A trigger that was switched off, has a condition or calls another function is as good as none.
_ON_POSTGRESQL = text(
    "SELECT t.tgname AS name, concat_ws(' ', c.relname, t.tgtype, btrim(p.prosrc)) AS sql FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE c.relnamespace = current_schema()::regnamespace "
    "AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''"
)
_REFUSE = "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END"
_FUNCTION = f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ {_REFUSE} $$"
_ROW_CHANGED, _EMPTIED = 27, 34
"""How PostgreSQL notes BEFORE UPDATE OR DELETE FOR EACH ROW, and BEFORE TRUNCATE."""
_MAY_CHANGE = text(
    "SELECT has_table_privilege(CAST(:table AS text), 'UPDATE, DELETE, TRUNCATE, TRIGGER') "
    "OR has_any_column_privilege(CAST(:table AS text), 'UPDATE')"
)


@dataclass
class Guards:
    """Which triggers are missing, and what else the account that asks could do."""

    missing: list[str] = field(default_factory=list)
    """names of triggers that are not there, or are no longer what they were"""
    account: str = ""
    """on PostgreSQL, the account that asked"""
    may_change: list[str] = field(default_factory=list)
    """on PostgreSQL, the tables that this account has a right to change, so that the triggers alone stop it"""


def look_at_guards(session: Session) -> Guards:
    """Compare the triggers of a database with those that the migrations make."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    wanted = _on_postgresql() if postgresql else _on_sqlite()
    found = {row.name: row.sql for row in session.execute(_ON_POSTGRESQL if postgresql else _ON_SQLITE)}
    guards = Guards([name for name, made in wanted.items() if found.get(name) != made])
    if postgresql:
        guards.account = str(session.scalar(text("SELECT current_user")))
        guards.may_change = [table for table in APPEND_ONLY if session.scalar(_MAY_CHANGE, {"table": table})]
    return guards


def restore_guards(session: Session) -> list[str]:
    """Put back the triggers that are missing or were altered, and return their names.

    What was changed meanwhile stays changed. Invalid on PostgreSQL for an account that does not own the tables.
    """
    missing = look_at_guards(session).missing
    postgresql = session.get_bind().dialect.name == "postgresql"
    made = [text(_FUNCTION)] if postgresql and missing else []
    for name in missing:
        table = name.rpartition("_no_")[0]
        made.append(text(f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if postgresql else ''}"))
        made.append(text(_made_on_postgresql(table, name) if postgresql else _on_sqlite()[name]))
    try:
        for statement in made:
            session.execute(statement)
    except ProgrammingError as error:
        raise Invalid("触发器只有表的所有者能装上，请用所有者的数据库账户运行。") from error
    return missing


def guard_words(guards: Guards) -> str:
    """Say whether the guards stand, in a sentence or two."""
    if guards.missing:
        return (
            f"防护缺失：触发器 {'、'.join(guards.missing)} 已被删除、停用或者改动，数据库不再拒绝改写记录。"
            "请查明何人、何时所为，并与另行保管的链头核对（--heads）。"
        )
    lines = [f"防护齐全：{len(APPEND_ONLY)} 张表的触发器都在，数据库拒绝修改、删除和覆盖记录。"]
    if guards.may_change:
        lines.append(
            f"数据库账户 {guards.account} 本身仍有权改动其中 {len(guards.may_change)} 张表；"
            "如果程序也用这个账户，请运行 jieban ledger protect，另用一个只能添加的账户。"
        )
    elif guards.account:
        lines.append(f"数据库账户 {guards.account} 只能添加，无权改动。")
    return "\n".join(lines)


def _on_sqlite() -> dict[str, str]:
    made = {}
    for table, keys in _KEYS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        known = [_KNOWN.format(table=table, same=same) for same in keys]
        known.append(f"(NEW.rowid > 0 AND {_KNOWN.format(table=table, same='rowid = NEW.rowid')})")
        when = {"update": "", "delete": "", "replace": f"WHEN {' OR '.join(known)} "}
        for verb, condition in when.items():
            event = "INSERT" if verb == "replace" else verb.upper()
            name = f"{table}_no_{verb}"
            made[name] = f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}{refuse}"
    return made


def _on_postgresql() -> dict[str, str]:
    kinds = {"change": _ROW_CHANGED, "truncate": _EMPTIED}
    return {
        f"{table}_no_{verb}": f"{table} {kind} {_REFUSE}" for table in _KEYS for verb, kind in kinds.items()
    }


def _made_on_postgresql(table: str, name: str) -> str:
    event, each = ("TRUNCATE", "STATEMENT") if name.endswith("_truncate") else ("UPDATE OR DELETE", "ROW")
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
