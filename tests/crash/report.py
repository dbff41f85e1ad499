"""The table of faults: `make test-faults` writes it into docs/faults.md, other runs leave it alone."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from tests.crash.faults import Count

_TITLE = """# 故障试验

下表由 `make test-faults` 写出：每种故障在批量办理进行中的随机时刻制造若干次，之后核对每个到期事项都办了，并且只办了一次。
“命中”是故障发生时批量办理正在进行的次数；不足规定次数的继续制造。杀死网页、调度程序和 Prefect
的试验中，一名经办人不停地通过网页办任务：凡是答复“已办”的都在，没有一件办了两次；之后运行状况页恢复正常。

*In English: written by `make test-faults`. Each kind of harm is done at random moments; afterwards every timer has fired,
and none twice. "Hit" are the rounds in which a sweep was under way at that moment; rounds go on until there are enough of them. While web, runner and Prefect are
killed, a clerk completes tasks through the web server: what was answered with yes is there, nothing was completed twice, and
the health page says ok afterwards.*

| 故障 / harm | 数据库 / database | 次数 / rounds | 命中 / hit | 事项 / timers | 丢失 / lost | 重复 / twice |
|---|---|---|---|---|---|---|
"""


def add(harm: str, database: str, count: Count) -> None:
    """Add a row to the table, where a file for it was named."""
    name = os.environ.get("FAULT_REPORT")
    if not name:
        return
    kept = Path(name).with_suffix(".json")
    rows = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(database, database)
    rows[f"{harm}|{kind}"] = asdict(count)
    kept.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    lines = [
        f"| {key.split('|')[0]} | {key.split('|')[1]} | {row['rounds']} | {row['hit']} | {row['timers']} "
        f"| {row['lost']} | {row['twice']} |"
        for key, row in sorted(rows.items())
    ]
    Path(name).write_text(_TITLE + "\n".join(lines) + "\n", "utf-8")
