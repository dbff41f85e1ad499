import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.orm import Session

from jieban import rules
from jieban.cases.tables import Case
from jieban.clock import local_day, read_moment
from jieban.counters import Counter
from jieban.ids import new_id
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.writes import add
from notifications import applicants, outbox
from notifications.letters import organs, words
from notifications.letters.kinds import KINDS, LetterKind
from notifications.letters.sheets import HOTLINE, table
from notifications.letters.telling import Issued, issued
from notifications.tables import Letter, LetterNumber

_NUMBERS = Counter(LetterNumber)
_ISSUED = "letters issued"
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]"
_LINE_END = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t]*|[ \t]*\n[ \t]*(?={_WIDE})")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications", "templates"),
        autoescape=False,  # noqa: S701 - plain text that typst receives as data, never as markup
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cite"] = _cite
    environment.filters["as_day"] = _as_day
    return environment


def _as_day(text: str) -> str:
    """Write the day that a form or a fact holds as letters do."""
    return words.day(read_moment(str(text)))


def _cite(articles: Iterable[str]) -> str:
    """Write articles as letters do: 《最低生活保障审核确认办法》第十九条."""
    return "；".join(
        dict.fromkeys(re.sub(r"^([^《 ]+) (第.+)$", r"《\1》\2", article) for article in articles)
    )


def issue(
    session: Session,
    *,
    case: Case,
    kind: str,
    now: datetime,
    actor: Actor | None,
    extra: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] | None = None,
) -> Letter:
    """Issue a letter: freeze its words, give it a number, and ask for its PDF to be made.

    What the same step has just written is handed over in `told`, by the part of the letter that speaks of it.
    Raises Invalid where an adverse letter has no reasons.
    """
    what = KINDS[kind]
    base = words.base_of(session, case, kind, now, told or {})
    facts = words.gather(session, case, what, base, extra or {}, told or {})
    decided_by = facts.get("level") or "town"
    by_county = what.county or (what.county_signs and decided_by == "county") or not facts["town_organ"]
    # An order is signed by whoever issues it, which may stand above the county.
    facts["organ"] = facts.get("signed_by") or (facts["county_organ"] if by_county else facts["town_organ"])
    facts["articles"] = [
        *facts.get("articles", []),
        *words.citable_articles(session, case, [*what.cites, *facts.get("rule_keys", [])]),
    ]
    title = what.title.format(item=facts["item"])
    data = {
        "layout": what.layout,
        "organ": facts["organ"],
        "title": title,
        "addressee": (what.addressee(facts) if what.addressee else facts.get("addressee"))
        or case.applicant_name,
        "paragraphs": _paragraphs(kind, "body", facts),
        "table": table(what, facts),
        "after": _paragraphs(kind, "after", facts),
        "remedies": organs.remedies(decided_by, facts["county"], _today(session, case, now))
        if what.adverse
        else [],
        "date": words.day(now),
        "receipt": what.receipt,
        "sample": case.sample or facts["sample_place"],
        "contact": f"承办人：{facts['receiver']}　咨询电话：{facts['phone']}　监督投诉电话：{HOTLINE}"
        if what.contact
        else "",
    }
    # Counted last: nothing that comes after it can fail, so no number is lost.
    number = _number(session, facts, what, now)
    letter = Letter(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        number=number,
        title=title,
        issued_at=now,
        issued_by=actor.id if actor else None,
        data=data | {"number": number},
    )
    add(session, letter)
    session.info.setdefault(_ISSUED, []).append(issued(letter, base))
    outbox.enqueue(
        session,
        key=f"letter:{letter.id}",
        kind="render_letter",
        payload={"letter": str(letter.id)},
        now=now,
        case_id=case.id,
    )
    applicants.tell_of_letter(session, case, letter, what, extra or {}, now)
    return letter


def take_issued(session: Session, case_id: uuid.UUID) -> list[Issued]:
    """Hand over, once, the letters of a case that were issued in this session, in their order."""
    found: list[Issued] = session.info.get(_ISSUED, [])
    session.info[_ISSUED] = [one for one in found if one.letter.case_id != case_id]
    return [one for one in found if one.letter.case_id == case_id]


@contextmanager
def undone_with(session: Session) -> Iterator[None]:
    """Forget the letters that a part of a step issued, where that part fails and is undone."""
    before = len(session.info.get(_ISSUED, []))
    try:
        yield
    except BaseException:
        del session.info.get(_ISSUED, [])[before:]
        raise


def _today(session: Session, case: Case, now: datetime) -> RuleSet:
    """Give the rules of the day of the letter: how long one may appeal does not hang on when the case was accepted."""
    return rules.rule_set_for(session, case.town_code, local_day(now), now)


def _paragraphs(kind: str, block: str, facts: Mapping[str, Any]) -> list[str]:
    """Fill in one block of the letter's template; an empty line ends a paragraph."""
    template = _templates().get_template(f"{kind}.txt")
    if block not in template.blocks:
        return []
    text = "".join(template.blocks[block](template.new_context(dict(facts))))
    parts = [_LINE_END.sub("", part.strip()) for part in re.split(r"\n[ \t]*\n", text)]
    return [" ".join(part.split("\n")) for part in parts if part]


def _number(session: Session, facts: Mapping[str, Any], kind: LetterKind, now: datetime) -> str:
    # Who signs for itself counts for itself; the offices of a county share its numbers.
    area = str(facts.get("signed_in") or "")
    mark = organs.mark(session, area) if area else f"{organs.short_county(facts['county'])}民"
    prefix = f"{mark}{kind.mark}〔{local_day(now).year}〕"
    return f"{prefix}{_NUMBERS.next(session, prefix)}号"
