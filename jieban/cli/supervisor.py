"""The processes of one installation: started together, restarted when one crashes, stopped together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LOG_LIMIT = 10_000_000
_STEADY = 60
_LONGEST_PAUSE = 30
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Program:
    """One process to keep alive; `grace` is how long it may take to stop."""

    name: str
    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    grace: float


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Keeps programs running. Everything happens in the caller's thread, which must be the main one."""

    say: Callable[[str], None]
    _children: dict[str, _Child] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Start a program; its output goes to its log."""
        self._children[program.name] = _Child(program, _spawn(program), time.monotonic())

    def ended(self, name: str) -> int | None:
        """Return the exit code of a program that is not running, None while it runs."""
        return self._children[name].process.poll()

    def look(self) -> None:
        """Start again whatever crashed, after a pause that grows while it keeps crashing."""
        now = time.monotonic()
        for child in self._children.values():
            code = child.process.poll()
            if code is None:
                if child.failures and now - child.started > _STEADY:
                    child.failures = 0
                continue
            if child.restart_at is None:
                pause = min(2**child.failures, _LONGEST_PAUSE)
                child.failures += 1
                child.restart_at = now + pause
                title = child.program.title
                self.say(
                    f"{title}意外退出（代码 {code}），{pause} 秒后重新启动；日志：{child.program.log} / "
                    f"{child.program.name} ended (code {code}), restarting in {pause} s"
                )
            elif now >= child.restart_at:
                child.process, child.started, child.restart_at = _spawn(child.program), now, None

    def stop(self, *names: str) -> None:
        """Ask programs (all that run, if none is named) to end, and kill what has not ended after its grace."""
        wanted = [name for name in names or tuple(self._children) if name in self._children]
        children = [self._children.pop(name) for name in wanted]
        asked = time.monotonic()
        for child in children:
            _signal(child, signal.SIGTERM)
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(asked + child.program.grace - time.monotonic(), 0))
            # Also when the leader ended well: nothing of its group may stay behind.
            _signal(child, signal.SIGKILL)
            child.process.wait()


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    if program.log.exists() and program.log.stat().st_size > _LOG_LIMIT:
        program.log.replace(program.log.with_suffix(".log.1"))
    with program.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session of its own: Ctrl-C in the terminal reaches this process alone, which then stops the
            # others in order.
            start_new_session=True,
            # Safe here, because this process has one thread.
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
        )


def _die_with(parent: int) -> Callable[[], None]:
    """Make the child ask Linux for SIGKILL at the moment its parent is gone.

    A parent that is killed cannot stop anybody, and children that outlived it would hold the ports and go on
    writing beside those of the next start. Every transaction survives a kill, so the hard signal is safe.
    """

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return ask


def _signal(child: _Child, number: int) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return
