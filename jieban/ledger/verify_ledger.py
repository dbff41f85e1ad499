"""Verifies an export of the ledger of jieban 接办. Needs Python 3.11 and the package cryptography, nothing of jieban.

    python verify_ledger.py EXPORT [--key KEY]... [--heads FOLDER]

KEY is the public key of the installation in hex, as it was handed over on paper; without it the signatures are
checked, but not whose they are. FOLDER holds heads that were kept elsewhere. Leaves with 0 where all is well, with 1 at
the first bad record, with 2 where the file cannot be read.

1. Every record's hash is SHA-256 over the hash before it, a line feed, and the line of the record.
2. A head is a line that names the hash at one place of a chain, signed with Ed25519; it holds the signature of the
   head before it.
3. At the place of each head the chain must have the hash that was signed.
"""

import argparse
import email
import email.policy
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

START = "0" * 64
"""What the first record of a county follows."""
FORMATS = ("jieban-ledger-1", "jieban-ledger-2")
"""The first format had no heads."""
HEAD_FORMAT = "jieban-head-1"


class Unreadable(ValueError):  # noqa: N818 - reads as the sentence it is
    """A file is not what it should be; the message is a sentence."""


class Entry(NamedTuple):
    """One sealed record; line is None where the record is gone."""

    county: str
    seq: int
    record: str
    previous: str
    hash: str
    line: str | None


class Head(NamedTuple):
    """What was signed: that the chain of a county had this hash at this place."""

    county: str
    seq: int
    hash: str
    records: int
    """how many records came since the head before"""
    previous: str
    """signature of the head before, empty for the first"""
    at: str
    run: str
    key: str
    """public key in hex; it is its own id"""
    signature: str = ""

    @property
    def line(self) -> str:
        """Write it as the canonical line that is signed."""
        value = {**self._asdict(), "format": HEAD_FORMAT}
        del value["signature"]
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def kept(self) -> str:
        """Write it as it is put away: one line of JSON."""
        return json.dumps({"head": self.line, "signature": self.signature}, ensure_ascii=False)


@dataclass(frozen=True)
class Bad:
    """The first record that does not fit, and why."""

    county: str
    seq: int
    record: str
    reason: str


class Mark(NamedTuple):
    """A hash that the chain must have at a place, and the sentence where it has another."""

    seq: int
    hash: str
    reason: str


SIGNED = "与此处签名的链头不一致，链被重写"
ELSEWHERE = "与另行保管的链头不一致，整条链被重写"


@dataclass
class Verification:
    """What a walk along all chains found."""

    records: int = 0
    unsealed: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    """the hash at the end of each county's chain"""
    signed: int = 0
    """signed heads that were checked"""
    unsigned: int = 0
    """records behind the newest signed head of their county"""
    keys: list[str] = field(default_factory=list)
    first_bad: Bad | None = None

    @property
    def ok(self) -> bool:
        return self.first_bad is None

    @property
    def counties(self) -> int:
        return len(self.heads)


def link(previous: str, line: str) -> str:
    """Hash a line together with the hash before it."""
    return sha256(f"{previous}\n{line}".encode()).hexdigest()


def signature_holds(head: Head) -> bool:
    """Tell whether a head was signed with the key that it names."""
    # Loaded here, because most programs that know this module never check a signature.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
        key.verify(bytes.fromhex(head.signature), head.line.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


class Marks:
    """What must be found along the chains: signed heads, and what was put away elsewhere."""

    def __init__(self, trusted: Iterable[str] | None = None) -> None:
        self.trusted = None if trusted is None else frozenset(trusted)
        """public keys that may sign; None for any"""
        self.by_county: dict[str, list[Mark]] = {}
        self.last_signed: dict[str, int] = {}
        self.keys: dict[str, None] = {}
        self.signed = 0
        self.bad: Bad | None = None
        """the first head that is itself no good"""

    def add(self, county: str, seq: int, digest: str, reason: str) -> None:
        """Demand a hash at a place."""
        self.by_county.setdefault(county, []).append(Mark(seq, digest, reason))

    def add_heads(self, heads: Iterable[Head]) -> None:
        """Check the ledger's own heads, given in the order (county, seq), and demand what they say."""
        before: Head | None = None
        broken = ""
        for head in heads:
            if head.county == broken:
                continue
            if before is not None and before.county != head.county:
                before = None
            if reason := self._fault(head) or _out_of_place(head, before):
                self._blame(head, reason)
                broken = head.county
                continue
            self.signed += 1
            self.last_signed[head.county] = head.seq
            self.add(head.county, head.seq, head.hash, SIGNED)
            before = head

    def add_witnesses(self, heads: Iterable[Head]) -> None:
        """Check heads that were kept elsewhere, and demand what they say."""
        for head in heads:
            if reason := self._fault(head):
                self._blame(head, f"另行保管的{reason}")
            else:
                self.add(head.county, head.seq, head.hash, ELSEWHERE)

    def _fault(self, head: Head) -> str:
        if not signature_holds(head):
            return "链头的签名无效"
        self.keys.setdefault(head.key)
        if self.trusted is not None and head.key not in self.trusted:
            return f"链头由另一密钥签名（公钥 {head.key}）"
        return ""

    def _blame(self, head: Head, reason: str) -> None:
        self.bad = self.bad or Bad(head.county, head.seq, "", reason)


def _out_of_place(head: Head, before: Head | None) -> str:
    if head.previous != (before.signature if before else ""):
        return "链头与前一链头不衔接，有链头被删除、插入或移动"
    if head.records != head.seq - (before.seq if before else 0):
        return "链头所记的条数不符"
    return ""


def walk(entries: Iterable[Entry], marks: Marks) -> Verification:
    """Walk chains given in the order (county, seq), and name the first record that does not fit."""
    result = Verification(signed=marks.signed, keys=list(marks.keys))
    result.first_bad = _walk(entries, marks, result) or _vanished(marks, result) or marks.bad
    return result


def _walk(entries: Iterable[Entry], marks: Marks, result: Verification) -> Bad | None:
    # Hot: a million records pass through this loop, so it calls nothing that it can do without.
    current, seq, last, hashed = "", 0, START, sha256
    demanded: Iterator[Mark] = iter(())
    mark: Mark | None = None
    begun = False
    for county, number, record, previous, digest, line in entries:
        if county != current or not begun:
            if begun and (bad := _close(current, seq, last, mark, marks, result)):
                return bad
            if county in result.heads:
                return Bad(county, number, record, "同一县的记录没有连在一起")
            current, seq, last, begun = county, 0, START, True
            demanded = iter(sorted(marks.by_county.get(county, ())))
            mark = next(demanded, None)
        seq += 1
        if (
            number != seq
            or previous != last
            or line is None
            or hashed(f"{last}\n{line}".encode()).hexdigest() != digest
            or f'"county":"{county}"' not in line
            or f'"id":"{record}"' not in line
        ):
            result.heads[county] = last
            return Bad(county, seq, record, _fault(number, seq, previous, last, line, digest))
        last = digest
        result.records += 1
        while mark is not None and mark.seq <= seq:
            if mark.hash != digest:
                result.heads[county] = last
                return Bad(county, seq, record, mark.reason)
            mark = next(demanded, None)
    if begun and (bad := _close(current, seq, last, mark, marks, result)):
        return bad
    return None


def _vanished(marks: Marks, result: Verification) -> Bad | None:
    county = min(marks.by_county.keys() - result.heads.keys(), default=None)
    if county is None:
        return None
    return Bad(county, 1, "", f"此前记到第 {max(marks.by_county[county]).seq} 号，现在记录全部被删除")


def _fault(number: int, expected: int, previous: str, last: str, line: str | None, digest: str) -> str:
    if number != expected:
        return f"缺少第 {expected} 号记录" if number > expected else f"第 {number} 号记录重复或者错位"
    if previous != last:
        return "与前一记录的摘要不衔接"
    if line is None:
        return "记录已被删除"
    if link(previous, line) != digest:
        return "记录内容与封存时不一致"
    return "记录不属于所在的位置"


def _close(
    county: str, seq: int, last: str, mark: Mark | None, marks: Marks, result: Verification
) -> Bad | None:
    result.heads[county] = last
    result.unsigned += seq - marks.last_signed.get(county, 0)
    if mark is None:
        return None
    at = max(marks.by_county[county]).seq
    return Bad(county, seq + 1, "", f"此前记到第 {at} 号，现在只到第 {seq} 号，其后的记录被删除")


@dataclass
class Export:
    """An export that is read as it is walked; heads come first, then the records of one county after another."""

    heads: list[Head]
    entries: Iterator[Entry]
    records: int | None
    """how many records the file says that it has"""


def read_export(lines: Iterable[str]) -> Export:
    """Read an export, or raise Unreadable with the line that cannot be read."""
    numbered = enumerate(lines, 1)
    header = _parse(next(numbered, (1, "")))
    if header.get("format") not in FORMATS:
        raise Unreadable("这不是台账导出文件。")
    heads = []
    for number, text in numbered:
        if not text.startswith('{"head"'):
            numbered = chain([(number, text)], numbered)  # type: ignore[assignment]
            break
        heads.append(parse_head(text, f"台账导出文件第 {number} 行"))
    if header.get("heads", 0) != len(heads):
        raise Unreadable(f"台账导出文件不完整：应有 {header.get('heads')} 个链头，实有 {len(heads)} 个。")
    return Export(heads, map(_entry, numbered), header.get("records"))


def _parse(numbered: tuple[int, str]) -> dict[str, Any]:
    number, text = numbered
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"台账导出文件第 {number} 行无法读取。") from error
    if not isinstance(value, dict):
        raise Unreadable(f"台账导出文件第 {number} 行无法读取。")
    return value


def _entry(numbered: tuple[int, str]) -> Entry:
    value = _parse(numbered)
    try:
        entry = Entry(**value)
    except TypeError as error:
        raise Unreadable(f"台账导出文件第 {numbered[0]} 行缺少内容。") from error
    if type(entry.seq) is not int or not isinstance(entry.line, str | None):
        raise Unreadable(f"台账导出文件第 {numbered[0]} 行内容有误。")
    return entry


def parse_head(text: str, where: str) -> Head:
    """Read a head as it was put away, or raise Unreadable that begins with where it stands."""
    try:
        value = json.loads(text)
        told = json.loads(value["head"])
        shape = told.pop("format")
        head = Head(**told, signature=value["signature"])
        whole = shape == HEAD_FORMAT and head.line == value["head"]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"{where}不是链头。") from error
    if not whole or type(head.seq) is not int or not isinstance(head.signature, str):
        raise Unreadable(f"{where}不是链头。")
    return head


def read_heads(folder: Path) -> list[Head]:
    """Read all heads that were kept in a folder and the folders in it, or raise Unreadable with the file.

    They stand in files of lines (*.jsonl), and in mails as a mail program saves them (*.eml).
    """
    heads = []
    for path in sorted([*folder.rglob("*.jsonl"), *folder.rglob("*.eml")]):
        try:
            lines = _lines_of_mail(path) if path.suffix == ".eml" else path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError, LookupError, ValueError) as error:
            raise Unreadable(f"{path} 无法读取。") from error
        heads += [parse_head(line, f"{path} 第 {number} 行") for number, line in enumerate(lines, 1)]
    if not heads:
        raise Unreadable(f"{folder} 中没有链头。")
    return heads


def _lines_of_mail(path: Path) -> list[str]:
    """Give the lines of a mail's text that are heads; what the mail program or a server added is none."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    part = mail.get_body(("plain",))
    text = "" if part is None else str(part.get_content())
    return [line.strip() for line in text.splitlines() if line.strip().startswith("{")]


def verify_export(
    lines: Iterable[str], keys: Iterable[str] | None = None, witnesses: Iterable[Head] = ()
) -> Verification:
    """Verify an export: its chains, its heads, and heads that were kept elsewhere."""
    export = read_export(lines)
    marks = Marks(keys)
    marks.add_heads(export.heads)
    marks.add_witnesses(witnesses)
    result = walk(export.entries, marks)
    if result.ok and export.records not in (None, result.records):
        reason = f"文件不完整：应有 {export.records} 条记录，实有 {result.records} 条"
        result.first_bad = Bad("", 0, "", reason)
    return result


def words(result: Verification, *, pinned: bool) -> str:
    """Say what was found; pinned says whether the keys were compared with ones that the reader trusts."""
    if bad := result.first_bad:
        which = f" 第 {bad.seq} 号记录" if bad.seq else ""
        return f"台账有误：{' '.join(filter(None, [bad.county + which, bad.record]))}：{bad.reason}。"
    waiting = f"，另有 {result.unsealed} 条待封存" if result.unsealed else ""
    lines = [f"台账完好：{result.counties} 个县，{result.records} 条记录{waiting}。"]
    if result.signed:
        behind = f"，其后 {result.unsigned} 条记录尚未签名" if result.unsigned else ""
        lines.append(f"签名有效：{result.signed} 个链头{behind}。")
    elif result.records:
        lines.append("没有签名的链头，无法发现整条链被重写。")
    if result.keys and not pinned:
        lines.append("没有核对公钥。请将以下公钥与单位书面公布的公钥比较，或者用 --key 写明：")
    lines += [f"  公钥  {key}" for key in result.keys]
    return "\n".join([*lines, *(f"  {county}  {head}" for county, head in result.heads.items())])


def read_keys(texts: Iterable[str]) -> set[str]:
    """Read public keys in hex, or raise Unreadable with the first that is none."""
    keys = [text.strip().lower() for text in texts]
    for key in keys:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise Unreadable(f"公钥应为 64 位十六进制数：{key}。")
    return set(keys)


def main(arguments: list[str] | None = None) -> int:
    """Verify the file that is named; answers the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("export", metavar="EXPORT", type=Path)
    parser.add_argument("--key", action="append", metavar="KEY", default=[])
    parser.add_argument("--heads", type=Path, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        keys = read_keys(given.key)
        witnesses = read_heads(given.heads) if given.heads else []
        with given.export.open(encoding="utf-8") as file:
            result = verify_export(file, keys or None, witnesses)
    except (Unreadable, UnicodeDecodeError) as error:
        print(error if isinstance(error, Unreadable) else "这不是台账导出文件。", file=sys.stderr)
        return 2
    except ImportError:
        print("缺少 cryptography，请先安装：python -m pip install cryptography", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"无法读取 {error.filename}（{error.strerror}）。", file=sys.stderr)
        return 2
    print(words(result, pinned=bool(keys)))
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
