"""The chain of a first contact in sentences: for those who supervise with names and reasons, for the person in plain words."""

from dataclasses import dataclass
from datetime import datetime

from jieban.handovers.tables import Handover
from jieban.ledger.tables import ContactStep, FirstContact
from web.i18n import N_, translate

SATISFACTION = {
    "very_satisfied": N_("非常满意"),
    "satisfied": N_("满意"),
    "fair": N_("基本满意"),
    "dissatisfied": N_("不满意"),
    "very_dissatisfied": N_("非常不满意"),
}
HOW = {
    "phone": N_("电话"),
    "sms": N_("短信"),
    "in_person": N_("当面"),
    "letter": N_("书面"),
    "not_wanted": N_("本人不要求反馈"),
}
FLAGS = {
    "registered_late": N_("登记迟延"),
    "handed_late": N_("转办逾期"),
    "returned_wrongly": N_("退回不当"),
    "unheard": N_("未按期反馈"),
    "pushed_away": N_("推诿"),
    "dissatisfied": N_("群众不满意"),
}
MEANINGS = {
    "registered_late": N_("收到当日没有登记"),
    "handed_late": N_("转办后超过期限才答复，或者期限已过还没有答复"),
    "returned_wrongly": N_("超期退回、没有理由退回，或者退回后又被县级指定由其承办"),
    "unheard": N_("反馈期限已过，没有向本人反馈"),
    "pushed_away": N_("转办两次以上都被退回或者逾期没有答复，没有单位签收"),
    "dissatisfied": N_("评价不满意，重新办理"),
}
_ANSWERS = {
    "accepted": N_("{unit}签收"),
    "returned": N_("{unit}退回：{reason}"),
    "reported": N_("{unit}协办反馈"),
}
_PLAIN = {
    "accepted": N_("{unit}已接收，由其办理。"),
    "returned": N_("{unit}表示不由其办理，正在另行确定承办单位。"),
    "reported": N_("{unit}已协助办理。"),
}


@dataclass(frozen=True)
class Link:
    at: datetime
    text: str
    by: str = ""
    late: bool = False


def chain(
    locale: str,
    contact: FirstContact,
    handovers: list[Handover],
    steps: list[ContactStep],
    now: datetime,
    *,
    plain: bool = False,
) -> list[Link]:
    """Tell in order who received a matter, to whom it went and what came of it; `plain` leaves out names and reasons."""

    def say(text: str, **values: object) -> str:
        return translate(locale, text, **values)

    who = {"unit": contact.receiver_unit, "name": contact.receiver_name}
    links = [Link(contact.received_at, say(N_("{unit}{name}首接。"), **who), "", contact.registered_late)]
    for one in handovers:
        if plain:
            asked = N_("转交{unit}办理。") if one.part == "lead" else N_("请{unit}协助办理。")
            links.append(Link(one.handed_at, say(asked, unit=one.to_unit)))
        else:
            asked = N_("转办{unit}：{reason}") if one.part == "lead" else N_("请{unit}协办：{reason}")
            text = say(asked, unit=one.to_unit, reason=one.reason)
            if one.designated:
                text += say(N_("（县级指定）"))
            if one.made_late:
                text += say(N_("（超过首接转办期限）"))
            links.append(Link(one.handed_at, text, f"{one.from_name} {one.from_unit}", one.made_late))
        if one.answered_at:
            late = bool(one.due_at and one.answered_at > one.due_at)
            words = (_PLAIN if plain else _ANSWERS)[one.answer]
            text = say(words, unit=one.to_unit, reason=one.answer_reason)
            links.append(Link(one.answered_at, text, "" if plain else one.answered_name, late and not plain))
        elif one.due_at and one.due_at < now and not plain:
            links.append(
                Link(one.due_at, say(N_("{unit}期限已过，没有答复"), unit=one.to_unit), "", late=True)
            )
    links += [link for step in steps if (link := _step(locale, step, plain=plain))]
    return sorted(links, key=lambda link: link.at)


def _step(locale: str, step: ContactStep, *, plain: bool) -> Link | None:
    how = translate(locale, HOW.get(step.how, ""))
    rated = translate(locale, SATISFACTION.get(step.satisfaction, ""))
    if plain:
        words = {
            "interim": N_("已向您告知进展。"),
            "feedback": N_("已向您反馈办理情况。"),
            "rated": N_("评价：{rated}"),
            "reopened": N_("已要求首接人重新办理。"),
        }.get(step.kind)
        return Link(step.at, translate(locale, words, rated=rated)) if words else None
    words = {
        "interim": N_("告知进展（{how}）：{words}"),
        "feedback": N_("反馈（{how}）：{words}"),
        "rated": N_("评价{rated}：{words}") if step.words else N_("评价{rated}"),
        "reopened": N_("重新办理：{words}"),
        "warned": N_("提醒首接人：反馈期限将到"),
        "breached": N_("反馈期限已过，没有反馈"),
        "alarmed": N_("已告知分管领导，请其督促"),
    }[step.kind]
    by = step.by_name or (translate(locale, N_("本人")) if step.kind in {"rated", "reopened"} else "")
    text = translate(locale, words, how=how, rated=rated, words=step.words)
    return Link(step.at, text, by, step.kind in {"breached", "alarmed"})
