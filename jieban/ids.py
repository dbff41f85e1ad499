import os
import threading
import time
import uuid

_RANDOM_BITS = 74
_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """Make a time-ordered UUID (version 7, RFC 9562 section 5.7), so that index pages fill in order.

    Within one process a later call gives a larger id, even in the same millisecond: the events of one step
    share their moment and are read back in the order in which they were written.
    """
    global _last  # noqa: PLW0603 - the order is a fact of the process
    random = int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS)
    with _lock:
        fresh = (int(time.time() * 1000) & 0xFFFFFFFFFFFF) << _RANDOM_BITS | random
        # The step upwards is itself random, so that two processes in the same millisecond do not meet.
        _last = fresh if fresh > _last else _last + 1 + (random & 0xFFFFFFFF)
        value = _last
    high, low = value >> 62, value & (1 << 62) - 1
    return uuid.UUID(int=(high >> 12) << 80 | 0x7 << 76 | (high & 0xFFF) << 64 | 0x2 << 62 | low)
