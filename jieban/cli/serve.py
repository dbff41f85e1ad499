"""`jieban serve` and `jieban demo`: the whole installation as one program in the foreground."""

import http
import http.client
import signal
import time
from dataclasses import replace
from types import FrameType

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import clock
from jieban.audit import record_admin
from jieban.audit.tables import AdminEvent
from jieban.cli import programs
from jieban.cli.installation import CannotStart, check_ports, only_one, prepare_folder
from jieban.cli.prepare import prepare
from jieban.cli.supervisor import Supervisor
from jieban.database import Database
from jieban.ledger.keys import own_key
from jieban.rules import seed_sample_rules
from jieban.settings import Settings
from jieban.staff.roles import ROLES, Role
from jieban.staff.tables import User, UserRole
from notifications.channels import read_channels

_WEB_MUST_ANSWER_WITHIN = 60
_IS_DEMO = (
    "该数据文件夹中是演示数据，密码是公开的，不能正式使用；请用 JIEBAN_DATA 另选文件夹，或运行 jieban demo。 / "
    "This folder holds the demonstration with its public passwords; choose another with JIEBAN_DATA."
)
_IS_REAL = (
    "该数据文件夹中已有正式账户，不能载入演示数据；请用 JIEBAN_DATA 另选文件夹。 / "
    "This folder holds real accounts; choose another for the demonstration with JIEBAN_DATA."
)
_HALF_LOADED = (
    "上次载入演示数据时中断了，请删除数据文件夹 {folder} 后重新运行。 / "
    "Loading the demonstration was interrupted; delete this data folder and start again."
)
_LOADED = "demo.loaded"
_NOBODY = (
    "还没有任何账户，请在另一个终端运行：jieban users create-admin / "
    "There is no account yet; run in another terminal: jieban users create-admin"
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(settings: Settings) -> None:
    """Run an installation until it is told to stop."""
    _run(replace(settings, demo=False, prefect_address=""))


def demo(settings: Settings) -> None:
    """Run an installation with the sample county, whose passwords are public."""
    _run(replace(settings, demo=True, prefect_address=""))


def _run(settings: Settings) -> None:
    began = time.monotonic()
    prepare_folder(settings.data)
    with only_one(settings.data):
        check_ports(settings)
        supervisor = Supervisor(_say)
        told = _Told()
        for number in _SIGNALS:
            signal.signal(number, told)
        try:
            _start(settings, supervisor, told, began)
            _keep_running(settings, supervisor, told)
        except KeyboardInterrupt:
            _say("正在停止…… / Stopping.")
        finally:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            # The runner still tells Prefect how its last run ended, so Prefect goes last.
            supervisor.stop("runner", "web")
            supervisor.stop("prefect")


class _Told:
    """Whether somebody asked the program to end: Ctrl-C, or a signal.

    It interrupts whatever is going on; where Python swallows that, as in the middle of a finalizer, the next look
    at `check` finds it.
    """

    def __init__(self) -> None:
        self.to_end = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.to_end = True
        raise KeyboardInterrupt

    def check(self) -> None:
        if self.to_end:
            raise KeyboardInterrupt


def _start(settings: Settings, supervisor: Supervisor, told: _Told, began: float) -> None:
    env = programs.environment(settings)
    # Prefect takes the longest to start, so the rest is made ready beside it.
    supervisor.start(programs.prefect_server(settings, env))
    _make_ready(settings, told)
    supervisor.start(programs.web(settings, env))
    supervisor.start(programs.runner(settings, env))
    _wait_for_web(settings, supervisor, told)
    _say(
        f"接办已启动（{time.monotonic() - began:.1f} 秒） / jieban is running: http://{settings.host}:{settings.port}\n"
        f"数据 / data: {settings.data}   停止 / stop: Ctrl-C"
    )
    if wrong := read_channels(settings.channels).error:
        _say(
            f"{wrong}改正以前，什么也不会发出。 / The file of channels is wrong; nothing is sent until it is mended."
        )
    for line in _who_may_sign_in(settings):
        _say(line)


def _keep_running(settings: Settings, supervisor: Supervisor, told: _Told) -> None:
    healthy = False
    while True:
        time.sleep(0.5)
        told.check()
        supervisor.look()
        if not healthy and (healthy := _status(settings) == http.HTTPStatus.OK):
            _say("定时办理已就绪。 / Timers and escalation are running.")


def _make_ready(settings: Settings, told: _Told) -> None:
    """Bring tables, rules, calendar and procedures to this version, and load the sample county into a demo."""
    prepare(settings.database_url, clock.now())
    own_key(settings)
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            sample = _has_sample_users(session)
            if sample and not settings.demo:
                raise CannotStart(_IS_DEMO)
            if settings.demo and not sample and _has_sample_users(session, sample=False):
                raise CannotStart(_IS_REAL)
            if sample and not session.scalar(
                select(AdminEvent.id).where(AdminEvent.kind == _LOADED).limit(1)
            ):
                raise CannotStart(_HALF_LOADED.format(folder=settings.data))
        if settings.demo:
            with database.write() as session:
                seed_sample_rules(session)
        if settings.demo and not sample:
            _load_demo(database, told)
    finally:
        database.close()


def _load_demo(database: Database, told: _Told) -> None:
    # Only the demonstration pays for loading it.
    from jieban import demo as sample

    def show(done: int, total: int) -> None:
        told.check()
        if done in {1, total} or done % 50 == 0:
            _say(f"正在载入演示数据 {done}/{total} / loading sample data")

    sample.load(database, clock.now(), show)
    with database.write() as session:
        record_admin(session, kind=_LOADED, now=clock.now(), actor_name="jieban demo")


def _has_sample_users(session: Session, *, sample: bool = True) -> bool:
    return session.scalar(select(User.id).where(User.sample == sample).limit(1)) is not None


def _who_may_sign_in(settings: Settings) -> list[str]:
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            if not settings.demo:
                return [] if _has_sample_users(session, sample=False) else [_NOBODY]
            from jieban.demo import PASSWORD

            rows = [_account(session, role) for role in ROLES.values()]
    finally:
        database.close()
    return [f"演示账户，密码都是 / demo accounts, password of all: {PASSWORD}", *filter(None, rows)]


def _account(session: Session, role: Role) -> str:
    query = (
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == role.key, User.sample, User.active)
        .order_by(User.area_code, User.username)
        .limit(1)
    )
    user = session.scalars(query).one_or_none()
    return f"  {user.username:<20} {role.name} / {role.english}  {user.name}，{user.unit}" if user else ""


def _wait_for_web(settings: Settings, supervisor: Supervisor, told: _Told) -> None:
    end = time.monotonic() + _WEB_MUST_ANSWER_WITHIN
    while _status(settings) is None:
        told.check()
        if supervisor.ended("web") is not None or time.monotonic() > end:
            log = settings.data / "logs" / "web.log"
            raise CannotStart(
                f"网页服务没有启动，原因见 {log}。 / The web server did not start; see its log."
            )
        time.sleep(0.1)


def _status(settings: Settings) -> int | None:
    """Ask the health page; None where nobody answers."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::", ""} else settings.host  # noqa: S104 - only compared
    connection = http.client.HTTPConnection(host, settings.port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _say(text: str) -> None:
    print(text, flush=True)
