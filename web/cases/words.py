"""What the codes of a case are called, for people."""

from datetime import datetime
from typing import Any

from jieban.cases.check_items import CHECK_BODIES, CHECK_ITEMS
from jieban.cases.tables import Case, CaseEvent
from jieban.clock import CHINA
from jieban.intake.applications import (
    CHANNELS,
    INCOME_KINDS,
    PAPERS,
    PROPERTY_KINDS,
    RELATIONS,
    WORK_ABILITIES,
)
from jieban.staff.roles import ROLES
from notifications.letters import KINDS, organs
from notifications.letters.organs import WAYS_OF_DELAY
from tasks.delay import Remedy
from web.i18n import N_, translate
from web.titles import Titles
from workflows.extensions import REASONS, WHY_NOT
from workflows.registering import TOLD_AT_ONCE

STAGES = {
    "registered": N_("已登记"),
    "supplementing": N_("待补正材料"),
    "accepted": N_("已受理"),
    "investigating": N_("调查核对"),
    "noticed": N_("公示"),
    "reviewing": N_("审核确认"),
    "approved": N_("已确认同意"),
    "refused": N_("不予确认"),
    "terminated": N_("已终止"),
    "withdrawn": N_("已撤回"),
    "paid": N_("已发放"),
    "handling": N_("办理中"),
    "serving": N_("服务中"),
    "answering": N_("答复"),
    "revisiting": N_("回访"),
    "listing": N_("编制清单"),
    "sent": N_("送代发"),
    "decided": N_("已作出决定"),
}
OUTCOMES = {
    "paid": N_("已确认并发放"),
    "refused": N_("不予确认"),
    "terminated": N_("终止审核确认程序"),
    "withdrawn": N_("申请人撤回"),
    "ended": N_("已办结"),
    "approved": N_("已认定"),
    "transferred": N_("已转办"),
    "declined": N_("对方未接受"),
    "expired": N_("已到期"),
    "completed": N_("已完成"),
    "unfounded": N_("查不属实"),
    "kept": N_("待遇不变"),
    "changed": N_("待遇已调整"),
    "stopped": N_("待遇已终止"),
    "reduced": N_("待遇已调减"),
    "increased": N_("待遇已增加"),
    "grace": N_("已给予渐退期"),
    "replied": N_("已答复"),
    "not_accepted": N_("不予受理"),
    "settled": N_("已对账结清"),
    "dropped": N_("已作废"),
    "in_time": N_("期限内办结"),
    "supervised": N_("已督办"),
    "unmet": N_("暂无合适的服务"),
    "not_needed": N_("不需要服务"),
    "government_first": N_("先申请政府救助"),
    "aided": N_("已先行救助并补齐手续"),
    "recovered": N_("已责令退回并追回"),
    "returned": N_("已退回补充"),
    "list_closed": N_("已停止公示"),
    "checked": N_("已回复核对结果"),
    "unchecked": N_("没有授权，不能核对"),
    "sent_back": N_("已退回派单单位"),
    "objected": N_("已交还转送机关"),
    "guided": N_("已告知途径"),
    "final": N_("复查复核终结"),
}
DEADLINE_STATES = {
    "running": N_("进行中"),
    "met": N_("已按期完成"),
    "cancelled": N_("不再计算"),
    "extended": N_("已延长"),
}
UNITS = {
    "wd": N_("{n} 个工作日"),
    "d": N_("{n} 日"),
    "h": N_("{n} 小时"),
    "mo": N_("{n} 个月"),
}
CHECK_ANSWERS = {"none": N_("没有记录"), "found": N_("有记录"), "unable": N_("不能提供")}
CHECK_RESULTS = {"clear": N_("未见异常"), "doubtful": N_("存疑"), "over": N_("超过标准")}
OPINION_KINDS = {
    "initial": N_("初审意见"),
    "renewed": N_("重新调查后的意见"),
    "appraisal": N_("民主评议"),
    "review": N_("县级审核意见"),
}
OPINIONS = {
    "support": N_("同意"),
    "oppose": N_("不同意"),
    "increase": N_("拟增发"),
    "reduce": N_("拟减发"),
    "stop": N_("拟停发（终止）"),
    "grace": N_("拟给予渐退期"),
    "keep": N_("拟不作调整"),
}
DECISIONS = {
    "approved": N_("确认同意"),
    "refused": N_("不予确认同意"),
    "terminated": N_("终止审核确认程序"),
    "increased": N_("增发"),
    "reduced": N_("减发"),
    "stopped": N_("停发（终止）"),
    "grace": N_("渐退"),
    "kept": N_("不作调整"),
}
OBJECTIONS = {"notice": N_("公示异议"), "check": N_("核对异议"), "complaint": N_("投诉举报")}
LEVELS = {"town": N_("乡镇（街道）"), "county": N_("县级")}
INCOME_SOURCES = {"declared": N_("申报"), "visited": N_("入户核实"), "checked": N_("核对")}
SERVED = {"in_person": N_("直接送达"), "family": N_("家属签收"), "post": N_("邮寄"), "left": N_("留置")}
PAYMENTS = {"recorded": N_("已登记"), "paid": N_("已发放"), "returned": N_("退回")}
EXTENSION_STATES = {"asked": N_("待审批"), "approved": N_("已批准"), "rejected": N_("未批准")}
HANDOVERS = {"accepted": N_("签收"), "returned": N_("退回"), "reported": N_("协办反馈")}
HANDOVER_PARTS = {"lead": N_("主办"), "assist": N_("协办")}
READS = {
    "case": N_("查看案件"),
    "paper": N_("下载材料"),
    "letter": N_("打开文书"),
    "unmasked": N_("显示证件号"),
    "api": N_("接口读取"),
    "export": N_("导出"),
}
BENEFITS = {"active": N_("享受中"), "ended": N_("已停止")}
CARE_FORMS = {"centralised": N_("集中供养"), "dispersed": N_("分散供养")}
CARE_TIERS = {
    "none": N_("具备生活自理能力"),
    "partial": N_("部分丧失生活自理能力"),
    "full": N_("完全丧失生活自理能力"),
}
MESSAGES = {
    "escalation": N_("督促"),
    "red_card": N_("红牌警示"),
    "yellow_card": N_("黄牌提醒"),
    "reminder": N_("提醒"),
    "order": N_("督办单"),
    "contact": N_("首接跟踪"),
    "handover": N_("转交"),
    "digest": N_("每日提醒"),
    "receipt": N_("首接回执"),
    "interim": N_("进展告知"),
    "feedback": N_("反馈"),
    "extension": N_("延期告知"),
    "letter": N_("文书通知"),
}
TABLES = {
    "message": MESSAGES,
    "benefit": BENEFITS,
    "care_form": CARE_FORMS,
    "care_tier": CARE_TIERS,
    "stage": STAGES,
    "outcome": OUTCOMES,
    "deadline": DEADLINE_STATES,
    "check": CHECK_RESULTS,
    "check_item": CHECK_ITEMS,
    "check_body": CHECK_BODIES,
    "check_answer": CHECK_ANSWERS,
    "opinion_kind": OPINION_KINDS,
    "opinion": OPINIONS,
    "decision": DECISIONS,
    "objection": OBJECTIONS,
    "level": LEVELS,
    "income_source": INCOME_SOURCES,
    "served": SERVED,
    "payment": PAYMENTS,
    "extension": EXTENSION_STATES,
    "extension_reason": REASONS,
    "extension_why_not": WHY_NOT,
    "told": {"receipt": TOLD_AT_ONCE},
    "way_of_delay": WAYS_OF_DELAY,
    "handover": HANDOVERS,
    "handover_part": HANDOVER_PARTS,
    "read": READS,
    "channel": CHANNELS,
    "relation": RELATIONS,
    "income": INCOME_KINDS,
    "property": PROPERTY_KINDS,
    "paper": PAPERS,
    "ability": WORK_ABILITIES,
    "letter": {key: kind.name for key, kind in KINDS.items()},
}

_EVENTS = {
    "case.registered": N_("登记申请，出具首接回执"),
    "case.closed": N_("案件办结：{outcome}"),
    "task.opened": N_("转入“{task}”，由{role}办理"),
    "task.claimed": N_("领取“{task}”"),
    "task.released": N_("将“{task}”退回待领"),
    "task.stood_in": N_("代{for}办理“{task}”"),
    "task.handed_over": N_("将“{task}”转交给{to}：{reason}"),
    "task.completed": N_("办理“{task}”"),
    "task.overtaken": N_("“{task}”期限已过，按流程转入下一步"),
    "task.reminded": N_("提醒办理“{task}”"),
    "task.escalated": N_("“{task}”超期，已上报{to}"),
    "deadline.breached": N_("“{deadline}”超过期限"),
    "contact.warned": N_("提醒首接人：反馈期限将到"),
    "contact.breached": N_("首接反馈期限已过，还没有向本人反馈"),
    "contact.alarmed": N_("首接反馈期限已过，已上报{to}"),
    "deadline.moved": N_("工作日历有变动，期限随之调整：{moves}"),
    "deadline.annulled": N_("“{deadline}”的超期记录不再成立：按新的工作日历尚未到期"),
    "timer.fired": N_("期限届满：{name}"),
    "timer.stuck": N_("定时事项没有完成，已交由管理员处理：{reason}"),
    "task.failed": N_("办理“{task}”时系统出错，没有办成，填写的内容已暂存"),
    "incident.opened": N_("“{name}”不能自动继续，已交由流程管理员处理：{reason}"),
    "incident.retried": N_("流程管理员重新办理“{name}”"),
    "event.thrown": N_("流程发出“{name}”"),
    "timer.rearmed": N_("流程管理员重新排入定时事项"),
    "paper.added": N_("上传材料：{name}"),
    "payment.receipt": N_("导入银行回盘：发放成功 {paid} 笔，退回 {returned} 笔"),
    "notice.registered": N_("登记公示异议"),
    "complaint.registered": N_("登记投诉举报"),
    "benefit.ending": N_("提醒“{item}”待遇将于 {until} 届满"),
    "benefit.ended": N_("“{item}”待遇于 {until} 届满停止"),
    "order.issued": N_("向{to}下达督办单{number}：{what}"),
    "order.answered": N_("答复督办单{number}：{answer}"),
    "order.accepted": N_("督办单{number}的答复通过，督办办结"),
    "order.returned": N_("退回督办单{number}的答复：{reason}"),
    "order.withdrawn": N_("撤销督办单{number}：{reason}"),
    "order.reminded": N_("提醒答复督办单{number}"),
    "order.overdue": N_("督办单{number}超期未答复，已上报{to}"),
    "message.delivered": N_("{message}已通过{channel}送达{person}（{address}）"),
    "message.undelivered": N_("{message}没有通过{channel}送达{person}（{address}）：{reason}"),
    "message.uncertain": N_("{message}是否已通过{channel}送达{person}（{address}）不能确定：{reason}"),
    "extension.asked": N_("申请延长办理期限：{reason}"),
    "extension.approved": N_("批准延长办理期限，至 {due}"),
    "extension.rejected": N_("不同意延长办理期限：{answer}"),
}
_AS_WRITTEN = Titles()
_NAMED = frozenset({"task", "deadline", "name"})
"""What in an event names a step."""
_TO_PERSON = {
    "message.delivered": N_("{message}已通过{channel}送达本人（{address}）"),
    "message.undelivered": N_("{message}没有通过{channel}送达本人（{address}）：{reason}"),
    "message.uncertain": N_("{message}是否已通过{channel}送达本人（{address}）不能确定：{reason}"),
}
"""What is said where the message went to whoever brought the matter."""
_SERVICES = {
    "accept_case": N_("受理申请，开始计算办理期限"),
    "issue_letter": N_("出具《{letter}》"),
    "start_clock": N_("开始计算期限"),
    "stop_clock": N_("期限停止计算"),
    "extend_clock": N_("延长期限"),
    "open_linked": N_("转办并立案"),
    "note_matter": N_("{text}，记入台账"),
}
_LATE = frozenset(
    {
        "task.escalated",
        "order.overdue",
        "deadline.breached",
        "contact.breached",
        "contact.alarmed",
        "timer.stuck",
        "task.overtaken",
        "task.failed",
        "incident.opened",
        "message.undelivered",
        "message.uncertain",
    }
)
_GOOD = frozenset({"case.closed", "extension.approved", "order.accepted"})


def say(locale: str, table: str, key: object) -> str:
    """Name a code of one of the tables; a code that is not in it shows as it is."""
    return translate(locale, TABLES[table].get(str(key), str(key or "")))


def span(locale: str, length: int, unit: str) -> str:
    """Say the length of a clock."""
    return translate(locale, UNITS.get(unit, "{n}"), n=length)


def ways(locale: str, remedy: Remedy) -> list[str]:
    """Say what is open to an applicant once a limit of the law has passed."""
    written = span if locale == "en" else _as_letters_do
    return [
        translate(
            locale,
            WAYS_OF_DELAY[key],
            span=written(locale, *length) if length else "",
            county=remedy.county,
        )
        for key, length in remedy.ways.items()
    ]


def _as_letters_do(_: str, length: int, unit: str) -> str:
    return organs.span(length, unit)


def addressee(locale: str, name: str, role: str) -> str:
    """Name to whom an order goes: an office with the role that answers for it, or a person as written."""
    if role not in ROLES:
        return name
    answers = ROLES[role].english if locale == "en" else ROLES[role].name
    return translate(locale, N_("{office}（由{role}答复）"), office=name.partition("（")[0], role=answers)


def event_text(locale: str, event: CaseEvent, titles: Titles = _AS_WRITTEN) -> str:
    """Say in a sentence what happened."""
    data: dict[str, Any] = dict(event.data)
    for name in _NAMED & data.keys():
        data[name] = titles.of(event.case_id, str(data[name]))
    if event.kind == "case.registered" and not data.get("receipt"):
        return translate(locale, N_("登记事项"))  # work of the office itself has no receipt
    if event.kind == "service.done":
        letter = say(locale, "letter", data.get("kind", ""))
        return translate(
            locale,
            _SERVICES.get(str(data.get("operation")), N_("系统办理")),
            letter=letter,
            text=data.get("text", ""),
        )
    if event.kind == "deadline.moved" and data.get("notice"):
        said = N_("工作日历有变动（依据{notice}），期限随之调整：{moves}")
        return translate(locale, said).format_map(_Lenient(data))
    _name_codes(locale, event, data)
    kind = event.kind
    if kind in _TO_PERSON and not data.get("person"):
        return translate(locale, _TO_PERSON[kind]).format_map(_Lenient(data))
    return translate(locale, _EVENTS.get(kind, kind)).format_map(_Lenient(data))


def _name_codes(locale: str, event: CaseEvent, data: dict[str, Any]) -> None:
    """Put words in the place of the codes that an event holds."""
    if "outcome" in data:
        data["outcome"] = say(locale, "outcome", data["outcome"])
    if event.kind.startswith("message."):
        data["message"] = say(locale, "message", data.get("message"))
        data["address"] = data.get("address") or translate(locale, N_("工作群"))
    for name in ("role", "to"):
        if name in data:
            data[name] = role_name(locale, str(data[name]))
    if data.get("due"):
        data["due"] = datetime.fromisoformat(str(data["due"])).astimezone(CHINA).date().isoformat()


def role_name(locale: str, key: str) -> str:
    """Name a role."""
    role = ROLES.get(key)
    return (role.english if locale == "en" else role.name) if role else key


def choices(locale: str, table: str) -> list[tuple[str, str]]:
    """List the codes of a table with their names, for a choice."""
    return [(key, translate(locale, text)) for key, text in TABLES[table].items()]


def event_tone(event: CaseEvent) -> str:
    """Say how a line of the history is marked."""
    if event.kind in _LATE or (event.kind == "task.completed" and event.data.get("late")):
        return "is-late"
    return "is-good" if event.kind in _GOOD else ""


_NOT_REACHED = frozenset(
    {
        "refused",
        "terminated",
        "withdrawn",
        "declined",
        "not_accepted",
        "dropped",
        "expired",
        "stopped",
        "returned",
    }
)
"""Outcomes by which nobody got what the case was about."""


def state_class(case: Case) -> str:
    """Choose the mark of a case's stage."""
    if case.state == "closed":
        return "state-refused" if case.outcome in _NOT_REACHED else "state-done"
    return "state-waiting" if case.stage == "supplementing" else "state-open"


class _Lenient(dict[str, Any]):
    """Events of older versions may lack a word."""

    def __missing__(self, key: str) -> str:
        return ""
