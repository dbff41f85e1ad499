import threading
import time


class Budget:
    """How long a sweep may go on: until its seconds are used up, or the program is told to stop."""

    def __init__(self, seconds: float, stop: threading.Event | None = None) -> None:
        self._end = time.monotonic() + seconds
        self._stop = stop

    @property
    def spent(self) -> bool:
        return time.monotonic() >= self._end or self.stopped

    @property
    def stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()
