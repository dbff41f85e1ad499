from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jieban.cli.output import Json, answer, reserve, table
from jieban.errors import Invalid

if TYPE_CHECKING:
    from jieban.intake.rejections import Rejection
    from jieban.rules.standards import Plan

app = typer.Typer(help="规则与标准。", no_args_is_help=True)


@app.command("template", help="写出救助标准导入表，填有各县现行值。")
def template(file: Annotated[Path, typer.Argument(metavar="OUT.xlsx", dir_okay=False)]) -> None:
    """Write the workbook that `rules import` reads."""
    from jieban.cli.prepare import open_database
    from jieban.clock import local_day, now
    from jieban.rules.standards import write_template

    if file.suffix.lower() != ".xlsx":
        raise Invalid(f"模板是工作簿，文件名 {file.name} 应以 .xlsx 结尾。")
    with open_database() as database, database.read() as session:
        reserve(file)
        write_template(session, None, local_day(now()), file)
    print(f"已写出 {file}。")


@app.command(
    "import",
    help="导入本地的标准（xlsx、csv，先检查），或者期限、权限等规则（yaml，写法同随附的规则；已有的值不会改动）。",
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "--preview", help="只检查，列出会更改的值，不写入。")
    ] = False,
    warnings_read: Annotated[bool, typer.Option("--accept", help="已核对提示，照此导入。")] = False,
    as_json: Json = False,
) -> None:
    """Load standards from a workbook, or rules from a file of yaml; leave with 1 where something is wrong."""
    if file.suffix.lower() in {".xlsx", ".csv"}:
        _import_standards(file, dry_run=dry_run, warnings_read=warnings_read, as_json=as_json)
    else:
        _import_rules(file, dry_run=dry_run, as_json=as_json)


def _import_rules(file: Path, *, dry_run: bool, as_json: bool) -> None:
    from jieban.audit import record_admin
    from jieban.cli.prepare import open_database
    from jieban.clock import now
    from jieban.rules.seed import import_rules, new_rules

    with open_database() as database, database.write() as session:
        if dry_run:
            added = len(new_rules(session, file.read_bytes(), file.name))
        else:
            added = import_rules(session, file.read_bytes(), file.name)
        if added and not dry_run:
            data = {"file": file.name, "added": added}
            record_admin(session, kind="rules.imported", now=now(), actor_name="命令行", data=data)
    words = f"会新增 {added} 条规则，没有写入。" if dry_run else f"新增 {added} 条规则。"
    answer({"added": added, "written": not dry_run}, words, as_json=as_json)


def _import_standards(file: Path, *, dry_run: bool, warnings_read: bool, as_json: bool) -> None:
    from hashlib import sha256

    from jieban.cli.prepare import open_database
    from jieban.clock import local_day, now
    from jieban.rules import standards

    moment, read = now(), standards.read_standards(file)
    with open_database() as database:
        with database.read() as session:
            plan = standards.make_plan(session, None, local_day(moment), read.wanted, read.bases)
        rejected = [*read.rejected, *plan.rejected]
        stops = bool(rejected) or (plan.warnings > 0 and not warnings_read)
        written = bool(plan.changes) and not (dry_run or stops)
        if written:
            with database.write() as session:
                digest = sha256(file.read_bytes()).hexdigest()
                preview_id = standards.record_preview(
                    session,
                    None,
                    moment,
                    file=file.name,
                    sha256=digest,
                    wanted=read.wanted,
                    bases=read.bases,
                )
                plan = standards.confirm(session, None, moment, preview_id, warnings_read=warnings_read)
    answer(_value(plan, rejected, written=written), _words(plan, rejected, written=written), as_json=as_json)
    if rejected or (stops and not dry_run):
        raise typer.Exit(1)


def _value(plan: "Plan", rejected: "list[Rejection]", *, written: bool) -> dict[str, Any]:
    from dataclasses import asdict

    changes = [
        {
            "area_code": change.new.area_code,
            "key": change.new.key,
            "old": change.old.value if change.old else None,
            "new": change.new.value,
            "effective_from": change.new.effective_from,
            "provenance": change.new.provenance,
            "computed": change.computed,
            "warnings": list(change.warnings),
        }
        for change in plan.changes
    ]
    wrong = [asdict(one) for one in rejected]
    return {"written": written, "same": plan.same, "changes": changes, "rejected": wrong}


def _words(plan: "Plan", rejected: "list[Rejection]", *, written: bool) -> str:
    if rejected:
        wrong = [(one.sheet, one.row, one.field, one.value, one.reason) for one in rejected]
        said = f"有误 {len(rejected)} 处，没有写入。"
        return said + "\n" + table(("工作表", "行", "栏目", "内容", "原因"), wrong)
    heads = ("地区", "项目", "现行值", "新值", "生效日期", "提示")
    cells = [
        (
            change.new.area_code,
            change.new.name,
            change.old.value if change.old else "—",
            change.new.value,
            str(change.new.effective_from),
            "".join(change.warnings),
        )
        for change in plan.changes
    ]
    said = f"更改 {len(plan.changes)} 个值，{plan.same} 个没有变化。" + ("" if written else "没有写入。")
    if plan.warnings and not written:
        said += f"有 {plan.warnings} 个值需要核对，核对后加上 --accept 再导入。"
    return said + ("\n" + table(heads, cells) if cells else "")
