"""What procedures and steps are called in the reader's language: rows keep the Chinese names they were made with."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
from jieban.cases.tables import Case
from tasks.tables import Task
from web.i18n import N_, translate
from workflows import model_store
from workflows.opening import Beginning

CLOCKS = (
    N_("审核确认总期限"),
    N_("审核确认总期限(权限下放乡镇)"),
    N_("审核确认总期限(经批准延长)"),
    N_("城市低保办结审批手续"),
    N_("低保边缘审核确认总期限"),
    N_("刚性支出认定总期限"),
    N_("热线事项办结并回复"),
    N_("申诉求决事项办结"),
    N_("公示期"),
    N_("当月发放办结"),
    N_("成员死亡后办结增减停发"),
    N_("低保五级长期公示更新"),
    N_("红色预警反馈"),
    N_("橙色预警反馈"),
    N_("黄色预警反馈"),
)
"""What the shipped rules call the limits that are no step's; a place that renames them says so in its own words."""


@dataclass(frozen=True)
class Titles:
    """Says the names of some cases; a name that has no English stays as it is."""

    _locale: str = "zh"
    _by_case: Mapping[uuid.UUID, Mapping[str, str]] = field(default_factory=dict)

    def of(self, case_id: uuid.UUID, name: str) -> str:
        """Say the name of a procedure, a step, a limit, or a matter that is named after its procedure."""
        found = self._by_case.get(case_id, {}).get(name)
        return found or (translate(self._locale, name) if name in CLOCKS else name)


def titles_of(session: Session, locale: str, case_ids: Iterable[uuid.UUID]) -> Titles:
    """Look the names of cases up in the versions they run on; where Chinese is read, nothing is asked."""
    wanted = set(case_ids) if locale == "en" else set()
    if not wanted:
        return Titles()
    rows = session.execute(select(Case.id, Case.model_version_id).where(Case.id.in_(wanted))).all()
    versions = {version for _, version in rows}
    names = {version: _names(model_store.get_model(session, version)) for version in versions}
    return Titles(locale, {case: names[version] for case, version in rows})


def step_title(session: Session, locale: str, task: Task) -> str:
    """Say the name of one task."""
    return titles_of(session, locale, [task.case_id]).of(task.case_id, task.name)


def procedure_title(session: Session, locale: str, version_id: uuid.UUID, name: str) -> str:
    """Say the name of a procedure as a version has it."""
    english = model_store.get_model(session, version_id).english if locale == "en" else None
    return english.name if english and english.name else name


def _names(model: bpmn.Model) -> dict[str, str]:
    found = {one.name: one.english.name for one in model.elements.values() if one.english}
    if model.english:
        found |= {model.name: model.english.name, f"{model.name}申请": f"{model.english.name}: application"}
    return {name: english for name, english in found.items() if english}


def opening_name(locale: str, beginning: Beginning) -> str:
    """Say what a procedure is called that somebody may open."""
    english = beginning.model.english if locale == "en" else None
    return english.name if english and english.name else beginning.version.name


def opening_text(locale: str, beginning: Beginning) -> str:
    """Say what is told where it begins."""
    start = beginning.model.beginning
    if start is None:
        return ""
    return (start.english.text if locale == "en" and start.english else "") or start.documentation
