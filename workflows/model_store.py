"""Versions of procedures: seeded from the shipped models, drafted and published by administrators, never changed after."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

import bpmn
from jieban.audit.tables import AdminEvent
from jieban.clock import local_day
from jieban.errors import Conflict, Invalid, NotFound
from jieban.ids import new_id
from jieban.procedures.tables import ModelFile, ModelVersion
from jieban.reads import Query, loose_row
from jieban.rules.tables import RuleValue
from jieban.staff.actor import Actor
from jieban.staff.roles import ROLES, SUPERVISORS
from tasks.operations import DECIDED_BY, SERVICES, TASKS
from workflows.called import with_called

MODEL = "model.bpmn"
_SIZE_LIMIT = 2 * 1024 * 1024
_LONGEST_NOTE = 500


class CannotPublish(Invalid):
    """流程图还有需要改正的问题，不能发布。"""

    def __init__(self, problems: list[bpmn.Problem]) -> None:
        self.problems = problems
        super().__init__(self.__doc__)


def seed_procedures(session: Session, now: datetime) -> None:
    """Publish the shipped procedures as their first version where a procedure has none yet."""
    for key, files in shipped().items():
        if session.scalar(select(ModelVersion.id).where(ModelVersion.key == key).limit(1)):
            continue
        add_published(session, now, key, files, note="系统自带")


def add_published(
    session: Session, now: datetime, key: str, own: Mapping[str, bytes], *, note: str
) -> ModelVersion:
    """Add files that nobody drafted here as the next published version."""
    version = _add(session, None, now, key, own, based_on=None)
    version.note = note
    _publish(session, None, now, version, own)
    return version


def shipped() -> dict[str, dict[str, bytes]]:
    """Read the procedures that come with the program: {key: {path: content}}."""
    found: dict[str, dict[str, bytes]] = {}
    for folder in resources.files("bpmn").joinpath("procedures").iterdir():
        if folder.joinpath(MODEL).is_file():
            files = {MODEL: folder.joinpath(MODEL).read_bytes()}
            for sub in folder.iterdir():
                if sub.name == "forms":
                    files |= {
                        f"forms/{one.name}": one.read_bytes()
                        for one in sub.iterdir()
                        if one.name.endswith(".json")
                    }
                elif sub.name.endswith(".dmn"):
                    files[sub.name] = sub.read_bytes()
            found[folder.name] = files
    return {key: with_called(files, lambda called: found.get(called, {})) for key, files in found.items()}


_CURRENT = Query(
    select(*ModelVersion.__table__.columns)
    .where(ModelVersion.key == bindparam("the_key"), ModelVersion.state == "published")
    .order_by(ModelVersion.number.desc())
    .limit(1)
)


def current(session: Session, key: str) -> ModelVersion:
    """Return the version that new cases of a procedure take."""
    row = _CURRENT.first(session, the_key=key)
    if row is None:
        raise NotFound("该救助事项还没有发布流程，请联系流程管理员。")
    return loose_row(ModelVersion, row)


def files(session: Session, version_id: uuid.UUID) -> dict[str, bytes]:
    """Return the files of a version by path."""
    rows = session.execute(
        select(ModelFile.path, ModelFile.content).where(ModelFile.version_id == version_id)
    )
    return dict(rows.all())


def get_model(session: Session, version_id: uuid.UUID) -> bpmn.Model:
    """Return the compiled model of a published version; compiled once per process, since versions never change."""
    cached = _models.get(version_id)
    if cached is None:
        cached = bpmn.load(files(session, version_id))
        state = session.scalar(select(ModelVersion.state).where(ModelVersion.id == version_id))
        if state == "published":
            _models[version_id] = cached
    return cached


_models: dict[uuid.UUID, bpmn.Model] = {}


def versions(session: Session, key: str | None = None) -> list[ModelVersion]:
    """List versions and drafts, the newest first; discarded ones are left out."""
    query = select(ModelVersion).where(ModelVersion.state != "discarded")
    if key:
        query = query.where(ModelVersion.key == key)
    return list(session.scalars(query.order_by(ModelVersion.key, ModelVersion.created_at.desc())))


def get_version(session: Session, version_id: uuid.UUID) -> ModelVersion:
    """Return a version; NotFound where there is none."""
    version = session.get(ModelVersion, version_id)
    if version is None or version.state == "discarded":
        raise NotFound("没有找到该流程版本。")
    return version


def create_draft(session: Session, actor: Actor, now: datetime, key: str, note: str = "") -> ModelVersion:
    """Start a draft from the version in use; the note says why."""
    actor.require("model.edit")
    base = current(session, key)
    version = _add(session, actor, now, key, files(session, base.id), based_on=base.id)
    version.note = _checked(note)
    _record(session, actor, now, "model.drafted", version)
    return version


def save_file(
    session: Session,
    actor: Actor,
    now: datetime,
    draft_id: uuid.UUID,
    path: str,
    content: bytes,
    revision: int,
) -> int:
    """Save one file of a draft and return its new revision; Conflict where somebody else saved in between."""
    actor.require("model.edit")
    if len(content) > _SIZE_LIMIT:
        raise Invalid("文件超过 2 MB,不能保存。")
    if path == MODEL and (
        problems := [
            one
            for one in bpmn.lint({MODEL: content})
            if one.rule.startswith("xml-") or one.rule == "not-bpmn"
        ]
    ):
        raise Invalid(problems[0].message)
    won = session.execute(
        update(ModelVersion)
        .where(ModelVersion.id == draft_id, ModelVersion.state == "draft", ModelVersion.revision == revision)
        .values(revision=revision + 1, changed_at=now)
        .execution_options(synchronize_session=False)
        .returning(ModelVersion.id)
    ).scalar_one_or_none()
    if won is None:
        version = get_version(session, draft_id)
        if version.state != "draft":
            raise Conflict("该版本已发布，不能再修改。请新建草稿。")
        raise Conflict("他人刚刚保存过这份草稿。请先下载您的修改，再重新打开。")
    row = session.get(ModelFile, (draft_id, path))
    if row is None:
        raise NotFound("没有找到该文件。")
    row.content = content
    session.expire(session.get(ModelVersion, draft_id))
    return revision + 1


def set_note(session: Session, actor: Actor, now: datetime, draft_id: uuid.UUID, note: str) -> None:
    """Say of a draft what changes and why."""
    actor.require("model.edit")
    version = get_version(session, draft_id)
    if version.state != "draft":
        raise Conflict("该版本已发布，不能再修改。请新建草稿。")
    version.note, version.changed_at = _checked(note), now


def _checked(note: str) -> str:
    if len(note) > _LONGEST_NOTE:
        raise Invalid(errors=[{"field": "note", "message": f"修改说明最多 {_LONGEST_NOTE} 个字。"}])
    return note.strip()


def numbered(session: Session, key: str, number: int) -> ModelVersion:
    """Return a published version by its number; NotFound where there is none."""
    query = select(ModelVersion).where(ModelVersion.key == key, ModelVersion.number == number)
    version = session.scalars(query).one_or_none()
    if version is None:
        raise NotFound("没有找到该流程版本。")
    return version


def known_names(session: Session, own_files: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """Collect what a model may refer to: operations, roles, forms and rules that exist."""
    return {
        "operations": frozenset(TASKS) | frozenset(SERVICES),
        "roles": frozenset(ROLES),
        "forms": frozenset(path[6:-5] for path in own_files if path.startswith("forms/")),
        "rules": frozenset(session.scalars(select(RuleValue.key).distinct())),
        "supervisors": SUPERVISORS,
    }


def lint_draft(
    session: Session, draft_id: uuid.UUID, override: Mapping[str, bytes] | None = None
) -> list[bpmn.Problem]:
    """List the problems of a draft, with unsaved files laid over the saved ones."""
    own = _called_anew(session, files(session, draft_id) | dict(override or {}))
    return bpmn.lint(own, **known_names(session, own), decisions=DECIDED_BY)


def publish(session: Session, actor: Actor, now: datetime, draft_id: uuid.UUID) -> ModelVersion:
    """Publish a draft as the next version: new cases take it, running cases stay on theirs."""
    actor.require("model.publish")
    version = session.scalars(
        select(ModelVersion).where(ModelVersion.id == draft_id).with_for_update()
    ).one_or_none()
    if version is None or version.state == "discarded":
        raise NotFound("没有找到该流程版本。")
    if version.state != "draft":
        raise Conflict("该版本已经发布。")
    own = _called_anew(session, files(session, draft_id))
    problems = [
        one
        for one in bpmn.lint(own, **known_names(session, own), decisions=DECIDED_BY)
        if one.severity in {"error", "policy"}
    ]
    if problems:
        raise CannotPublish(problems)
    if (used := current(session, version.key)).sha256 == _digest(own):
        raise Conflict(f"草稿与使用中的第 {used.number} 版内容相同，没有可发布的修改。")
    _keep_called(session, version.id, own)
    _publish(session, actor, now, version, own)
    _record(session, actor, now, "model.published", version)
    return version


def _called_anew(session: Session, own: Mapping[str, bytes]) -> dict[str, bytes]:
    """Take what a draft calls as it is published now, not as it was when the draft was begun."""

    def find(key: str) -> Mapping[str, bytes]:
        row = _CURRENT.first(session, the_key=key)
        return files(session, row.id) if row else {}

    return with_called(own, find)


def _keep_called(session: Session, version_id: uuid.UUID, own: Mapping[str, bytes]) -> None:
    session.execute(delete(ModelFile).where(ModelFile.version_id == version_id, ModelFile.path.not_in(own)))
    for path, content in own.items():
        session.merge(ModelFile(version_id=version_id, path=path, content=content))
    session.flush()


def discard(session: Session, actor: Actor, now: datetime, draft_id: uuid.UUID) -> None:
    """Throw a draft away; its files stay in the database and its record says who did it."""
    actor.require("model.edit")
    version = get_version(session, draft_id)
    if version.state != "draft":
        raise Conflict("已发布的版本不能丢弃。")
    version.state = "discarded"
    _record(session, actor, now, "model.discarded", version)


@lru_cache(maxsize=256)
def _titles(content: bytes) -> str:
    return str(json.loads(content).get("title", ""))


def form_titles(session: Session, version_id: uuid.UUID) -> dict[str, str]:
    """List the forms of a version with their titles."""
    own = files(session, version_id)
    return {
        path[6:-5]: _titles(content) for path, content in sorted(own.items()) if path.startswith("forms/")
    }


def _add(
    session: Session,
    actor: Actor | None,
    now: datetime,
    key: str,
    own: Mapping[str, bytes],
    *,
    based_on: uuid.UUID | None,
) -> ModelVersion:
    version = ModelVersion(
        id=new_id(),
        key=key,
        name=bpmn.load(own).name or key,
        state="draft",
        based_on=based_on,
        created_by=actor.id if actor else None,
        created_at=now,
        changed_at=now,
    )
    session.add(version)
    session.flush()  # the files point at it
    session.add_all(
        ModelFile(version_id=version.id, path=path, content=content) for path, content in own.items()
    )
    return version


def _publish(
    session: Session, actor: Actor | None, now: datetime, version: ModelVersion, own: Mapping[str, bytes]
) -> None:
    last = session.scalar(select(func.max(ModelVersion.number)).where(ModelVersion.key == version.key)) or 0
    version.state, version.number, version.sha256 = "published", last + 1, _digest(own)
    version.name = bpmn.load(own).name or version.name
    version.published_by, version.published_at = (actor.id if actor else None), now
    version.effective_from = local_day(now)


def _digest(own: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(own):
        digest.update(path.encode() + b"\0" + own[path] + b"\0")
    return digest.hexdigest()


def _record(session: Session, actor: Actor, now: datetime, kind: str, version: ModelVersion) -> None:
    data = {
        "key": version.key,
        "number": version.number,
        "version": str(version.id),
        "sha256": version.sha256,
    }
    session.add(
        AdminEvent(id=new_id(), at=now, kind=kind, actor_id=actor.id, actor_name=actor.name, data=data)
    )
