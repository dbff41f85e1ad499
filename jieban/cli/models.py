from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from jieban.cli.output import Json, answer
from jieban.errors import Invalid

app = typer.Typer(help="流程模型。", no_args_is_help=True)


def _folder(path: Path) -> Path:
    # The forms and scenarios of a diagram lie beside it, so who names the diagram means its folder.
    return path.parent if path.suffix == ".bpmn" and path.is_file() else path


Folder = Annotated[Path, typer.Argument(metavar="流程文件夹", exists=True, callback=_folder)]
_ENDINGS = {".bpmn", ".dmn", ".json"}


@app.command("lint", help="检查流程：错误（无法正确执行）、规范（不可发布）与提示。")
def lint(path: Folder, *, as_json: Json = False) -> None:
    """List the problems of a procedure; leave with 1 where one of them forbids publishing."""
    import bpmn
    from jieban.rules.seed import read_shipped
    from jieban.staff.roles import ROLES
    from tasks.operations import DECIDED_BY, SERVICES, TASKS

    files = read_files(path)
    problems = bpmn.lint(
        files,
        operations=frozenset(TASKS) | frozenset(SERVICES),
        roles=frozenset(ROLES),
        forms=frozenset(name[6:-5] for name in files if name.startswith("forms/")),
        rules=frozenset(row["key"] for row in read_shipped()),
        decisions=DECIDED_BY,
    )
    value = [
        {
            "severity": str(problem.severity),
            "element": problem.element,
            "rule": problem.rule,
            "message": problem.message,
        }
        for problem in problems
    ]
    lines = [f"{row['severity']}  {row['element'] or '-'}  {row['message']}({row['rule']})" for row in value]
    answer(value, "\n".join(lines) or "没有发现问题。", as_json=as_json)
    if any(row["severity"] != "hint" for row in value):
        raise typer.Exit(1)


@app.command("test", help="运行流程所附的情景（scenarios/*.yaml），并列出每条规则由哪些情景证明。")
def run_tests(path: Folder, *, as_json: Json = False) -> None:
    """Play the scenarios beside a model and say which rules they show; leave with 1 where one fails."""
    from jieban.cli.migrate import migrate
    from jieban.database import Database
    from workflows.scenarios import coverage, read_folder, run_scenarios

    _, rest = read_folder(path)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scenarios.sqlite3"
        migrate(url)
        database = Database(url)
        try:
            results = run_scenarios(path, database=database)
        finally:
            database.close()
    if not results:
        raise Invalid(f"{path} 中没有情景文件（scenarios/*.yaml）。")
    covered = coverage(results)
    value = {
        "scenarios": [
            {
                "file": result.file,
                "name": result.name,
                "rules": list(result.rules),
                "passed": result.passed,
                "failures": list(result.failures),
            }
            for result in results
        ],
        "coverage": covered,
        "not_proved": {one.rule: one.why for one in rest},
    }
    lines = []
    for result in results:
        lines.append(f"{'通过' if result.passed else '失败'}  {result.file}  {result.name}")
        lines += [f"      {failure}" for failure in result.failures]
    lines += ["", "规则与证明它的情景："]
    lines += [f"  {rule}  {'；'.join(names) or '(没有通过的情景)'}" for rule, names in covered.items()]
    lines += [f"  {one.rule}  未证明：{one.why}" for one in rest]
    failed = sum(not result.passed for result in results)
    lines.append(
        f"共 {len(results)} 个情景，{failed} 个失败；证明规则 {sum(map(bool, covered.values()))} 条。"
    )
    answer(value, "\n".join(lines), as_json=as_json)
    if failed:
        raise typer.Exit(1)


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the files of a procedure by their path inside its folder."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _ENDINGS
    }
    if not any(name.endswith(".bpmn") for name in files):
        raise Invalid(f"{folder} 中没有流程图（*.bpmn）。")
    return files
