"""Which processes an installation has, and everything they are told through their environment."""

import os
import secrets
import sys
from collections.abc import Mapping

from jieban.cli.supervisor import Program
from jieban.settings import Settings

_WEEK = 7 * 24 * 3600


def environment(settings: Settings, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Make the environment of all processes: this installation's settings, and a Prefect of its own.

    PREFECT_ variables of the person who starts it are dropped, so that no run ever reaches another server of theirs.
    """
    kept = {
        name: value
        for name, value in given.items()
        if not name.startswith("PREFECT_") and name != "JIEBAN_DATABASE_URL_FILE"
    }
    # The server has the machine's loopback for itself only as far as nobody else on it knows this word.
    word = f"jieban:{secrets.token_urlsafe(24)}"
    return {
        **kept,
        "JIEBAN_DATA": str(settings.data),
        "JIEBAN_HOST": settings.host,
        "JIEBAN_PORT": str(settings.port),
        "JIEBAN_DATABASE_URL": settings.database_url,
        "JIEBAN_PREFECT_PORT": str(settings.prefect_port),
        "JIEBAN_PREFECT_API_URL": "",
        "JIEBAN_SECURE_COOKIES": "1" if settings.secure_cookies else "0",
        "JIEBAN_DEMO": "1" if settings.demo else "0",
        "JIEBAN_LEDGER_KEY_FILE": str(settings.ledger_key_file or ""),
        "JIEBAN_LEDGER_HEADS_FOLDER": str(settings.ledger_heads or ""),
        "TMPDIR": str(settings.data / "tmp"),
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(settings.prefect_home),
        "PREFECT_PROFILES_PATH": str(settings.prefect_home / "profiles.toml"),
        "PREFECT_API_URL": settings.prefect_api_url,
        "PREFECT_API_AUTH_STRING": word,
        "PREFECT_SERVER_API_AUTH_STRING": word,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{settings.prefect_port}",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{settings.prefect_home}/prefect.db",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(_WEEK),
        "PREFECT_UI_STATIC_DIRECTORY": str(settings.prefect_home / "ui"),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    }


def prefect_server(settings: Settings, env: Mapping[str, str]) -> Program:
    """Prefect's server: it keeps the history of the sweeps; no case lives there."""
    ui = "--ui" if settings.prefect_ui else "--no-ui"
    address = ("--host", "127.0.0.1", "--port", str(settings.prefect_port))
    command = (sys.executable, "-m", "prefect", "server", "start", *address, ui)
    log = settings.data / "logs" / "prefect.log"
    # Its own folder, because Prefect reads a .env file and a pyproject.toml from wherever it is started.
    return Program("prefect", "流程调度服务", command, env, settings.prefect_home, log, grace=4)


def runner(settings: Settings, env: Mapping[str, str]) -> Program:
    """The process that does what happens by the clock."""
    command = (sys.executable, "-m", "workflows.runner", "--alone")
    log = settings.data / "logs" / "runner.log"
    return Program("runner", "定时办理进程", command, env, settings.prefect_home, log, grace=5)


def web(settings: Settings, env: Mapping[str, str]) -> Program:
    """The pages and the API."""
    command = (
        *(sys.executable, "-m", "uvicorn", "--factory", "web.app:create_app"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3"),
    )
    log = settings.data / "logs" / "web.log"
    return Program("web", "网页服务", command, env, settings.data, log, grace=5)
