"""Says of what a program sent why it does not have the shape that was asked for: one sentence per kind of mistake."""

from collections.abc import Mapping, Sequence
from typing import Any

_SENTENCES = {
    "missing": "缺少这一项。",
    "missing_argument": "缺少这一项。",
    "extra_forbidden": "没有这一项。",
    "unexpected_keyword_argument": "没有这一项。",
    "json_invalid": "请求内容不是完整的 JSON。",
    "string_too_long": "内容过长，最多 {max_length} 个字。",
    "string_too_short": "内容过短，至少 {min_length} 个字。",
    "string_pattern_mismatch": "格式不正确。",
    "string_unicode": "含有无法读取的字符。",
    "literal_error": "应为列出的一种：{expected}。",
    "enum": "应为列出的一种：{expected}。",
    "greater_than_equal": "不能小于 {ge}。",
    "greater_than": "应大于 {gt}。",
    "less_than_equal": "不能大于 {le}。",
    "less_than": "应小于 {lt}。",
    "finite_number": "应为数字。",
    "too_long": "最多 {max_length} 项。",
    "too_short": "至少 {min_length} 项。",
    "recursion_loop": "嵌套过深。",
}
_BY_KIND = {
    "string": "应为文字。",
    "int": "应为整数。",
    "float": "应为数字。",
    "decimal": "应为数字，如 1200 或 1200.50。",
    "bool": "应为 true 或 false。",
    "date": "日期应写成 2026-11-24 的样子。",
    "datetime": "时间应写成 2026-11-24T10:00:00+08:00 的样子。",
    "uuid": "不是正确的编号。",
    "list": "应为列表。",
    "tuple": "应为列表。",
    "dict": "应为对象，即 {“名称”: 内容}。",
    "mapping": "应为对象，即 {“名称”: 内容}。",
    "model": "应为对象，即 {“名称”: 内容}。",
    "dataclass": "应为对象，即 {“名称”: 内容}。",
}
_OTHER = "内容不符合要求，写法见接口说明。"


def shape_errors(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """List for each mistake that pydantic found its field and a sentence."""
    return [{"field": _field(one), "message": _sentence(one)} for one in found]


def _field(error: Mapping[str, Any]) -> str:
    # Of what is no JSON, only a position is known and no field.
    place = () if error["type"] == "json_invalid" else error["loc"][1:]
    return ".".join(str(part) for part in place)


def _sentence(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind in _SENTENCES:
        values = dict(error.get("ctx", {}))
        # pydantic lists choices as 'a', 'b' or 'c'.
        values["expected"] = str(values.get("expected", "")).replace(" or ", "、").replace(", ", "、")
        return _SENTENCES[kind].format(**values)
    return _BY_KIND.get(kind.partition("_")[0], _OTHER)
