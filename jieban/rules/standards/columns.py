"""The workbook of standards: its sheets and columns, in one place for the template and the reader."""

from jieban.intake.columns import Column
from jieban.intake.grid import Kind
from jieban.rules.standards.items import PROVENANCES, items

STANDARDS, LINKED, ITEMS, HELP = "标准", "联动", "项目", "填写说明"
AREA, ITEM, VALUE, UNIT, SINCE = "地区代码", "项目", "数值", "单位", "生效日期"
SOURCE, ARTICLE, PROVENANCE = "依据文件", "文号/条款", "出处程度"
URBAN, RURAL = (items()[key].name for key in ("dibao.standard.urban", "dibao.standard.rural"))

_AREA = Column(AREA, "area_code", "number_text", required=True, help="省 2 位、市 4 位、县（市、区）6 位。")
_BEHIND = (
    Column(SINCE, "effective_from", "date", required=True, help="从这一天起施行，如 2027-01-01。"),
    Column(SOURCE, "source", width=44, help="公布标准的文件名称。"),
    Column(ARTICLE, "article", width=30, help="文号、条款或附表，如 第二条。"),
    Column(
        PROVENANCE,
        "provenance",
        "choice",
        required=True,
        choices=PROVENANCES,
        help="与文件原文逐项核对过的，才填“已核对原文”。",
    ),
)
SHEETS: dict[str, tuple[Column, ...]] = {
    STANDARDS: (
        _AREA,
        Column(ITEM, "item", required=True, width=46, help="“项目”表中的名称或者键。"),
        Column(VALUE, "value", "money", required=True, help="只填数字。"),
        Column(UNIT, "unit", help="可以不填；填写的须与“项目”表一致。"),
        *_BEHIND,
    ),
    LINKED: (
        _AREA,
        Column(URBAN, "urban", "money", required=True, width=16),
        Column(RURAL, "rural", "money", required=True, width=16),
        *_BEHIND,
    ),
}
KIND = Kind(SHEETS, (STANDARDS,), "标准")
