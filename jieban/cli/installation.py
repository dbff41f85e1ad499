"""What must hold before anything starts: a folder that can be written and is ours alone, and free ports."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jieban.errors import JiebanError
from jieban.settings import Settings


class CannotStart(JiebanError):  # noqa: N818 - reads as the sentence it is
    """无法启动。"""


def prepare_folder(folder: Path) -> None:
    """Make the data folder and prove that it can be written."""
    try:
        # It will hold people's files: nobody else on this machine may look in.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("logs", "prefect", "tmp", "uploads"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        probe = folder / "tmp" / f"probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"数据文件夹无法写入：{folder}（{error.strerror}），请用 JIEBAN_DATA 另选一个。 / "
            f"The data folder cannot be written; choose another with JIEBAN_DATA."
        ) from error


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process; the system lets go of it even after kill -9."""
    with (folder / "jieban.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"数据文件夹 {folder} 正由另一个接办程序（进程 {lock.read().strip()}）使用。 / "
                f"Another jieban is running on this data folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_ports(settings: Settings) -> None:
    """Refuse ports that somebody else listens on."""
    _check_port(settings.host, settings.port, "JIEBAN_PORT")
    _check_port("127.0.0.1", settings.prefect_port, "JIEBAN_PREFECT_PORT")


def _check_port(host: str, port: int, name: str) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as error:
        raise CannotStart(f"JIEBAN_HOST 不是可用的地址：{host}。 / Not an address: {host}.") from error
    except OSError as error:
        raise CannotStart(
            f"端口 {port} 无法使用（{error.strerror}），请用 {name} 另选一个。 / "
            f"Port {port} cannot be used; choose another with {name}."
        ) from error
