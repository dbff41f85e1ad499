import os
import time
import uuid


def new_id() -> uuid.UUID:
    """Make a time-ordered UUID (version 7, RFC 9562 section 5.7), so that index pages fill in order."""
    value = (int(time.time() * 1000) & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
