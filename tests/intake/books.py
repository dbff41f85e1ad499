"""Files of applications as clerks would fill them in."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from jieban.intake.columns import APPLICATIONS, INCOMES, MEMBERS, PROPERTIES, SHEETS
from tests.factories import id_number

Rows = list[dict[str, Any]]
APPLICANT = id_number(date(1965, 3, 7), 101)
CHILD = id_number(date(1999, 8, 9), 102)


def application(code: str = "1", **changes: Any) -> dict[str, Any]:
    """One row of the sheet of applications, with everything that must be there."""
    return {
        "申请编号": code,
        "申请日期": date(2026, 11, 20),
        "申请渠道": "窗口",
        "城乡类别": "农村",
        "村(社区)代码": "379901001001",
        "居住地址": "柳林镇柳林村12号",
        "户籍地址": "柳林镇柳林村12号",
        "联系电话": "13900000001",
        "申请理由": "患病，收入减少。",
        "已作诚信承诺": "是",
        "已授权核对": "是",
        "开户人": "张秀兰",
        "开户银行": "示例农村商业银行",
        "银行账号": "9900000000000017",
        "与经办人员有近亲属关系": "否",
        "已收材料": "申请书、身份证件",
    } | changes


def member(code: str = "1", **changes: Any) -> dict[str, Any]:
    """One row of the sheet of members: the applicant."""
    return {
        "申请编号": code,
        "姓名": "张秀兰",
        "身份证号": APPLICANT,
        "与申请人关系": "本人",
        "是否计入": "是",
        "劳动能力": "部分丧失劳动能力",
    } | changes


def income(code: str = "1", **changes: Any) -> dict[str, Any]:
    return {"申请编号": code, "收入成员": "张秀兰", "收入类别": "工资性收入", "月金额(元)": 350.5} | changes


def owned(code: str = "1", **changes: Any) -> dict[str, Any]:
    return {"申请编号": code, "财产类别": "存款", "价值(元)": 3000, "是否豁免": "否"} | changes


def write_book(path: Path, **sheets: Rows) -> Path:
    """Write a workbook with the sheets 申请, 家庭成员, 收入 and 财产; a value that begins with = is a formula."""
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, columns in SHEETS.items():
            sheet = book.add_worksheet(name)
            headers = [column.header for column in columns]
            sheet.write_row(0, 0, headers)
            for number, row in enumerate(sheets.get(name, []), 1):
                for header, value in row.items():
                    place = headers.index(header)
                    if isinstance(value, date):
                        sheet.write_datetime(number, place, value, day)
                    elif isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(number, place, value, value=42)
                    elif isinstance(value, str):
                        sheet.write_string(number, place, value)
                    else:
                        sheet.write(number, place, value)
    return path


def household(path: Path, **changes: Any) -> Path:
    """Write a workbook with one good application of two people."""
    second = {"姓名": "张小雨", "身份证号": CHILD, "与申请人关系": "子女"}
    sheets = {
        APPLICATIONS: [application()],
        MEMBERS: [member(), member(**second)],
        INCOMES: [income()],
        PROPERTIES: [owned()],
    }
    return write_book(path, **(sheets | changes))


def write_csv(path: Path, rows: Rows, encoding: str = "utf-8") -> Path:
    """Write a flat file: all columns that the rows name."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path
