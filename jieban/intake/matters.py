"""Checks of a matter before it becomes a case: who brings it, and whether that can be true."""

import unicodedata
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.lookup import full_name
from jieban.errors import Invalid
from jieban.intake.applications import CHANNELS, NewMatter
from jieban.intake.checks import check_text, looks_like_phone
from jieban.intake.findings import Finding, finding
from jieban.people.id_numbers import check_id_number
from jieban.people.tables import Person

ACCUSED_OFFICE, ACCUSED_STAFF = "accused_office", "accused_staff"
"""Fields of an opening form that name whom a complaint is about: an office by its area code, a person by account."""

_LONGEST_NAME = 50
_LONGEST_SUBJECT = 100


def check_matter(matter: NewMatter, session: Session, *, personal: bool) -> list[Finding]:
    """List what is wrong with a matter; a personal one needs a name, and an identity number that is the person's own."""
    found = list(_plain(matter, session, personal=personal))
    if personal and matter.id_number:
        found += _person(matter, session)
    accused = str(matter.data.get(ACCUSED_OFFICE) or "")
    if accused and matter.area_code.startswith(accused):
        # Whoever is complained about must not learn of it, so the office above registers it (RX-10).
        message = "被投诉、举报的就是本单位的，应当由上一级单位登记办理，请转请上级受理。"
        found.append(finding(ACCUSED_OFFICE, accused, message))
    return found


def _plain(matter: NewMatter, session: Session, *, personal: bool) -> Iterator[Finding]:
    if matter.channel not in CHANNELS:
        yield finding("channel", matter.channel, "渠道应为列出的一种。")
    if not full_name(session, matter.area_code, unknown=""):
        yield finding("area_code", matter.area_code, "没有这个区划，请从列表中选择。")
    if not matter.subject.strip():
        yield finding("subject", "", "请填写姓名。" if personal else "请填写事由。")
    longest = _LONGEST_NAME if personal else _LONGEST_SUBJECT
    yield from check_text("subject", matter.subject, longest)
    yield from check_text("address", matter.address, 300)
    if matter.phone and not looks_like_phone(matter.phone):
        yield finding("phone", matter.phone, "电话号码格式不正确，应为 5 至 20 位数字。")


def _person(matter: NewMatter, session: Session) -> Iterator[Finding]:
    try:
        number = check_id_number(str(matter.id_number)).number
    except Invalid as wrong:
        yield finding("id_number", matter.id_number, wrong.message)
        return
    person = session.scalars(select(Person).where(Person.id_number == number)).one_or_none()
    if person is None:
        return
    if person.died_on:
        message = f"登记显示此人已于 {person.died_on.isoformat()} 死亡，请核实。"
        yield finding("id_number", number, message)
    if person.name != unicodedata.normalize("NFC", matter.subject.strip()):
        yield finding("subject", matter.subject, "姓名与该身份证号已登记的姓名不一致，请核对证件。")
