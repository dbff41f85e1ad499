"""What the editor of procedures offers to choose from: roles, forms, rules, operations and articles of law."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import bpmn
from jieban import rules
from jieban.clock import local_day
from jieban.procedures.tables import ModelVersion
from jieban.staff.roles import PAIRS, ROLES
from notifications import letters
from tasks import operations
from tasks.amounts import AMOUNTS
from workflows import model_store

_UNITS = {"wd": "working_days", "d": "calendar_days", "h": "hours", "mo": "months"}
_LETTERS = {
    "title": "文书种类",
    "choices": [[kind.key, kind.name] for kind in letters.KINDS.values()],
}
_PARAMS: dict[str, dict[str, Any]] = {
    "issue_letter.kind": {**_LETTERS, "required": True},
    "letter": _LETTERS,
    "kind": {"title": "记录种类", "hint": "以此名称存入案件记录，文书和情景按它引用"},
    "tell": {
        "title": "告知流程",
        "hint": "供流程判断的字段，用逗号隔开；改名写“事实:字段”，行数写“事实:字段#”",
    },
    "past": {"title": "不得晚于今天", "hint": "这些日期字段不得填将来的日期，用逗号隔开"},
    "stage": {"title": "办理阶段", "hint": "办结后案件列表中显示的阶段"},
    "visit": {"title": "入户调查", "choices": [["town", "乡镇入户"], ["county", "县级入户"]]},
    "opinion": {"title": "意见种类", "choices": [["initial", "初审意见"], ["review", "审核意见"]]},
    "amount": {"title": "金额算法", "choices": [[name, name] for name in sorted(AMOUNTS)]},
    "grants": {
        "title": "给予",
        "choices": [["monthly", "按月发放"], ["status", "身份认定"], ["once", "一次性"]],
    },
    "cites": {"title": "引用规则", "hint": "规则编号，用逗号隔开；只引用已核对原文的"},
    "articles": {"title": "依据条款", "hint": "用分号隔开"},
    "rule": {"title": "规则"},
    "wait": {"title": "逾期后再等的规则", "hint": "期限过后再等这么久仍没有答复的，告知 unanswered_at"},
    "phase": {"title": "公示阶段"},
    "level": {"title": "审核权限规则"},
    "total": {"title": "总期限规则", "hint": "没有总期限的填 none"},
    "delegated": {"title": "下放乡镇时的总期限规则"},
    "urban": {"title": "城市另计的期限规则"},
    "valid": {"title": "有效期规则（月）"},
    "review": {"title": "定期核查规则（月）", "hint": "不核查的填 none"},
    "review_able": {"title": "有劳动能力家庭的核查规则（月）"},
    "procedure": {"title": "转入的流程"},
    "given": {"title": "固定内容", "hint": "字段=内容，用逗号隔开"},
    "keep_acceptance": {"title": "沿用受理日期", "choices": [["true", "是"]]},
    "start": {"title": "起算的事实"},
}
"""How the parameters of operations are asked for, by operation and name or by name alone; others by their name."""


def catalogue(session: Session, draft: ModelVersion, now: datetime) -> dict[str, Any]:
    """Gather the choices for a draft; rules are those in force today."""
    # A draft may be half drawn; the version that it grew from can always be read.
    base = model_store.get_model(session, draft.based_on or draft.id)
    known = rules.known_rules(session, local_day(now))
    return {
        "roles": [
            *({"key": role.key, "name": role.name} for role in ROLES.values() if _is_told(role.permissions)),
            *({"key": key, "name": names[0]} for key, names in PAIRS.items()),
        ],
        "forms": [
            {"key": key, "title": title} for key, title in model_store.form_titles(session, draft.id).items()
        ],
        "rules": [_rule(one) for one in known if one.unit in _UNITS],
        "operations": [
            {
                "name": one["name"],
                "title": one["title"],
                "params": [_param(one["name"], name) for name in one["params"]],
            }
            for one in operations.catalogue()
        ],
        "articles": _articles(known, base.elements.values()),
    }


def _param(operation: str, name: str) -> dict[str, Any]:
    return {"name": name, **(_PARAMS.get(f"{operation}.{name}") or _PARAMS.get(name, {}))}


def _is_told(permissions: frozenset[str]) -> bool:
    # Whoever works on tasks or watches the overdue ones may be named in a procedure; administrators see no case.
    return bool(permissions & {"task.work", "overdue.read"})


def _rule(entry: rules.RuleEntry) -> dict[str, str]:
    return {
        "key": entry.key,
        "name": entry.name,
        "value": entry.value,
        "unit": _UNITS[entry.unit],
        "source": entry.article if entry.citable else "",
    }


def _articles(known: Iterable[rules.RuleEntry], elements: Iterable[bpmn.Element]) -> list[dict[str, str]]:
    pairs = {(one.article, one.rule_id) for one in known if one.article and one.citable}
    pairs |= {(law.article, law.rule or "") for element in elements for law in element.law if law.article}
    return [{"article": article, "rule": rule} for article, rule in sorted(pairs)]
