"""Where staff are reached outside the program, and what an address must look like to be used at all."""

import re
import uuid

from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.staff.tables import StaffAddress

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PUNCTUATION = re.compile(r"[\s\-()（）]")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def mobile(text: str) -> str:
    """Write a mainland mobile number as eleven digits; "" for anything else, such as a landline."""
    digits = _PUNCTUATION.sub("", text).removeprefix("+86").removeprefix("0086")
    return digits if _MOBILE.fullmatch(digits) else ""


def is_mail(text: str) -> bool:
    """Tell whether this is one plain address to which a mail can be sent."""
    return len(text) <= 254 and _MAIL.fullmatch(text) is not None


def masked(address: str) -> str:
    """Write an address so that its owner knows it again and nobody can use it: 138****5678, w***@example.gov.cn."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{address[:3]}****{address[-4:]}" if len(address) == 11 else "***" if address else ""


def address_errors(number: str, mail: str) -> list[tuple[str, str]]:
    """List what is wrong with a mobile number and a mail address; both may be left empty."""
    errors = []
    if number.strip() and not mobile(number):
        errors.append(("mobile", "手机号码应为 11 位数字，例如 13800001234；座机收不到短信。"))
    if mail.strip() and not is_mail(mail.strip()):
        errors.append(("mail", "邮箱地址格式不正确，例如 wang@example.gov.cn。"))
    return errors


def address_of(session: Session, user_id: uuid.UUID) -> StaffAddress:
    """Give where somebody is reached; what is not known is empty."""
    found = session.get(StaffAddress, user_id)
    return found or StaffAddress(user_id=user_id, mobile="", mail="", reminders=False)


def set_address(
    session: Session, user_id: uuid.UUID, *, number: str, mail: str, reminders: bool | None = None
) -> dict[str, str]:
    """Note where somebody is reached, and whether reminders go there too; return what changed, masked. Raises Invalid."""
    if errors := address_errors(number, mail):
        raise Invalid(errors=[{"field": field, "message": message} for field, message in errors])
    address = address_of(session, user_id)
    before = _values(address)
    address.mobile, address.mail = mobile(number), mail.strip()
    if reminders is not None:
        address.reminders = reminders
    after = _values(address)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        session.add(address)
    return {name: f"{_shown(before[name])} → {_shown(after[name])}" for name in changed}


def _values(address: StaffAddress) -> dict[str, str | bool]:
    return {"mobile": address.mobile, "mail": address.mail, "reminders": address.reminders}


def _shown(value: str | bool) -> str:
    if isinstance(value, bool):
        return "渠道发送" if value else "只在系统内"
    return masked(value) or "空"
