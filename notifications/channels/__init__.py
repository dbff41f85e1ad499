"""Channels that leave the machine. Without a file that names some, nothing does."""

from notifications.channels.config import (
    APPLICANT_KINDS,
    HEADS,
    KINDS,
    OPTIONAL,
    STAFF_KINDS,
    Channel,
    Channels,
    ChannelsRefused,
    attach,
    channels_of,
    read_channels,
)

__all__ = [
    "APPLICANT_KINDS",
    "HEADS",
    "KINDS",
    "OPTIONAL",
    "STAFF_KINDS",
    "Channel",
    "Channels",
    "ChannelsRefused",
    "attach",
    "channels_of",
    "read_channels",
]
