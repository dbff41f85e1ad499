from sqlalchemy import text
from sqlalchemy.orm import Session

from jieban.errors import Invalid, NotFound
from jieban.ledger.guards import APPEND_ONLY

_ROLE = text("SELECT rolsuper, rolreplication, rolcreaterole FROM pg_roles WHERE rolname = :role")
_OWNERS = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind IN ('r', 'p') AND pg_has_role(:role, c.relowner, 'MEMBER') ORDER BY c.relname LIMIT 1"
)
_MAY = text(
    "SELECT right_name FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) right_name "
    "WHERE has_table_privilege(:role, CAST(:table AS text), right_name) OR (right_name = 'UPDATE' "
    "AND has_any_column_privilege(:role, CAST(:table AS text), 'UPDATE'))"
)


def statements(session: Session, role: str) -> list[str]:
    """Give the SQL after which a role of PostgreSQL can work with the program, and only add to what is append-only.

    Run them as the owner of the tables, again after each migration. Invalid for a role that no right could stop.
    """
    _check(session, role)
    quote = session.connection().dialect.identifier_preparer.quote_identifier
    name, schema = quote(role), quote(str(session.scalar(text("SELECT current_schema()"))))
    protected = [f"{schema}.{quote(table)}" for table in APPEND_ONLY]
    version = f"{schema}.alembic_version"
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON {version} FROM {name}",
        *(
            f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON {table} FROM {name}, PUBLIC"
            for table in protected
        ),
    ]


def protect(session: Session, role: str) -> list[str]:
    """Take from a role every right to change what is append-only, and prove that it has none; return the tables."""
    for statement in statements(session, role):
        session.execute(text(statement))
    for table in APPEND_ONLY:
        if left := session.scalars(_MAY, {"role": role, "table": table}).all():
            raise Invalid(f"角色 {role} 对表 {table} 仍有 {'、'.join(left)} 权限，请检查它所属的角色。")
    return list(APPEND_ONLY)


def _check(session: Session, role: str) -> None:
    if session.get_bind().dialect.name != "postgresql":
        raise Invalid("数据库是 SQLite，没有角色；能写数据库文件的人就能改动它，请另行保管导出的台账和链头。")
    found = session.execute(_ROLE, {"role": role}).first()
    if found is None:
        raise NotFound(f"数据库中没有角色 {role}，请先建立：CREATE ROLE {role} LOGIN PASSWORD '…'。")
    if any(found):
        raise Invalid(f"角色 {role} 是超级用户，或者有 REPLICATION、CREATEROLE 权限，无法限制。")
    if owned := session.scalar(_OWNERS, {"role": role}):
        raise Invalid(
            f"角色 {role} 是表 {owned} 的所有者（或其成员），所有者可以随时恢复权限，请另用一个角色。"
        )
