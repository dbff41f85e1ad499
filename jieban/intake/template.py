"""The empty workbook for applications: Chinese headers, lists to choose from, one example that is never taken in."""

from datetime import date
from pathlib import Path
from typing import Any

from jieban.intake.columns import (
    APPLICATIONS,
    EXAMPLE,
    HELP,
    INCOMES,
    MEMBERS,
    PROPERTIES,
    SHEETS,
    YES_NO,
    Column,
)

_ROWS = 5000
"""So many rows of the template carry lists and formats; the reader takes more."""

_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    APPLICATIONS: [
        {
            "code": f"{EXAMPLE}1",
            "applied_on": date(2026, 7, 1),
            "channel": "窗口",
            "urban": "农村",
            "village_code": "379901001001",
            "address": "示例市东河县柳林镇柳林村12号",
            "household_registration": "示例市东河县柳林镇柳林村12号",
            "phone": "13900000000",
            "reason": "丈夫患病，家庭收入减少。",
            "truth_promised": "是",
            "check_authorised": "是",
            "account_holder": "张秀兰",
            "account_bank": "示例农村商业银行",
            "account_number": "9900000000000000",
            "relatives_declared": "否",
            "papers": "申请书、身份证件、核对授权书、诚信承诺书",
        }
    ],
    MEMBERS: [
        {"code": f"{EXAMPLE}1", "name": "张秀兰", "id_number": "379901196503074429", "relation": "本人"}
        | {"counted": "是", "work_ability": "部分丧失劳动能力"},
        {"code": f"{EXAMPLE}1", "name": "买买提·艾力", "id_number": "37990119640115441X", "relation": "配偶"}
        | {"counted": "是", "work_ability": "无劳动能力", "health": "长期患病", "disability": "肢体二级"},
    ],
    INCOMES: [
        {"code": f"{EXAMPLE}1", "member_name": "张秀兰", "kind": "工资性收入", "monthly": 600}
        | {"note": "在村里做零工"}
    ],
    PROPERTIES: [{"code": f"{EXAMPLE}1", "kind": "存款", "amount": 3000}],
}

_NOTES = (
    "一、本工作簿用于批量登记最低生活保障申请。“申请”表每件申请一行；家庭成员、收入、财产分别填在后面三张表，用申请编号对应。",
    f"二、申请编号以“{EXAMPLE}”开头的行是示例，导入时跳过，可以删除。",
    "三、标有 * 的栏目必须填写。有下拉列表的栏目请从列表中选择。",
    "四、身份证号、银行账号、电话和区划代码请按“文本”格式填写；本表已设好格式，请勿粘贴成数字。",
    "五、不要填写公式，不要合并单元格，不要改动表名和第一行的栏目名称；栏目的先后可以调整。",
    "六、有误的行会逐条列出工作表、行、栏目、内容和原因；没有错误的申请照常登记，改正后可以用同一文件再次导入，已经登记的不会重复登记。",
    "七、同一人已有办理中的同类案件的，不再登记，并告知该案件的案号。",
    "八、文件不超过 25 MB，每张表不超过 20000 行。也可以使用 CSV 文件：第一行为栏目名称，同一申请的各名成员各占一行，重复填写申请编号即可。",
)


def write_template(path: Path) -> None:
    """Write the empty workbook."""
    import xlsxwriter  # type: ignore[import-untyped]

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": "最低生活保障申请登记表"})
        formats = {
            "head": book.add_format(_head("#FFFFFF", "#1F4E79")),
            "must": book.add_format(_head("#FFFFFF", "#9C1C1C")),
            "example": book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"}),
            "example_date": book.add_format(
                {"italic": True, "font_color": "#808080", "num_format": "yyyy-mm-dd"}
            ),
            "example_money": book.add_format({"italic": True, "font_color": "#808080", "num_format": "0.00"}),
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "money": book.add_format({"num_format": "0.00"}),
            "note": book.add_format({"text_wrap": True, "valign": "top"}),
            "strong": book.add_format({"bold": True, "font_size": 14}),
        }
        lists = _Lists(book)
        for name, columns in SHEETS.items():
            _write_sheet(book.add_worksheet(name), name, columns, formats, lists)
        lists.write()
        _write_help(book.add_worksheet(HELP), formats)
        book.get_worksheet_by_name(APPLICATIONS).activate()


def _head(colour: str, ground: str) -> dict[str, Any]:
    return {"bold": True, "font_color": colour, "bg_color": ground, "border": 1, "align": "center"} | {
        "valign": "vcenter",
        "text_wrap": True,
    }


class _Lists:
    """The lists to choose from, on a hidden sheet: a list written into the cell rule itself may have 255 letters only."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.known: dict[tuple[str, ...], str] = {}

    def source(self, words: tuple[str, ...]) -> str:
        if words not in self.known:
            letter = chr(ord("A") + len(self.known))
            self.known[words] = f"=选项!${letter}$1:${letter}${len(words)}"
        return self.known[words]

    def write(self) -> None:
        sheet = self.book.add_worksheet("选项")
        for column, words in enumerate(self.known):
            sheet.write_column(0, column, words)
        sheet.hide()


def _write_sheet(
    sheet: Any, name: str, columns: tuple[Column, ...], formats: dict[str, Any], lists: _Lists
) -> None:
    sheet.set_row(0, 32)
    for place, column in enumerate(columns):
        kind = {"date": "date", "money": "money"}.get(column.kind, "text")
        sheet.set_column(place, place, column.width, formats[kind])
        title = f"{column.header}*" if column.required else column.header
        sheet.write_string(0, place, title, formats["must" if column.required else "head"])
        if column.help:
            sheet.write_comment(0, place, column.help, {"x_scale": 1.6})
        words = tuple((YES_NO if column.kind == "yes_no" else column.choices).values())
        if column.kind in {"yes_no", "choice"}:
            rule = {
                "validate": "list",
                "source": lists.source(words),
                "ignore_blank": True,
                "error_title": "请从列表中选择",
                "error_message": f"{column.header}应为列出的一种。",
            }
            sheet.data_validation(1, place, _ROWS, place, rule)
        if column.kind == "money":
            sheet.data_validation(1, place, _ROWS, place, _money_rule(column))
        for row, example in enumerate(_EXAMPLES[name], 1):
            _write_example(sheet, row, place, column, example.get(column.field), formats)
    sheet.freeze_panes(1, 1)


def _money_rule(column: Column) -> dict[str, Any]:
    return {
        "validate": "decimal",
        "criteria": ">=",
        "value": 0,
        "ignore_blank": True,
        "error_title": "金额有误",
        "error_message": f"{column.header}应为不小于 0 的数字。",
    }


def _write_example(
    sheet: Any, row: int, place: int, column: Column, value: Any, formats: dict[str, Any]
) -> None:
    if value is None:
        sheet.write_blank(row, place, None, formats["example"])
    elif column.kind == "date":
        sheet.write_datetime(row, place, value, formats["example_date"])
    elif column.kind == "money":
        sheet.write_number(row, place, value, formats["example_money"])
    else:
        sheet.write_string(row, place, value, formats["example"])


def _write_help(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90, formats["note"])
    sheet.write_string(0, 0, "填写说明", formats["strong"])
    row = 2
    for note in _NOTES:
        sheet.write_string(row, 1, note, formats["note"])
        row += 1
    for name, columns in SHEETS.items():
        row += 1
        sheet.write_string(row, 0, f"“{name}”表", formats["strong"])
        for column in columns:
            row += 1
            words = "、".join(word for code, word in column.choices.items() if code)
            parts = ["必填。" if column.required else "", column.help, f"可填：{words}。" if words else ""]
            sheet.write_string(row, 0, column.header)
            sheet.write_string(row, 1, "".join(parts), formats["note"])
        row += 1
