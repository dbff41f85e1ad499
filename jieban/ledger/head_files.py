"""Signed heads as files: each of them on another disk, and the newest of each county beside the database."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from jieban.errors import JiebanError
from jieban.ledger.verify_ledger import Head, Unreadable, parse_head


class HeadNotKept(JiebanError):  # noqa: N818 - reads as the sentence it is
    """A signed head could not be put away."""


def keep_head(folder: Path, head: Head) -> bool:
    """Put a head away under FOLDER/county/number.jsonl; return False where it was there.

    The folder itself must be there: a share that is not mounted must not be mistaken for an empty folder.
    """
    if not folder.is_dir():
        raise HeadNotKept(f"存放链头的文件夹 {folder} 不存在或者没有挂载。")
    path = folder / _name(head.county) / f"{head.seq:012}.jsonl"
    if path.exists():
        return False
    _write(path, head)
    return True


def keep_newest(folder: Path, heads: Iterable[Head]) -> None:
    """Keep the newest head of each county; the folder is made."""
    for head in heads:
        _write(folder / f"{_name(head.county)}.jsonl", head)


def read_newest(folder: Path) -> dict[str, Head]:
    """Read what `keep_newest` wrote, by county; nothing where there is no folder."""
    found = {}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            found[path.stem] = parse_head(path.read_text("utf-8"), f"{path} ")
        except (OSError, UnicodeDecodeError, Unreadable) as error:
            raise HeadNotKept(f"{path} 无法读取，可能已被改动。") from error
    return found


def _name(county: str) -> str:
    if not (county.isascii() and county.isalnum()):
        raise HeadNotKept(f"“{county}”不是区划代码。")
    return county


def _write(path: Path, head: Head) -> None:
    try:
        path.parent.mkdir(mode=0o755, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".part", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(head.kept + "\n")
                file.flush()
                os.fsync(file.fileno())
            # It holds no secret, and an auditor reads it under another account.
            part.chmod(0o644)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise HeadNotKept(f"链头无法写入 {path}（{error.strerror}）。") from error
