"""A backup: one .tar.gz with the databases, the uploads and letters, and a manifest with the digest of each file."""

import hashlib
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import make_url

import jieban
from jieban.cli.installation import only_one
from jieban.cli.migrate import check_known
from jieban.clock import CHINA
from jieban.errors import JiebanError
from jieban.settings import Settings

_MANIFEST = "manifest.json"
_FORMAT = "jieban-backup-1"
_FOLDERS = ("uploads", "letters")
_ASIDE = "before-restore-"
_LOCK = "jieban.lock"
_KEY = "ledger-key.pem"
"""The key that signs the ledger is in no backup, so that whoever holds one cannot sign; it stays with the machine."""
_DATABASES = ("jieban.sqlite3", "prefect/prefect.db")


class CopyRefused(JiebanError):  # noqa: N818 - reads as the sentence it is
    """A backup could not be written or read."""


def write_backup(settings: Settings, target: Path, now: datetime) -> dict[str, Any]:
    """Write a backup beside the running program.

    1. Copy each database as it is at one moment.
    2. Then take the files: one that a copied row names was there before its row was.
    3. Put the finished file in place under its name.
    """
    _only_sqlite(settings)
    if target.exists():
        raise CopyRefused(f"文件 {target} 已存在，请换一个文件名。")
    if not (settings.data / _DATABASES[0]).exists():
        raise CopyRefused(f"数据文件夹 {settings.data} 中没有数据库。")
    part = target.with_name(target.name + ".part")
    try:
        with TemporaryDirectory(prefix="jieban-backup-", dir=settings.data) as folder:
            copies = _copy_databases(settings.data, Path(folder))
            entries = _write_archive(part, [*copies, *_files(settings.data)], copies[0][1], now)
        # It holds people's files: nobody else on this machine may read it.
        part.chmod(0o600)
        part.rename(target)
    except OSError as error:
        raise CopyRefused(f"无法写入备份 {target}（{error.strerror}）。") from error
    finally:
        part.unlink(missing_ok=True)
    return {"file": str(target), "files": len(entries), "size": target.stat().st_size}


def _only_sqlite(settings: Settings) -> None:
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        raise CopyRefused(
            f"数据库是 PostgreSQL：请用 pg_dump 与 pg_restore 备份和恢复数据库，并另行备份数据文件夹 {settings.data}。"
        )


def _copy_databases(data: Path, folder: Path) -> list[tuple[str, Path]]:
    copies = []
    for name in _DATABASES:
        if not (data / name).exists():
            continue
        copy = folder / name.replace("/", "-")
        with (
            closing(sqlite3.connect(data / name, timeout=30)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            # All pages in one step: a database that is written to all the time would never let it end otherwise.
            source.backup(target, pages=-1)
        copies.append((name, copy))
    return copies


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    for folder in _FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(data).as_posix(), path


def _write_archive(
    part: Path, sources: list[tuple[str, Path]], database: Path, now: datetime
) -> list[dict[str, Any]]:
    entries = []
    with tarfile.open(part, "w:gz", compresslevel=5) as archive:
        for name, path in sources:
            archive.add(path, name, recursive=False)
            entries.append({"path": name, "size": path.stat().st_size, "sha256": _digest(path)})
        manifest = {
            "format": _FORMAT,
            "program": jieban.__version__,
            "revision": _revision(database),
            "made_at": now.isoformat(),
            "files": entries,
        }
        with TemporaryDirectory(prefix="jieban-manifest-") as folder:
            path = Path(folder) / _MANIFEST
            path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
            archive.add(path, _MANIFEST)
    return entries


def _revision(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_backup(settings: Settings, source: Path, now: datetime, *, force: bool) -> dict[str, Any]:
    """Put a backup in the place of the data folder's content; nothing is touched before all of it has been checked.

    1. Unpack beside the data and compare every file with the manifest.
    2. Move what is there aside, if `force` allows it.
    3. Move the unpacked files in.
    """
    _only_sqlite(settings)
    data = settings.data
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(data):
            return _restore(data, source, now, force=force)
    except OSError as error:
        raise CopyRefused(f"无法恢复到 {data}（{error.strerror or error}）。") from error


def _restore(data: Path, source: Path, now: datetime, *, force: bool) -> dict[str, Any]:
    present = [
        path for path in data.iterdir() if path.name not in {_LOCK, _KEY} and not path.name.startswith(_ASIDE)
    ]
    if any(_holds_files(path) for path in present) and not force:
        raise CopyRefused(f"数据文件夹 {data} 已有数据。确实要恢复时请加 --force，原有数据会移到一旁。")
    with TemporaryDirectory(prefix="jieban-restore-", dir=data) as folder:
        unpacked = Path(folder)
        entries = _unpack(source, unpacked)
        aside = _move_aside(data, present, now)
        for path in list(unpacked.iterdir()):
            path.rename(data / path.name)
    return {"folder": str(data), "files": len(entries), "aside": str(aside) if aside else None}


def _holds_files(path: Path) -> bool:
    # The empty folders of a start that came to nothing are no data.
    return path.is_file() or any(inner.is_file() for inner in path.rglob("*"))


def _unpack(source: Path, folder: Path) -> list[dict[str, Any]]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except (tarfile.TarError, EOFError, ValueError, FileNotFoundError) as error:
        raise CopyRefused(f"{source} 不是完好的备份文件。") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise CopyRefused(f"{source} 不是本程序的备份文件。")
    check_known(manifest["revision"])
    (folder / _MANIFEST).unlink()
    listed = {entry["path"]: entry for entry in manifest["files"]}
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name in sorted(listed.keys() | found.keys()):
        whole = name in listed and name in found and _digest(found[name]) == listed[name]["sha256"]
        if not whole or PurePosixPath(name).is_absolute():
            raise CopyRefused(f"备份文件已损坏：{name} 与清单不符。")
    return list(listed.values())


def _move_aside(data: Path, present: list[Path], now: datetime) -> Path | None:
    if not present:
        return None
    aside = data / f"{_ASIDE}{now.astimezone(CHINA):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    for path in present:
        shutil.move(path, aside / path.name)
    return aside
