"""Numbers as letters write them."""

_DIGITS: tuple[str, ...] = ("", *"一二三四五六七八九")


def in_chinese(number: int) -> str:
    """Write a number below a hundred in Chinese: 六十, 十五; a larger one in figures."""
    tens, ones = divmod(number, 10)
    if number >= 100:
        return str(number)
    many = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return many + _DIGITS[ones]
