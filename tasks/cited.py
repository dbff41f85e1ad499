"""The articles of a step that speak for the case at hand: one model may serve several kinds of assistance."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, bindparam, or_, select
from sqlalchemy.orm import Session

import bpmn
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.links.tables import CaseLink
from jieban.reads import Query

AID = "aid"
"""The fact that conditions of `jb:law` ask for the kind of assistance, by the key of its procedure."""
_TAKES_UP = "take_up_benefit"
"""The operation by which a case comes to be about a benefit."""
_BENEFIT = Query(
    select(Benefit.procedure)
    .join(CaseLink, CaseLink.from_id == Benefit.case_id)
    .where(
        CaseLink.to_id == bindparam("the_case", type_=Uuid()),
        or_(CaseLink.kind == "review", CaseLink.kind == "change"),
    )
    .limit(1)
)


def articles(
    session: Session, case: Case, model: bpmn.Model, element: bpmn.Element, facts: Mapping[str, Any]
) -> list[str]:
    """Name the articles that a step of a case rests on, each once."""
    if any(law.when for law in element.law):
        facts = {**facts, AID: facts.get(AID) or aid(session, case, model)}
    return list(dict.fromkeys(law.article for law in bpmn.cited(element, facts)))


def aid(session: Session, case: Case, model: bpmn.Model) -> str:
    """Say which kind of assistance a case is about: that of the benefit that it reviews or changes, or its own."""
    if _TAKES_UP not in model.operations:
        return case.procedure  # without a question to the database, which most steps would wait for in vain
    return _BENEFIT.scalar(session, the_case=case.id) or case.procedure
