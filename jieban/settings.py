import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jieban.errors import JiebanError

DEMO_PASSWORD = "jieban-demo"  # noqa: S105 - known on purpose, in the demonstration alone
"""The one password of all sample accounts."""


class SettingsError(JiebanError):
    """A setting is wrong."""


@dataclass(frozen=True)
class Settings:
    """What an installation may set; read once at the start from the environment."""

    data: Path
    port: int
    host: str
    database_url: str
    prefect_port: int
    secure_cookies: bool
    demo: bool = False
    prefect_ui: bool = False
    prefect_address: str = ""
    """Prefect's API where it is not on this machine, or not ours alone"""
    ledger_key_file: Path | None = None
    ledger_heads: Path | None = None
    channels_file: Path | None = None

    @property
    def uploads(self) -> Path:
        return self.data / "uploads"

    @property
    def letters(self) -> Path:
        return self.data / "letters"

    @property
    def ledger_key(self) -> Path:
        """The private key that signs the heads of the ledger."""
        return self.ledger_key_file or self.data / "ledger-key.pem"

    @property
    def ledger_newest(self) -> Path:
        """The newest signed head of every county, beside the database and out of its reach."""
        return self.data / "ledger-heads"

    @property
    def channels(self) -> Path:
        """The file that names the channels by which messages leave the machine; without it none does."""
        return self.channels_file or self.data / "channels.toml"

    @property
    def prefect_home(self) -> Path:
        return self.data / "prefect"

    @property
    def prefect_api_url(self) -> str:
        return self.prefect_address or f"http://127.0.0.1:{self.prefect_port}/api"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings and stop with a sentence where one is wrong.

    JIEBAN_DATA: folder (./data). JIEBAN_PORT: 1-65535 (8000). JIEBAN_HOST (127.0.0.1).
    JIEBAN_DATABASE_URL, or JIEBAN_DATABASE_URL_FILE for a secret: SQLAlchemy address (SQLite in the data folder).
    JIEBAN_PREFECT_PORT (port + 1). JIEBAN_PREFECT_UI: 1 for Prefect's own pages there (0).
    JIEBAN_SECURE_COOKIES: 1 behind HTTPS (0).
    JIEBAN_PREFECT_API_URL: Prefect's API where it runs elsewhere (on this machine, at its port).
    JIEBAN_LEDGER_KEY_FILE: the key that signs the ledger (made in the data folder).
    JIEBAN_LEDGER_HEADS_FOLDER: folder on another disk for the signed heads (none).
    JIEBAN_CHANNELS_FILE: file of the channels that leave the machine (channels.toml in the data folder).
    """
    data = Path(environ.get("JIEBAN_DATA") or "data").resolve()
    port = _port(environ, "JIEBAN_PORT", 8000)
    return Settings(
        data=data,
        port=port,
        host=environ.get("JIEBAN_HOST", "127.0.0.1"),
        database_url=_database_url(environ) or f"sqlite:///{data / 'jieban.sqlite3'}",
        prefect_port=_port(environ, "JIEBAN_PREFECT_PORT", port + 1 if port < 65535 else port - 1),
        secure_cookies=_switch(environ, "JIEBAN_SECURE_COOKIES"),
        demo=_switch(environ, "JIEBAN_DEMO"),
        prefect_ui=_switch(environ, "JIEBAN_PREFECT_UI"),
        prefect_address=_address(environ, "JIEBAN_PREFECT_API_URL"),
        ledger_key_file=_path(environ, "JIEBAN_LEDGER_KEY_FILE"),
        ledger_heads=_path(environ, "JIEBAN_LEDGER_HEADS_FOLDER"),
        channels_file=_path(environ, "JIEBAN_CHANNELS_FILE"),
    )


def _address(environ: Mapping[str, str], name: str) -> str:
    text = (environ.get(name) or "").rstrip("/")
    if text and not text.startswith(("http://", "https://")):
        raise SettingsError(f"{name} 应以 http:// 或 https:// 开头，现为“{text}”。")
    return text


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name)
    return Path(text).resolve() if text else None


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name} 应为 1 至 65535 之间的端口号，现为“{text}”。")
    return int(text)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "0"
    if text not in {"0", "1"}:
        raise SettingsError(f"{name} 应为 0 或 1，现为“{text}”。")
    return text == "1"


def _database_url(environ: Mapping[str, str]) -> str | None:
    url = _secret(environ, "JIEBAN_DATABASE_URL")
    if url is not None and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        # The address itself may hold a password, so it is not repeated.
        raise SettingsError("JIEBAN_DATABASE_URL 应以 sqlite:/// 或 postgresql+psycopg:// 开头。")
    return url


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE 指定的文件无法读取：{path}（{error.strerror}）。") from error
    return environ.get(name) or None
