"""The workbook of applications: its sheets and columns, in one place for the template, the reader and the report."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from jieban.intake.applications import (
    CHANNELS,
    INCOME_KINDS,
    PAPERS,
    PROPERTY_KINDS,
    RELATIONS,
    WORK_ABILITIES,
)

APPLICATIONS, MEMBERS, INCOMES, PROPERTIES, HELP = "申请", "家庭成员", "收入", "财产", "填写说明"
CODE = "申请编号"
EXAMPLE = "示例"
"""An application whose number begins with this word is an example and is not taken in."""

YES_NO = {"yes": "是", "no": "否"}
AREAS = {"urban": "城市", "rural": "农村"}


@dataclass(frozen=True)
class Column:
    """One column: its header, the field that it fills, how its cells are read, and what the template says about it."""

    header: str
    field: str
    kind: str = "text"
    """text, number_text (digits kept as text), date, money, yes_no, choice, choices (several, separated by 、)"""
    required: bool = False
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    width: int = 14
    help: str = ""


_DIGITS = "请按“文本”格式填写，避免后几位变成 0。"

SHEETS: dict[str, tuple[Column, ...]] = {
    APPLICATIONS: (
        Column(CODE, "code", required=True, help="本文件内不重复即可，如 1、2、3；用来对应其他各表的行。"),
        Column("申请日期", "applied_on", "date", required=True, help="如 2026-11-24，不能晚于导入当天。"),
        Column("申请渠道", "channel", "choice", choices=CHANNELS, help="不填视为批量导入。"),
        Column("城乡类别", "urban", "choice", required=True, choices=AREAS),
        Column(
            "村(社区)代码", "village_code", "number_text", required=True, width=18, help="12 位区划代码。"
        ),
        Column("居住地址", "address", required=True, width=34),
        Column("户籍地址", "household_registration", width=34, help="与居住地址相同的也请填写。"),
        Column(
            "联系电话",
            "phone",
            "number_text",
            required=True,
            width=16,
            help="没有电话的，填能联系到申请人的村（居）委会电话。",
        ),
        Column("申请理由", "reason", width=40),
        Column("受托人姓名", "agent_name", help="委托他人申请的填写。"),
        Column("已办理委托手续", "agent_authorised", "yes_no"),
        Column("已作诚信承诺", "truth_promised", "yes_no", required=True),
        Column("已授权核对", "check_authorised", "yes_no", required=True),
        Column("开户人", "account_holder"),
        Column("开户银行", "account_bank", width=22),
        Column("银行账号", "account_number", "number_text", width=24, help=_DIGITS),
        Column(
            "与经办人员有近亲属关系",
            "relatives_declared",
            "yes_no",
            help="与社会救助经办人员或者村（居）委会成员有近亲属关系的填“是”，并填写后面四栏。",
        ),
        Column("有关系的家庭成员", "relative_member"),
        Column("工作人员姓名", "relative_staff"),
        Column("工作人员单位", "relative_unit", width=22),
        Column("与该成员的关系", "relative_relation", help="如 兄弟、配偶、父母、子女。"),
        Column("已收材料", "papers", "choices", choices=PAPERS, width=40, help="多项用顿号“、”分开。"),
    ),
    MEMBERS: (
        Column(
            CODE, "code", required=True, help="与“申请”表的申请编号一致，每名成员一行，申请人本人也要填。"
        ),
        Column("姓名", "name", required=True, help="少数民族姓名中间用“·”。"),
        Column("身份证号", "id_number", "number_text", width=22, help=_DIGITS),
        Column("与申请人关系", "relation", "choice", required=True, choices=RELATIONS),
        Column("是否计入", "counted", "yes_no", help="是否计入共同生活的家庭成员；不填视为“是”。"),
        Column("不计入原因", "not_counted_reason", width=24),
        Column("劳动能力", "work_ability", "choice", choices=WORK_ABILITIES, width=18),
        Column("健康状况", "health", width=24),
        Column("残疾类别等级", "disability", width=18, help="如 肢体二级。"),
    ),
    INCOMES: (
        Column(CODE, "code", required=True, help="每项收入一行，没有收入的不填。"),
        Column("收入成员", "member_name", help="与“家庭成员”表的姓名一致。"),
        Column("收入类别", "kind", "choice", required=True, choices=INCOME_KINDS, width=18),
        Column("月金额(元)", "monthly", "money", required=True, help="月平均数，最多两位小数。"),
        Column("收入说明", "note", width=30),
    ),
    PROPERTIES: (
        Column(CODE, "code", required=True, help="每项财产一行，没有的不填。"),
        Column("财产类别", "kind", "choice", required=True, choices=PROPERTY_KINDS, width=18),
        Column("价值(元)", "amount", "money", help="无法估价的可以不填。"),
        Column("是否豁免", "exempt", "yes_no", help="生活必需、按规定不计入的填“是”。"),
        Column("财产说明", "note", width=30),
    ),
}

KEYS = {MEMBERS: "姓名", INCOMES: "收入类别", PROPERTIES: "财产类别"}
"""In a flat file a row has a member, an income or a property where this column is filled in."""


def plain_header(text: str) -> str:
    """Bring a header to one form: no blanks, brackets and stars as in the template."""
    for mark, other in (
        ("（", "("),
        ("）", ")"),
        ("*", ""),
        ("＊", ""),
        (" ", ""),
        ("\u3000", ""),
        ("\n", ""),
    ):
        text = text.replace(mark, other)
    return text.strip()
