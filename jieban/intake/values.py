"""From a cell of a workbook or a CSV file to a value, or to a sentence that says how to write it."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from jieban.intake.columns import YES_NO, Column

_EXACT = 10**15
"""Spreadsheet programs keep 15 digits of a number; what is longer has lost its end."""

_DATE = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00(?::00)?)?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_YES = {"是", "1", "y", "yes", "true", "√", "有"}
_NO = {"否", "0", "n", "no", "false", "×", "无"}
_MOST_LETTERS = 5000


class BadCellError(ValueError):
    """What is in a cell cannot be understood; the sentence says how to write it."""


def shown(cell: Any) -> str:
    """Write a cell as a person sees it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return unicodedata.normalize("NFC", str(cell)).strip().removeprefix("'").strip()


def read_cell(column: Column, cell: Any) -> Any:
    """Read a cell as its column demands: str, date, Decimal, bool, a code, or a tuple of codes; None where it is empty.

    Raises BadCellError.
    """
    text = shown(cell)
    if isinstance(cell, str) and cell.strip().startswith("="):
        raise BadCellError("是公式，请改为直接填写的内容。")
    if len(text) > _MOST_LETTERS:
        raise BadCellError(f"内容过长，最多 {_MOST_LETTERS} 个字。")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t\r" for letter in text):
        raise BadCellError("含有无法显示的控制字符，请重新录入。")
    if not text:
        if column.required:
            raise BadCellError(f"请填写{column.header}。")
        return None
    if column.kind == "money":
        return _money(cell, text)
    return _READERS[column.kind](column, cell, text)


def _text(_column: Column, _cell: Any, text: str) -> str:
    return text


def _number_text(column: Column, cell: Any, text: str) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise BadCellError(
            f"{column.header}被存成了数字，后几位已经丢失；请把单元格设为“文本”格式后重新录入。"
        )
    if re.fullmatch(r"[0-9.]+E\+[0-9]+", text, re.IGNORECASE):
        raise BadCellError(f"{column.header}被改写成了科学计数法，请设为“文本”格式后重新录入。")
    return text


def _date(_column: Column, cell: Any, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell < 80_000:
        # A day that lost its format is the number of days since the last day of 1899.
        return date(1899, 12, 30) + timedelta(days=int(cell))
    match = _DATE.fullmatch(text)
    if match is None:
        raise BadCellError("日期应写成 2026-11-24 的样子。")
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:
        raise BadCellError("没有这一天，请核对日期。") from None


def _money(cell: Any, text: str) -> Decimal:
    if isinstance(cell, bool):
        raise BadCellError("金额应为数字，如 1200 或 1200.50。")
    plain = unicodedata.normalize("NFKC", text).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]+)?", plain) and not isinstance(cell, int | float):
        raise BadCellError("金额应为数字，如 1200 或 1200.50。")
    try:
        amount = Decimal(str(cell) if isinstance(cell, int | float) else plain)
    except InvalidOperation:
        raise BadCellError("金额应为数字，如 1200 或 1200.50。") from None
    if isinstance(cell, float) and amount.is_finite() and abs(amount) < _EXACT:
        # 300.1 + 0.2 in a spreadsheet is 300.29999999999995; that is not somebody's third decimal.
        rounded = amount.quantize(Decimal("0.01"))
        amount = rounded if abs(rounded - amount) < Decimal("0.000001") else amount
    return amount


def _yes_no(_column: Column, cell: Any, text: str) -> bool:
    if isinstance(cell, bool):
        return cell
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCellError("请填“是”或“否”。")


def _choice(column: Column, _cell: Any, text: str) -> str:
    for code, word in column.choices.items():
        if text in {code, word}:
            return code
    raise BadCellError(f"应为列出的一种：{'、'.join(word for word in column.choices.values() if word)}。")


def _choices(column: Column, cell: Any, text: str) -> tuple[str, ...]:
    words = [word.strip() for word in re.split(r"[、,，;；\n]", text)]
    return tuple(dict.fromkeys(_choice(column, cell, word) for word in words if word))


_READERS = {
    "text": _text,
    "number_text": _number_text,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
}

assert set(YES_NO.values()) <= _YES | _NO
