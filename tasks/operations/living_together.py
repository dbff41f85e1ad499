"""Who does not count as a member of the household although he belongs to the family (Article 7, paragraph 2)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select, update

from jieban import rules
from jieban.benefits.granting import months_later
from jieban.cases.tables import Member
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.rules.tables import RuleSet
from jieban.writes import change
from tasks.operations.registry import Done
from tasks.operations.staffing import text

REASONS = {
    "religious": "连续脱离家庭独立生活的宗教教职人员",
    "custody": "在监狱内服刑、在戒毒所强制隔离戒毒",
    "missing": "宣告失踪",
    "province": "省级人民政府民政部门认定的其他人员",
}

_THE_CASE = bindparam("the_case", type_=Uuid())
_MEMBERS = Query(
    select(Member.id, Member.name, Member.applicant, Member.counted).where(Member.case_id == _THE_CASE)
)
_MEMBER = cast("Table", Member.__table__)
_LEAVE = (
    update(_MEMBER)
    .where(_MEMBER.c.id == bindparam("the_member"))
    .values(counted=False, not_counted_reason=bindparam("the_reason"))
)


def leave_out(done: Done, values: RuleSet) -> None:
    """Let the members whom the form names not count, each for a reason of the text; Invalid for any other."""
    rows = done.data.get("left_out") or []
    if not rows:
        return
    members = {one.name: one for one in _MEMBERS.all(done.session, the_case=done.case.id)}
    months = int(rules.number(values, "dibao.household.religious_away"))
    wrong = [
        {"field": f"left_out.{place}.{field}", "message": message}
        for place, row in enumerate(rows)
        for field, message in _wrong(row, members, months, done.today)
    ]
    if wrong:
        raise Invalid(errors=wrong)
    for row in rows:
        said = REASONS[str(row["ground"])]
        since = f"，自 {row['since']}" if row.get("since") else ""
        note = f"：{text(row, 'note')}" if text(row, "note") else ""
        told = {
            "the_member": members[text(row, "member")].id,
            "the_reason": f"{said}{since}{note}（最低生活保障审核确认办法 第七条）",
        }
        change(done.session, _LEAVE, told)


def _wrong(
    row: Mapping[str, Any], members: Mapping[str, Any], months: int, today: date
) -> Iterator[tuple[str, str]]:
    """Say which fields of a row are wrong, and why."""
    member = members.get(text(row, "member"))
    if member is None:
        yield "member", f"家庭成员中没有“{text(row, 'member')}”。"
    elif member.applicant:
        yield "member", "申请人本人应当计入。"
    since = date.fromisoformat(str(row["since"])) if row.get("since") else None
    if since and since > today:
        yield "since", "日期不能晚于今天。"
    if row["ground"] == "religious":
        if since is None:
            yield "since", "请填写脱离家庭独立生活的起始日期。"
        elif months_later(since, months) > today:
            yield "since", f"连续脱离家庭独立生活不满 {months} 个月，仍是共同生活的家庭成员。"
    if row["ground"] == "province" and not text(row, "note"):
        yield "note", "请写明省级民政部门的认定依据。"
