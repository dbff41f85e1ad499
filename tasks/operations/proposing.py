"""What becomes of a benefit: the proposal with its ground, its amount, and what it needs before it is decided.

Sources: 最低生活保障审核确认办法 Articles 31 to 34, 特困人员认定办法 Articles 23 to 26, 社会救助法 Articles 47 and 48.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select

from jieban import rules, workdays
from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Opinion
from jieban.clock import local_day, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.rules.tables import RuleSet
from jieban.writes import add
from tasks.amounts.changed import Outlook, outlook
from tasks.amounts.registry import plain
from tasks.held import benefit_of, counted
from tasks.operations.benefits import told_of
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

ADVERSE = frozenset({"reduce", "stop", "grace"})
"""What takes something away, now or later: the person is heard before it (社会救助法 Article 48)."""

WORDS = {
    "increase": "增发",
    "reduce": "减发",
    "stop": "停发（终止）",
    "grace": "给予渐退期后停发",
    "keep": "不作调整",
}

_WORKING_DAYS_TO_BE_HEARD = 5
"""Ours: no text says how long somebody has to say what they think of it."""


@dataclass(frozen=True)
class Ground:
    """Why a benefit changes, and the article that says so."""

    words: str
    article: str
    ends: bool = False
    """one of the grounds on which the support of a destitute person ends (TK-16)"""

    def article_for(self, aid: str) -> str:
        """Give the article where it binds a kind of assistance; empty where only the Law speaks of that kind."""
        return self.article if aid in _BOUND.get(self.article.partition(" ")[0], (aid,)) else ""


_S3, _S4, _S6 = (
    "最低生活保障审核确认办法",
    "特困人员认定办法",
    "关于进一步做好最低生活保障等社会救助兜底保障工作的通知",
)
_LAW = "中华人民共和国社会救助法"
_BOUND = {
    _S3: ("subsistence_allowance", "marginal_household"),
    _S4: ("destitute_support",),
    _S6: ("subsistence_allowance",),
}
"""For which kinds of assistance these texts speak; households at the margin follow those of the allowance (BY-02)."""
GROUNDS = {
    "income": Ground("家庭收入变化", f"{_S3} 第三十一条"),
    "property": Ground("家庭财产变化", f"{_S3} 第三十一条"),
    "members": Ground("家庭人口变化", f"{_S3} 第三十一条"),
    "death": Ground("家庭成员死亡", f"{_S6} 第一部分第(三)项"),
    "work": Ground("就业后家庭人均收入超过标准", f"{_S3} 第三十三条"),
    "job_refusal": Ground("无正当理由连续三次拒绝接受介绍的工作", f"{_S3} 第三十四条"),
    "fraud": Ground("采取虚报、隐瞒、伪造等手段骗取救助", f"{_LAW} 第七十三条"),
    "exit": Ground("自愿退出", f"{_LAW} 第四十七条"),
    "care": Ground("生活自理能力变化", f"{_S4} 第二十三条"),
    "t_death": Ground("死亡或者被宣告死亡、宣告失踪", f"{_S4} 第二十四条", ends=True),
    "t_able": Ground("具备或者恢复劳动能力", f"{_S4} 第二十四条", ends=True),
    "t_prison": Ground("依法被判处刑罚，且在监狱服刑", f"{_S4} 第二十四条", ends=True),
    "t_means": Ground("收入和财产状况不再符合规定", f"{_S4} 第二十四条", ends=True),
    "t_supporter": Ground("法定义务人具有了履行义务能力", f"{_S4} 第二十四条", ends=True),
    "t_exit": Ground("自愿申请退出救助供养", f"{_S4} 第二十四条", ends=True),
}


@task_operation("propose_change", "提出变更意见", "Propose what to change", ("kind",), duty="propose")
def propose_change(done: Done) -> Mapping[str, Fact]:
    """Propose what becomes of the benefit, with ground and amount; say whether the person must be heard and the end posted."""
    benefit, result = benefit_of(done), str(done.data["result"])
    ground = _ground(done, benefit, result)
    worked = _worked(done, benefit, result)
    after = _after(done, benefit, result, worked)
    _check_holder(done, benefit, result)
    return put_forward(done, result, ground, after, worked)


def put_forward(
    done: Done, result: str, ground: str, after: Decimal | None, worked: Outlook | None
) -> dict[str, Fact]:
    """Keep a proposal as the letters speak of it, and tell what it needs before it is decided."""
    benefit = benefit_of(done)
    data = {
        **done.data,
        "result": result,
        "ground": ground,
        "before": "" if benefit.amount is None else f"{benefit.amount:.2f}",
        "after": "" if after is None else f"{after:.2f}",
        "members_after": worked.members if worked else len(counted(done)),
        **({"calculation": worked.calculation} if worked and result != "stop" else {}),
        "result_words": WORDS[result],
        "ground_words": GROUNDS[ground].words,
        "hear_until": _hear_until(done).isoformat(),
    }
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="proposal",
        title=done.task.name,
        element=done.task.element,
        form=done.task.form,
        data=plain(data),
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:proposal", record)
    opinion = Opinion(
        id=new_id(),
        case_id=done.case.id,
        kind="initial",
        result=result,
        amount=after,
        reason=text(done.data, "reason"),
        given_by=done.actor.id,
        given_at=done.now,
    )
    add(done.session, opinion)
    done.case.stage = "reviewing"
    nobody = not counted(done)
    needs = needs_hearing(done.rules, result, nobody=nobody)
    return {
        **told_of(done),
        "nobody_left": nobody,
        "intended": result,
        "needs_hearing": needs,
        "hearing": "nobody" if needs == "nobody" else "no",
        "needs_notice": result == "stop" and benefit.procedure == "destitute_support",
        "undue": done.data.get("undue_amount") not in (None, ""),
        "next_aid": str(done.data.get("next_aid") or "none"),
    }


def needs_hearing(values: RuleSet, result: str, *, nobody: bool) -> str:
    """Say whether somebody must be heard: yes, no, or nobody where the only recipient has died (CF-06)."""
    # That the person is heard is the Law's own order (Article 48), so no value of the rule table switches it off.
    if result not in ADVERSE:
        return "no"
    return "nobody" if nobody and not _yes(values, "benefit.hearing.death.required") else "yes"


def _ground(done: Done, benefit: Benefit, result: str) -> str:
    ground = str(done.data.get("ground") or "")
    if result == "keep":
        return ground if ground in GROUNDS else "income"
    if ground not in GROUNDS:
        raise Invalid(errors=[{"field": "ground", "message": "请选择变更的法定事由。"}])
    ends = benefit.procedure == "destitute_support" and result == "stop"
    if ends and not (GROUNDS[ground].ends or ground == "fraud"):
        message = "特困人员只在《特困人员认定办法》第二十四条列明的情形下终止救助供养，请选择其中一种。"
        raise Invalid(errors=[{"field": "ground", "message": message}])
    if GROUNDS[ground].ends and not ends:
        message = "这是终止特困人员救助供养的情形，不适用于本项待遇。"
        raise Invalid(errors=[{"field": "ground", "message": message}])
    if ground == "t_able":
        _not_a_minor(done, benefit)
    return ground


def _not_a_minor(done: Done, benefit: Benefit) -> None:
    """Refuse to end the support of a minor, or of a young adult at school, because they could work (TK-16, CF-08)."""
    born: date | None = _BORN.scalar(done.session, the_person=benefit.person_id)
    until = int(rules.number(done.rules, "tekun.minor.until"))
    if born is None or months_later(born, 12 * (until + _SCHOOL_YEARS)) <= done.today:
        return
    if months_later(born, 12 * until) > done.today:
        message = f"未成年人可以继续享有救助供养待遇至 {until} 周岁，不能以具备劳动能力终止。"
        raise Invalid(errors=[{"field": "ground", "message": message}])
    at_school = done.data.get("in_school")
    if at_school is None:
        message = f"刚满 {until} 周岁的，请填写是否仍在义务教育或者高中阶段教育就学。"
        raise Invalid(errors=[{"field": "in_school", "message": message}])
    if at_school == "yes" and _yes(done.rules, "tekun.minor.school"):
        message = f"年满 {until} 周岁后仍在义务教育或者高中阶段教育就学的，继续予以供养。"
        raise Invalid(errors=[{"field": "in_school", "message": message}])


_SCHOOL_YEARS = 5
"""Until this many years after coming of age we ask whether somebody is still at school."""


def _worked(done: Done, benefit: Benefit, result: str) -> Outlook | None:
    if benefit.kind != "monthly":
        if result not in {"stop", "keep"}:
            message = "身份认定没有每月金额，只能终止或者不作调整。"
            raise Invalid(errors=[{"field": "result", "message": message}])
        return None
    return None if result == "stop" and not counted(done) else outlook(done)


def _after(done: Done, benefit: Benefit, result: str, worked: Outlook | None) -> Decimal | None:
    """Find the amount after the change; one that is stated and differs from what was worked out needs a note."""
    if benefit.kind != "monthly":
        return None
    now = benefit.amount or Decimal(0)
    if result == "keep":
        return now
    if result == "stop":
        _may_stop(done, benefit, worked)
        return Decimal(0)
    if result == "grace":
        return _grace(done, now, worked)
    assert worked is not None
    given = done.data.get("amount")
    after = Decimal(str(given)) if given not in (None, "") else worked.amount
    if after != worked.amount and not text(done.data, "note"):
        message = f"与系统计算的 {worked.amount} 元不一致，请在备注中说明理由。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    if done.facts.get("change") == "job_refusal" and after < worked.amount:
        message = f"只减发或者停发本人份额，减发后不得低于 {worked.amount} 元。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    if result == "increase" and after <= now:
        message = f"按现在的情况计算每月 {after} 元，没有高于现行的 {now} 元，不能提出增发。"
        raise Invalid(errors=[{"field": "result", "message": message}])
    if result == "reduce" and not 0 < after < now:
        message = f"按现在的情况计算每月 {after} 元，现行 {now} 元，不能提出减发。"
        raise Invalid(errors=[{"field": "result", "message": message}])
    return after


def _may_stop(done: Done, benefit: Benefit, worked: Outlook | None) -> None:
    if benefit.procedure == "destitute_support" or done.data.get("ground") in {"fraud", "exit", "property"}:
        return
    if done.facts.get("change") == "job_refusal" and len(counted(done)) > 1:
        message = "家庭还有其他成员，只能减发本人份额，不能停发全家。"
        raise Invalid(errors=[{"field": "result", "message": message}])
    if worked is not None and worked.amount > 0 and done.facts.get("change") != "job_refusal":
        message = f"按现在的情况计算每月仍有 {worked.amount} 元，不能提出停发。"
        raise Invalid(errors=[{"field": "result", "message": message}])


def _grace(done: Done, now: Decimal, worked: Outlook | None) -> Decimal:
    """Check a grace period: income from work above the line, at most so many months, never more than now (DB-31)."""
    if done.facts.get("change") != "work" or worked is None or not worked.over:
        message = "渐退期只用于就业后家庭人均收入超过当地标准的家庭。"
        raise Invalid(errors=[{"field": "result", "message": message}])
    parts = grace_parts(done.data)
    most = int(rules.number(done.rules, "dibao.grace"))
    if not parts or sum(months for months, _ in parts) > most:
        message = f"请填写渐退的月数和金额，合计不超过 {most} 个月。"
        raise Invalid(errors=[{"field": "grace", "message": message}])
    amounts = [now, *(amount for _, amount in parts)]
    if any(later > earlier for earlier, later in itertools.pairwise(amounts)) or amounts[-1] <= 0:
        message = "渐退期内的金额应当大于 0，不高于现行金额，并且只减不增。"
        raise Invalid(errors=[{"field": "grace", "message": message}])
    return parts[0][1]


def grace_parts(data: Mapping[str, Any]) -> list[tuple[int, Decimal]]:
    """Read the parts of a grace period: how many months, and yuan a month."""
    return [(int(row["months"]), Decimal(str(row["amount"]))) for row in data.get("grace") or []]


def _check_holder(done: Done, benefit: Benefit, result: str) -> None:
    """Where the holder has gone and the household goes on, one of those who are left holds the benefit."""
    names = {row.name for row in counted(done)}
    left = {row.person_id for row in counted(done)}
    if result == "stop" or benefit.person_id in left:
        return
    if text(done.data, "new_holder") not in names:
        message = f"原享受人已不在家庭中，请从{'、'.join(sorted(names))}中确定新的享受人。"
        raise Invalid(errors=[{"field": "new_holder", "message": message}])
    if not text(done.data, "account_number"):
        message = "请填写新享受人的银行账号。"
        raise Invalid(errors=[{"field": "account_number", "message": message}])


def _hear_until(done: Done) -> date:
    end: datetime = workdays.due(start_of_day(done.today), _WORKING_DAYS_TO_BE_HEARD, "wd", done.calendar).at
    return local_day(end)


def _yes(values: RuleSet, key: str) -> bool:
    return str((values.values.get(key) or {}).get("value", "")).lower() == "true"


_PERSON = cast("Table", Person.__table__)
_BORN = Query(select(_PERSON.c.birth_date).where(_PERSON.c.id == bindparam("the_person", type_=Uuid())))
