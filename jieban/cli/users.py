from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jieban.cli.output import Json, answer, table
from jieban.errors import Invalid

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jieban.staff.tables import User

app = typer.Typer(help="管理账号。", no_args_is_help=True)

PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="从文件读取密码，用于无人值守的安装。")
]
Mobile = Annotated[str, typer.Option("--mobile", help="手机，用于短信渠道。")]
Mail = Annotated[str, typer.Option("--mail", help="邮箱，用于邮件渠道。")]
Username = Annotated[str, typer.Argument(metavar="用户名")]
_ADMIN_ROLES = ["sys_admin", "model_admin"]


@app.command("create-admin", help="建立管理员账号；密码在终端输入。")
def create_admin(
    username: Annotated[str, typer.Option("--username", help="用户名。")] = "admin",
    name: Annotated[str, typer.Option("--name", help="姓名。")] = "系统管理员",
    password_file: PasswordFile = None,
) -> None:
    """Add the first account of an installation."""
    _create(username, name, _ADMIN_ROLES, None, "", "", password_file)


@app.command("add", help="建立工作人员账号；首次登录须修改密码。")
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="姓名。")],
    roles: Annotated[list[str], typer.Option("--role", help="岗位，可多次给出，例如 town.window。")],
    area: Annotated[str, typer.Option("--area", help="辖区代码，例如 370102001。")],
    unit: Annotated[str, typer.Option("--unit", help="单位。")] = "",
    phone: Annotated[str, typer.Option("--phone", help="办公电话。")] = "",
    mobile: Mobile = "",
    mail: Mail = "",
    password_file: PasswordFile = None,
) -> None:
    """Add an account with roles and an area."""
    _create(username, name, roles, area, unit, phone, password_file, mobile, mail, must_change_password=True)


def _create(
    username: str,
    name: str,
    roles: list[str],
    area: str | None,
    unit: str,
    phone: str,
    password_file: Path | None,
    mobile: str = "",
    mail: str = "",
    *,
    must_change_password: bool = False,
) -> None:
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.staff.accounts import create_user
    from jieban.staff.addresses import set_address

    with open_database() as database:
        password = _password(password_file)
        with database.write() as session:
            user = create_user(
                session,
                username=username,
                name=name,
                password=password,
                area_code=area,
                roles=roles,
                unit=unit,
                phone=phone,
                must_change_password=must_change_password,
                now=now(),
            )
            set_address(session, user.id, number=mobile, mail=mail)
            data = {"username": user.username, "roles": roles, "area": area}
            record_admin(session, kind="user.created", now=now(), actor_name="命令行", data=data)
    print(f"已建立账号 {user.username}（{user.name}）。")


@app.command("list", help="列出账号。")
def list_users(*, as_json: Json = False) -> None:
    """Show who can sign in and what they may do."""
    from sqlalchemy import select

    from jieban.cli.prepare import open_database
    from jieban.staff.tables import User

    with open_database() as database, database.read() as session:
        users: list[dict[str, Any]] = [
            {
                "username": user.username,
                "name": user.name,
                "area": user.area_code,
                "unit": user.unit,
                "roles": sorted(row.role for row in user.roles),
                "active": user.active,
            }
            for user in session.scalars(select(User).order_by(User.username))
        ]
    rows = [
        (
            user["username"],
            user["name"],
            user["area"] or "",
            user["unit"],
            ",".join(user["roles"]),
            _state(user),
        )
        for user in users
    ]
    answer(users, table(("用户名", "姓名", "辖区", "单位", "岗位", "状态"), rows), as_json=as_json)


def _state(user: dict[str, Any]) -> str:
    return "在用" if user["active"] else "停用"


@app.command("set-password", help="重设密码；该账号已有的登录随之失效。")
def set_password(username: Username, password_file: PasswordFile = None) -> None:
    """Give an account a new password, which its owner changes at the next sign-in."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.staff import accounts

    with open_database() as database:
        password = _password(password_file)
        with database.write() as session:
            user = _find(session, username)
            accounts.set_password(session, user, password)
            user.must_change_password = True
            data = {"username": user.username}
            record_admin(session, kind="user.password_set", now=now(), actor_name="命令行", data=data)
    print(f"已重设账号 {user.username} 的密码。")


@app.command("address", help="修改账号的手机和邮箱；没有给出的清空。")
def address(username: Username, mobile: Mobile = "", mail: Mail = "") -> None:
    """Note where somebody is reached outside the program."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.staff.addresses import set_address

    with open_database() as database, database.write() as session:
        user = _find(session, username)
        changed = set_address(session, user.id, number=mobile, mail=mail)
        data = {"username": user.username, **changed}
        record_admin(session, kind="user.changed", now=now(), actor_name="命令行", data=data)
    print(f"已修改账号 {user.username} 的联系方式。")


@app.command("deactivate", help="停用账号。")
def deactivate(username: Username) -> None:
    """Close an account."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.staff import accounts

    with open_database() as database, database.write() as session:
        user = _find(session, username)
        accounts.deactivate(session, user)
        data = {"username": user.username}
        record_admin(session, kind="user.deactivated", now=now(), actor_name="命令行", data=data)
    print(f"已停用账号 {user.username}。")


def _find(session: "Session", username: str) -> "User":
    from jieban.errors import NotFound
    from jieban.staff.directory import find_user

    user = find_user(session, username)
    if user is None:
        raise NotFound(f"没有用户名为“{username}”的账号。")
    return user


def _password(file: Path | None) -> str:
    import sys
    from getpass import getpass

    if file is not None:
        try:
            return file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"密码文件无法读取：{file}。") from error
    if not sys.stdin.isatty():
        raise Invalid("没有可输入密码的终端，请用 --password-file 指定密码文件。")
    first = getpass("密码：")
    if first != getpass("再输入一次："):
        raise Invalid("两次输入的密码不一致。")
    return first
