"""The table of limits and amounts, each with the source that says so; what is not law is marked as not law."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import or_, select

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
VALUES = {"true": N_("是"), "false": N_("否"), "town": N_("乡镇（街道）"), "county": N_("县级")}


@router.get("/admin/rules")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("rules.read"))],
    search: str = "",
    *,
    old: bool = False,
) -> Response:
    """Show the values in force, or with `old` those of other times too."""
    today = local_day(visitor.now)
    query = select(RuleValue).order_by(RuleValue.key, RuleValue.area_code, RuleValue.effective_from)
    if not old:
        query = query.where(or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= today))
    if text := search.strip()[:100]:
        columns = (RuleValue.key, RuleValue.name, RuleValue.rule_id, RuleValue.article)
        query = query.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    with visitor.database.read() as session:
        rows = session.scalars(query).all()
        places = {code: area_name(session, code) for code in {row.area_code for row in rows} if code}
    return render(
        request,
        "rules.html",
        block="list",
        rows=rows,
        places=places,
        today=today,
        search=search,
        old=old,
        citable=CITABLE,
        provenances=PROVENANCES,
        ranks=RANKS,
        units=UNITS,
        values=VALUES,
    )
