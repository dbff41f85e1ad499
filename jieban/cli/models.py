from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer
from jieban.errors import Invalid

app = typer.Typer(help="流程模型。", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="流程文件夹", exists=True, file_okay=False)]
_ENDINGS = {".bpmn", ".dmn", ".json"}


@app.command("lint", help="检查流程:错误(无法正确执行)、规范(不可发布)与提示。")
def lint(path: Folder, *, as_json: Json = False) -> None:
    """List the problems of a procedure; leave with 1 where one of them forbids publishing."""
    import bpmn
    from jieban.rules.seed import read_shipped
    from jieban.staff.roles import ROLES
    from tasks.operations import SERVICES, TASKS

    files = read_files(path)
    problems = bpmn.lint(
        files,
        operations=frozenset(TASKS) | frozenset(SERVICES),
        roles=frozenset(ROLES),
        forms=frozenset(name[6:-5] for name in files if name.startswith("forms/")),
        rules=frozenset(row["key"] for row in read_shipped()),
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


@app.command("test", help="运行流程所附的情景(scenarios/*.yaml)。")
def run_tests(path: Folder, *, as_json: Json = False) -> None:
    """Run the scenarios beside a model; leave with 1 where one fails."""
    from workflows.scenarios import run_scenarios

    results = run_scenarios(path)
    if not results:
        raise Invalid(f"{path} 中没有情景文件(scenarios/*.yaml)。")
    value = [
        {"name": result.name, "rules": list(result.rules), "ok": result.ok, "message": result.message}
        for result in results
    ]
    failed = [row for row in value if not row["ok"]]
    lines = [f"{'通过' if row['ok'] else '失败'}  {row['name']}  {row['message']}".rstrip() for row in value]
    lines.append(f"共 {len(value)} 个情景,{len(failed)} 个失败。")
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
        raise Invalid(f"{folder} 中没有流程图(*.bpmn)。")
    return files
