"""The table of limits and amounts, each with the source that says so; what is not law is marked as not law."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import or_, select

from jieban import rules
from jieban.areas.lookup import area_name
from jieban.clock import local_day
from jieban.rules.tables import RuleValue
from web.i18n import N_
from web.pages import render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)

CITABLE = frozenset({"full", "part"})
PROVENANCES = {
    "full": N_("已核对原文"),
    "part": N_("部分核对原文"),
    "memory": N_("未核对原文"),
    "inference": N_("推断"),
    "ours": N_("本系统设定"),
    "sample": N_("示例数据"),
}
RANKS = {
    "law": N_("法律"),
    "regulation": N_("行政法规"),
    "judicial": N_("司法解释"),
    "central": N_("中央和国务院文件"),
    "ministry": N_("部门规定"),
    "province": N_("省级规定"),
    "city": N_("市级规定"),
    "county": N_("县级规定"),
    "ours": N_("本系统设定"),
}
UNITS = {
    "wd": N_("个工作日"),
    "d": N_("天"),
    "h": N_("小时"),
    "mo": N_("个月"),
    "yuan": N_("元"),
}
VALUES = {
    "true": N_("是"),
    "false": N_("否"),
    "town": N_("乡镇（街道）"),
    "county": N_("县级"),
    "emergency_ended": N_("紧急情况解除"),
    "aid_paid": N_("救助金发放"),
}
_LEFT = {
    "any": N_("由各地规定"),
    "below_law": N_("法律没有规定的由各地规定"),
    "less": N_("各地可以更短、更低"),
    "more": N_("各地可以更长、更高"),
}
OTHER = "other"
FIELDS = {
    "dibao": N_("最低生活保障"),
    "tekun": N_("特困人员救助供养"),
    "marginal": N_("低保边缘家庭"),
    "rigid": N_("刚性支出困难家庭"),
    "temp": N_("临时救助"),
    "orphan": N_("孤儿"),
    "child": N_("事实无人抚养儿童和困境儿童"),
    "disabled": N_("残疾人两项补贴"),
    "linked": N_("九类标准联动"),
    "benefit": N_("调减和终止"),
    "publicity": N_("公示公布"),
    "payment": N_("救助金发放"),
    "fraud": N_("骗取救助"),
    "monitor": N_("监测预警"),
    "care": N_("服务类救助"),
    "charity": N_("慈善衔接"),
    "contact": N_("首接首办"),
    "hotline": N_("12345热线"),
    "petition": N_("信访"),
    "remedy": N_("救济途径"),
    OTHER: N_("其他"),
}
"""What a key begins with, in the order of the page; an office's own keys may begin with anything."""
_PLACE = {name: place for place, name in enumerate(FIELDS)}


def field_of(key: str) -> str:
    """Tell the field that a key belongs to."""
    start = key.split(".", 1)[0]
    return start if start in FIELDS else OTHER


@router.get("/admin/rules")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("rules.read"))],
    search: str = "",
    field: str = "",
    *,
    old: bool = False,
) -> Response:
    """Show the values in force, or with `old` those of other times too."""
    today = local_day(visitor.now)
    query = select(RuleValue).order_by(RuleValue.key, RuleValue.area_code, RuleValue.effective_from)
    # What was withdrawn before it held has ended before it begins.
    held = or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= RuleValue.effective_from)
    query = query.where(held)
    if not old:
        query = query.where(or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= today))
    if text := search.strip()[:100]:
        columns = (RuleValue.key, RuleValue.name, RuleValue.rule_id, RuleValue.article)
        query = query.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    with visitor.database.read() as session:
        rows = [row for row in session.scalars(query) if field in {"", field_of(row.key)}]
        places = {code: area_name(session, code) for code in {row.area_code for row in rows} if code}
    rows.sort(key=lambda row: _PLACE[field_of(row.key)])
    return render(
        request,
        "rules.html",
        block="list",
        groups=[(name, list(group)) for name, group in groupby(rows, lambda row: field_of(row.key))],
        fields=FIELDS,
        field=field,
        places=places,
        today=today,
        search=search,
        old=old,
        citable=CITABLE,
        provenances=PROVENANCES,
        ranks=RANKS,
        left_to_places=rules.left_to_places(),
        left=_LEFT,
        not_read=rules.not_read(),
        units=UNITS,
        values=VALUES,
    )
