"""Citizen identity numbers by GB 11643: 17 digits and a check character."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from jieban.errors import Invalid

_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD_FORM = re.compile(r"[1-9][0-9]{14}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OLDEST_YEAR = 1890


@dataclass(frozen=True)
class IdNumber:
    number: str
    birth_date: date
    sex: str
    """"男" or "女", from the parity of the order digit"""
    area_hint: str
    """the county of first registration; only a hint, since people move and counties are merged"""


def plain_number(text: str) -> str:
    """Write a number as it is stored: no blanks, full-width digits and a small x brought to plain ones."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def check_digit(body: str) -> str:
    """Compute the check character of the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECK[total % 11]


def check_id_number(text: str, today: date | None = None) -> IdNumber:
    """Read an identity number; Invalid says in Chinese what is wrong with it. `today` refuses a birth in the future."""
    number = plain_number(text or "")
    if _OLD_FORM.fullmatch(number):
        raise Invalid(f"是 15 位旧号码，请填写 18 位身份证号（按旧号推算应为 {upgrade_15(number)}）。")
    if not _FORM.fullmatch(number):
        raise Invalid("身份证号应为 18 位：前 17 位是数字，最后一位是数字或 X。")
    year, month, day = number[6:10], number[10:12], number[12:14]
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        raise Invalid(f"身份证号中的出生日期 {year}-{month}-{day} 不存在，请对照证件核对。") from None
    if born.year < _OLDEST_YEAR or (today is not None and born > today):
        raise Invalid(f"身份证号中的出生日期 {born.isoformat()} 不合理，请对照证件核对。")
    if check_digit(number[:17]) != number[17]:
        raise Invalid("身份证号校验位不符，请对照证件核对是否录错。")
    return IdNumber(number, born, "男" if int(number[16]) % 2 else "女", number[:6])


def upgrade_15(number: str) -> str:
    """Turn a number of the first generation (15 digits, born 19xx) into one of 18."""
    if not _OLD_FORM.fullmatch(number):
        raise Invalid("旧身份证号应为 15 位数字。")
    body = f"{number[:6]}19{number[6:]}"
    return body + check_digit(body)


def mask(number: str | None) -> str:
    """Hide the middle of an identity number."""
    if not number:
        return ""
    return number if len(number) < 9 else f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def mask_account(number: str) -> str:
    """Hide all but the last four digits of an account."""
    return number if len(number) <= 4 else "*" * (len(number) - 4) + number[-4:]
