import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.ledger.chain import START, line_of, link
from jieban.ledger.tables import FirstContact, LedgerRecord, LedgerSeal, LedgerUnsealed

_FORMAT = "jieban-ledger-1"


@dataclass(frozen=True)
class Entry:
    """One sealed record, from the database or from an export; line is None where the record is gone."""

    county: str
    seq: int
    record: str
    previous: str
    hash: str
    line: str | None


@dataclass(frozen=True)
class Bad:
    """The first record that does not fit, and why."""

    county: str
    seq: int
    record: str
    reason: str


@dataclass
class Verification:
    """What a walk along all chains found; heads can be written down elsewhere and compared later."""

    records: int = 0
    unsealed: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    first_bad: Bad | None = None

    @property
    def ok(self) -> bool:
        return self.first_bad is None

    @property
    def counties(self) -> int:
        return len(self.heads)


def verify(session: Session, earlier: Iterable[Entry] = ()) -> Verification:
    """Walk every county's chain in the database and name the first record that was changed, moved or removed.

    A chain alone cannot tell that its end was cut off, or that all of it was written anew: what was exported
    earlier must still be the beginning of it, and every first contact must have its record.
    """
    # Closing the walk also closes its cursor, where it ended at a bad record.
    with closing(read_entries(session)) as entries:
        result = verify_entries(entries)
    waiting = session.scalar(select(func.count()).select_from(LedgerUnsealed))
    result.unsealed = waiting or 0
    if result.ok:
        result.first_bad = _unaccounted(session) or _unrecorded(session) or _rewritten(session, earlier)
    return result


def _unrecorded(session: Session) -> Bad | None:
    opened = LedgerRecord.kind == "first_contact.opened"
    contacts = select(FirstContact.county_code, func.count()).group_by(FirstContact.county_code)
    records = select(LedgerRecord.county_code, func.count()).where(opened).group_by(LedgerRecord.county_code)
    recorded = dict(session.execute(records).all())
    for county, count in session.execute(contacts.order_by(FirstContact.county_code)):
        if (found := recorded.get(county, 0)) < count:
            return Bad(county, 0, "", f"首接登记有 {count} 件，台账只记载了 {found} 件，有记录被删除")
    return None


def _rewritten(session: Session, earlier: Iterable[Entry]) -> Bad | None:
    last = {entry.county: entry for entry in earlier}
    for county, entry in sorted(last.items()):
        place = LedgerSeal.county_code == county, LedgerSeal.seq == entry.seq
        if session.scalar(select(LedgerSeal.hash).where(*place)) != entry.hash:
            reason = "与此前导出的台账不一致，其后的记录被删除，或者整条链被重写"
            return Bad(county, entry.seq, entry.record, reason)
    return None


def verify_entries(entries: Iterable[Entry]) -> Verification:
    """Walk chains given in the order (county, seq)."""
    result = Verification()
    expected = 0
    for entry in entries:
        if entry.county not in result.heads:
            result.heads[entry.county] = START
            expected = 0
        expected += 1
        if reason := _fault(entry, expected, result.heads[entry.county]):
            result.first_bad = Bad(entry.county, expected, entry.record, reason)
            return result
        result.heads[entry.county] = entry.hash
        result.records += 1
    return result


def _fault(entry: Entry, expected: int, previous: str) -> str:
    if entry.seq != expected:
        return f"缺少第 {expected} 号记录"
    if entry.previous != previous:
        return "与前一记录的摘要不衔接"
    if entry.line is None:
        return "记录已被删除"
    if link(entry.previous, entry.line) != entry.hash:
        return "记录内容与封存时不一致"
    return ""


def _unaccounted(session: Session) -> Bad | None:
    # A record that is neither sealed nor waiting would otherwise be overlooked by everybody.
    lost = session.execute(
        select(LedgerRecord.id, LedgerRecord.county_code)
        .outerjoin(LedgerSeal, LedgerSeal.record_id == LedgerRecord.id)
        .outerjoin(LedgerUnsealed, LedgerUnsealed.record_id == LedgerRecord.id)
        .where(LedgerSeal.record_id.is_(None), LedgerUnsealed.record_id.is_(None))
        .order_by(LedgerRecord.id)
        .limit(1)
    ).first()
    return Bad(lost.county_code, 0, str(lost.id), "记录既未封存，也不在待封存之列") if lost else None


def read_entries(session: Session) -> Generator[Entry]:
    """Read the chains of all counties in order, a chunk at a time."""
    record, sealed = LedgerRecord.__table__, LedgerSeal.__table__
    query = (
        select(
            record,
            sealed.c.county_code.label("chain"),
            sealed.c.seq,
            sealed.c.record_id,
            sealed.c.previous,
            sealed.c.hash,
        )
        .select_from(sealed.outerjoin(record, record.c.id == sealed.c.record_id))
        .order_by(sealed.c.county_code, sealed.c.seq)
        .execution_options(yield_per=1000)
    )
    with session.execute(query) as rows:
        for row in rows:
            line = line_of(row) if row.id is not None else None
            yield Entry(row.chain, row.seq, str(row.record_id), row.previous, row.hash, line)


def export(session: Session, file: IO[str]) -> int:
    """Write all chains as lines of JSON, which need nothing but SHA-256 to be verified; return how many records."""
    file.write(json.dumps({"format": _FORMAT, "algorithm": "sha256(previous + LF + line)"}) + "\n")
    count = 0
    for entry in read_entries(session):
        file.write(json.dumps(entry.__dict__, ensure_ascii=False) + "\n")
        count += 1
    return count


def read_export(file: Iterable[str]) -> Iterator[Entry]:
    """Read what export() wrote, or raise Invalid with the line that cannot be read."""
    for number, text in enumerate(file, 1):
        value = _parse(text, number)
        if number == 1:
            if value.get("format") != _FORMAT:
                raise Invalid("这不是台账导出文件。")
            continue
        try:
            yield Entry(**value)
        except TypeError as error:
            raise Invalid(f"台账导出文件第 {number} 行缺少内容。") from error


def _parse(text: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Invalid(f"台账导出文件第 {number} 行无法读取。") from error
    if not isinstance(value, dict):
        raise Invalid(f"台账导出文件第 {number} 行无法读取。")
    return value
