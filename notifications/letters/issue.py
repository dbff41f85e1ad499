from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.ids import new_id
from jieban.staff.actor import Actor
from notifications import outbox
from notifications.letters import organs, words
from notifications.letters.kinds import KINDS, LetterKind
from notifications.tables import Letter, LetterNumber

_RULES = {
    "acceptance": ["dibao.total", "dibao.total.delegated", "dibao.total.urban_calendar"],
    "extension": ["dibao.total.extended"],
    "public_notice": ["dibao.publicity.initial"],
    "approval": ["dibao.pay.first"],
}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications", "templates"),
        autoescape=False,  # noqa: S701 - plain text that typst receives as data, never as markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["clean"] = organs.plain
    return environment


def issue(
    session: Session,
    *,
    case: Case,
    kind: str,
    now: datetime,
    actor: Actor | None,
    extra: Mapping[str, Any] | None = None,
) -> Letter:
    """Issue a letter: freeze its words, give it a number, and ask for its PDF to be made.

    Raises Invalid where an adverse letter has no reasons.
    """
    session.flush()  # the words are read from rows that this step may just have written
    what = KINDS[kind]
    facts = words.gather(session, case, what, extra or {})
    by_county = what.county_signs and facts.get("level") == "county"
    signer = facts["organ"] = facts["county_organ"] if by_county else facts["town_organ"]
    letter = Letter(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        number=_number(session, facts["county"], what, now),
        title=what.title,
        issued_at=now,
        issued_by=actor.id if actor else None,
        data={},
    )
    body = (
        _templates()
        .get_template(f"{kind}.txt")
        .render(**facts, articles=words.citable_articles(session, case, _RULES.get(kind, [])))
    )
    letter.data = {
        "layout": what.layout,
        "organ": signer,
        "title": what.title,
        "number": letter.number,
        "addressee": case.applicant_name,
        "paragraphs": [" ".join(part.split()) for part in body.split("\n\n") if part.strip()],
        "rows": _rows(what, facts),
        "remedies": organs.remedies(facts["county"]) if what.adverse else [],
        "date": words.day(now),
        "receipt": what.receipt,
        "sample": case.sample,
        "contact": f"联系人：{facts['receiver']}  联系电话：{facts['phone']}",
    }
    session.add(letter)
    outbox.enqueue(
        session,
        key=f"letter:{letter.id}",
        kind="render_letter",
        payload={"letter": str(letter.id)},
        now=now,
        case_id=case.id,
    )
    return letter


def _rows(kind: LetterKind, facts: Mapping[str, Any]) -> list[list[str]]:
    if kind.layout == "notice":
        shown = facts["shown"]
        amount = f"{shown['amount']} 元/月" if shown.get("amount") else "——"
        result = {"support": "拟同意", "oppose": "拟不同意", "approved": "确认同意"}.get(
            shown.get("result", ""), ""
        )
        return [
            ["申请人姓名", "家庭成员数量", "意见" if kind.key == "public_notice" else "结果", "保障金额"],
            [shown["name"], f"{shown['members']} 人", result, amount],
        ]
    if kind.key == "approval":
        return [
            ["步骤", "计算", "结果"],
            *[[step["label"], step["formula"], step["value"]] for step in facts["steps"]],
        ]
    if kind.key == "supplement":
        return [
            ["序号", "需要补齐的材料", "为什么需要"],
            *[[str(place), paper["name"], paper["why"]] for place, paper in enumerate(facts["missing"], 1)],
        ]
    if kind.key == "receipt":
        pairs = (
            ("受理事项", "matter"),
            ("首接人", "receiver"),
            ("首接单位", "receiver_unit"),
            ("首接时间", "registered"),
        )
        more = ("咨询电话", "phone"), ("案号", "case_number"), ("进度查询码", "receipt_code")
        return [["项目", "内容"], *[[name, str(facts[key])] for name, key in (*pairs, *more)]]
    return []


def _number(session: Session, county: str, kind: LetterKind, now: datetime) -> str:
    place = county.removesuffix("县").removesuffix("区")
    return next_number(session, f"{place}{kind.mark}〔{local_day(now).year}〕") + "号"


def next_number(session: Session, prefix: str) -> str:
    """Count up the letters of a kind in a county and year, without gaps or doubles."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = LetterNumber.__table__
    counted = insert(LetterNumber).values(prefix=prefix, last=1)
    counted = counted.on_conflict_do_update(index_elements=["prefix"], set_={"last": table.c.last + 1})
    return f"{prefix}{session.execute(counted.returning(table.c.last)).scalar_one()}"
