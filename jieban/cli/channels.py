from typing import TYPE_CHECKING, Annotated, Any

import typer

from jieban.cli.output import Json, answer, table
from jieban.errors import Invalid

if TYPE_CHECKING:
    from notifications.channels import Channel

app = typer.Typer(help="检查和试用发送渠道（短信、邮件、群机器人）。", no_args_is_help=True)


@app.command("check", help="检查渠道配置文件，列出已配置的渠道；密码不显示。")
def check(*, as_json: Json = False) -> None:
    """Say what may leave the machine, and where the file is wrong."""
    from jieban.settings import read_settings
    from notifications.channels.config import load_channels

    path = read_settings().channels
    found: list[dict[str, Any]] = [
        {
            "key": one.key,
            "name": one.name,
            "kind": one.kind,
            "for": sorted(one.audiences),
            "kinds": sorted(one.kinds),
            "where": one.where,
            "secret": "***" if one.secrets else "",
            "timeout": one.timeout,
            "per_minute": one.per_minute,
            "idempotent": one.idempotent,
        }
        for one in load_channels(path)
    ]
    heads = ("代号", "名称", "方式", "发给", "地址", "密码", "每分钟")
    rows = [
        (
            one["key"],
            one["name"],
            one["kind"],
            ",".join(one["for"]),
            one["where"],
            one["secret"],
            one["per_minute"],
        )
        for one in found
    ]
    words = f"{path}\n{table(heads, rows)}" if found else f"没有配置发送渠道（{path}），什么也不会发出。"
    answer(found, words, as_json=as_json)


@app.command("test", help="用一个渠道试发一条消息。")
def try_out(
    key: Annotated[str, typer.Argument(metavar="代号")],
    to: Annotated[str, typer.Option("--to", help="收件的手机号码或者邮箱；群机器人可以不写。")] = "",
) -> None:
    """Send one message now, whatever the hours and the limits say; it is recorded who was written to."""
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.ids import new_id
    from jieban.settings import read_settings
    from jieban.staff.addresses import masked
    from notifications.channels.config import load_channels
    from notifications.channels.senders import NotSent, Outgoing, Unclear, sender_of
    from notifications.outcomes import clean

    channel = load_channels(read_settings().channels).named(key)
    if channel is None:
        raise Invalid(f"配置文件中没有代号为“{key}”的渠道，用 jieban channels check 查看。")
    address, moment = _address(channel, to), now()
    text = f"【{channel.signature}】" if channel.signature and channel.kind == "webhook" else ""
    item = Outgoing(new_id(), address, "接办 试发", f"{text}这是一条试发的消息，收到即说明渠道可用。", moment)
    with open_database() as database:
        with database.write() as session:
            data = {"channel": channel.name, "to": masked(address)}
            record_admin(session, kind="channel.tested", now=moment, actor_name="命令行", data=data)
        try:
            with sender_of(channel) as sender:
                sender.send(item)
        except (NotSent, Unclear) as error:
            unsure = "，可能已经发出" if isinstance(error, Unclear) else ""
            raise Invalid(f"没有成功{unsure}：{clean(error.reason, channel, address)}。") from error
    print(f"{channel.name}已接受发给 {masked(address) or '群'} 的消息。")


def _address(channel: "Channel", to: str) -> str:
    from jieban.staff.addresses import is_mail, mobile

    if channel.kind == "mail":
        if not is_mail(to.strip()):
            raise Invalid("请用 --to 写上收件的邮箱。")
        return to.strip()
    if not (mobile(to) or (channel.robot and not to)):
        raise Invalid("请用 --to 写上 11 位手机号码。")
    return mobile(to)
