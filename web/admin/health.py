"""Whether the installation is well, for the people who keep it running."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from jieban.audit.tables import AdminEvent, Sweep
from jieban.ledger.tables import LedgerUnsealed
from notifications.tables import Outbox
from web.admin.channels import AUDIENCES, KIND_NAMES, channel_lines
from web.i18n import N_, translate
from web.pages import render
from web.security.visitor import Visitor, may
from workflows.health import SWEEPS, check_health

router = APIRouter(include_in_schema=False)
_EVENTS = 30
_MOST_SHOWN = 5
_BESIDE = frozenset({"version", "sha256"})
"""What an act carries for the machine alone."""

SWEEP_NAMES = {
    "fire_timers": N_("到时办理"),
    "escalate_overdue": N_("超期督促"),
    "follow_contacts": N_("首接反馈跟踪"),
    "move_deadlines": N_("日历变动调整期限"),
    "start_reviews": N_("到期核查和期满提醒"),
    "seal_accountability": N_("责任记录封存"),
    "deliver_outbox": N_("文书和消息送出"),
    "daily_digest": N_("每日待办提醒"),
    "monthly_payment_lists": N_("每月发放名册开办"),
    "housekeeping": N_("清理过期数据"),
}
ACTS = {
    "user.created": N_("建立账户"),
    "user.changed": N_("修改账户"),
    "user.deactivated": N_("停用账户"),
    "user.activated": N_("恢复账户"),
    "user.password_set": N_("设置密码"),
    "user.password_reset": N_("重置密码"),
    "user.password_changed": N_("本人修改密码"),
    "user.addresses": N_("本人修改联系方式"),
    "delivery.again": N_("再次发送"),
    "channel.tested": N_("试发渠道"),
    "model.drafted": N_("新建流程草稿"),
    "model.published": N_("发布流程"),
    "model.discarded": N_("丢弃流程草稿"),
    "calendar.imported": N_("导入工作日历"),
    "calendar.previewed": N_("预览日历导入"),
    "calendar.recalculated": N_("调整期限"),
    "calendar.undone": N_("撤销日历导入"),
    "calendar.asked": N_("日历导入提交复核"),
    "calendar.declined": N_("日历导入复核不同意"),
    "calendar.undo_asked": N_("日历撤销提交复核"),
    "case.shown": N_("命令行查看案件"),
    "areas.imported": N_("导入行政区划"),
    "rules.imported": N_("导入规则"),
    "rules.previewed": N_("预览标准导入"),
    "rules.undone": N_("撤销标准导入"),
    "demo.loaded": N_("载入演示数据"),
    "ledger.guarded": N_("重新装上台账触发器"),
}
RESULTS = {
    "done": N_("办理"),
    "set_aside": N_("搁置"),
    "unfinished": N_("时间用完，下一轮继续"),
    "signed": N_("签名的链头"),
    "提醒": N_("提醒"),
    "升级": N_("升级"),
    "超期": N_("超期"),
    "reached": N_("已办到"),
}


@router.get("/admin/health")
def show(request: Request, visitor: Annotated[Visitor, Depends(may("health.read"))]) -> Response:
    """Show every part, when each sweep last did its work, what waits, and what was administered lately."""
    health = check_health(visitor.database, visitor.settings.prefect_api_url, visitor.now)
    with visitor.database.read() as session:
        rows = {row.name: row for row in session.scalars(select(Sweep))}
        waiting = {
            "unsealed": session.scalar(select(func.count()).select_from(LedgerUnsealed)) or 0,
            "pending": session.scalar(select(func.count()).where(Outbox.state == "pending")) or 0,
            "failed": session.scalar(select(func.count()).where(Outbox.state == "failed")) or 0,
        }
        lines = channel_lines(session, request.app.state.channels, visitor.now)
        acts = session.scalars(select(AdminEvent).order_by(AdminEvent.at.desc()).limit(_EVENTS)).all()
    return render(
        request,
        "health.html",
        health=health,
        sweeps=[(name, SWEEP_NAMES.get(name, name), rows.get(name)) for name in SWEEPS],
        waiting=waiting,
        channels=request.app.state.channels,
        channel_lines=lines,
        channel_kinds=KIND_NAMES,
        audiences=AUDIENCES,
        acts=[(act, _told(visitor.locale, act.data)) for act in acts],
        act_names=ACTS,
        result_names=RESULTS,
    )


def _told(locale: str, data: Mapping[str, Any]) -> str:
    """Put what an act carries into one line: names and figures, of long lists how many."""
    found = []
    for item, value in data.items():
        if not value or item in _BESIDE or isinstance(value, Mapping):
            continue
        if not isinstance(value, list):
            found.append(str(value))
        elif len(value) > _MOST_SHOWN or not all(isinstance(one, str) for one in value):
            found.append(translate(locale, "{n} 项", n=len(value)))
        else:
            found.append("、".join(value))
    return "，".join(found)
