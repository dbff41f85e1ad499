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
from workflows import model_store

_UNITS = {"wd": "working_days", "d": "calendar_days", "h": "hours", "mo": "months"}
_PARAMS: dict[str, dict[str, Any]] = {
    "kind": {
        "title": "文书种类",
        "required": True,
        "choices": [[kind.key, kind.name] for kind in letters.KINDS.values()],
    }
}
"""How the parameters of operations are asked for; one that is not here is asked for by its name."""


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
                "params": [{"name": name, **_PARAMS.get(name, {})} for name in one["params"]],
            }
            for one in operations.catalogue()
        ],
        "articles": _articles(known, base.elements.values()),
    }


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
