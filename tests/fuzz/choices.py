"""Bytes read as decisions: whoever varies the bytes varies what is built from them."""

from __future__ import annotations


class Choices:
    """A row of decisions; when the bytes run out, every further one is the first possibility."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, below: int) -> int:
        """Choose a number from 0 on."""
        value = 0
        size = 1 if below <= 256 else 2
        for byte in self.data[self.at : self.at + size]:
            value = value << 8 | byte
        self.at += size
        return value % below

    def pick(self, options):
        """Choose one of the options."""
        return options[self.number(len(options))]

    def some(self, most, make):
        """Make a few things."""
        return [make() for _ in range(self.number(most + 1))]

    @property
    def over(self) -> bool:
        """Whether the bytes have run out."""
        return self.at >= len(self.data)
