"""The channels on the health page: how each fares, what waits, and another try for what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from jieban.audit import record_admin
from notifications import sending
from notifications.channels import Channel, Channels
from notifications.tables import ChannelState, Delivery
from web.i18n import N_, translate
from web.pages import redirect
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
KIND_NAMES = {
    "mail": N_("邮件"),
    "webhook": N_("短信等接口"),
    "wecom": N_("企业微信机器人"),
    "dingtalk": N_("钉钉机器人"),
    "feishu": N_("飞书机器人"),
}
AUDIENCES = {"staff": N_("工作人员"), "applicants": N_("申请人"), "ledger_heads": N_("台账链头")}


@dataclass(frozen=True)
class Line:
    """One channel as it is shown; `channel` is None where the file does not name it any more."""

    key: str
    channel: Channel | None
    state: ChannelState | None
    waiting: int
    failed: int
    uncertain: int
    resting: bool
    asleep: bool


def channel_lines(session: Session, channels: Channels, now: datetime) -> Sequence[Line]:
    """Say of every channel of the file, and of those that still have something, how it fares."""
    states = {row.channel: row for row in session.scalars(select(ChannelState))}
    counts = _counts(session)
    known = [one.key for one in channels]
    gone = sorted(key for key in counts if key not in known)
    return [
        _line(key, channels.named(key), states.get(key), counts.get(key, {}), now) for key in (*known, *gone)
    ]


@router.post("/admin/channels/{key}/again")
def send_again(
    request: Request, key: str, visitor: Annotated[Visitor, Depends(may("health.read"))]
) -> Response:
    """Let what a channel gave up be tried anew; it is recorded who asked."""
    channel = request.app.state.channels.named(key)
    if channel is None:
        said = translate(visitor.locale, "配置文件中没有这个渠道，不能发送。")
        return redirect("/admin/health#channels", said, "warning")
    with visitor.database.write() as session:
        number = sending.send_again(session, key, visitor.now)
        data = {"channel": channel.name, "number": number}
        record_admin(session, kind="delivery.again", now=visitor.now, actor=visitor.actor, data=data)
    said = translate(visitor.locale, "{channel}：{n} 条重新排队发送。", channel=channel.name, n=number)
    return redirect("/admin/health#channels", said)


def _counts(session: Session) -> dict[str, dict[str, int]]:
    """Count what is not delivered, by channel and state; each part through its own index."""
    found: dict[str, dict[str, int]] = {}
    for states in ("state IN ('waiting', 'sending')", "state IN ('failed', 'uncertain')"):
        some: Any = literal_column(states)
        query = select(Delivery.channel, Delivery.state, func.count()).where(some)
        for channel, state, number in session.execute(query.group_by(Delivery.channel, Delivery.state)):
            found.setdefault(channel, {})[state] = number
    return found


def _line(
    key: str, channel: Channel | None, state: ChannelState | None, counts: dict[str, int], now: datetime
) -> Line:
    return Line(
        key,
        channel,
        state,
        counts.get("waiting", 0) + counts.get("sending", 0),
        counts.get("failed", 0),
        counts.get("uncertain", 0),
        state is not None and sending.rests(state, now),
        channel is not None and not channel.open_at(now),
    )
