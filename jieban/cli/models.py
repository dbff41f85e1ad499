from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer
from jieban.errors import Invalid

app = typer.Typer(help="流程模型。", no_args_is_help=True)


def _folder(path: Path) -> Path:
    # The forms and scenarios of a diagram lie beside it, so who names the diagram means its folder.
    return path.parent if path.suffix == ".bpmn" and path.is_file() else path


Folder = Annotated[Path, typer.Argument(metavar="流程文件夹", exists=True, callback=_folder)]


@app.command("lint", help="检查流程：错误（无法正确执行）、规范（不可发布）与提示。")
def lint(path: Folder, *, as_json: Json = False) -> None:
    """List the problems of a procedure; leave with 1 where one of them forbids publishing."""
    import bpmn
    from jieban.rules.seed import read_shipped
    from jieban.staff.roles import ROLES, SUPERVISORS
    from tasks.operations import DECIDED_BY, SERVICES, TASKS

    files = read_files(path)
    problems = bpmn.lint(
        files,
        operations=frozenset(TASKS) | frozenset(SERVICES),
        roles=frozenset(ROLES),
        forms=frozenset(name[6:-5] for name in files if name.startswith("forms/")),
        rules=frozenset(row["key"] for row in read_shipped()),
        decisions=DECIDED_BY,
        supervisors=SUPERVISORS,
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


@app.command(
    "test",
    help="运行流程所附的情景（scenarios/*.yaml），并列出每条规则由哪些情景证明，或者为什么不能证明。"
    "可以给出一个流程的文件夹，也可以给出放着各个流程的文件夹（如 bpmn/procedures）。"
    "有情景失败，以 1 退出；规则目录所列的流程都测试了而仍有规则未证明，也以 1 退出。",
)
def run_tests(path: Folder, *, as_json: Json = False) -> None:
    """Play the scenarios beside one or all models and say which rules they prove."""
    from jieban.cli.model_tests import Report

    report = Report(path)
    answer(report.value(), report.words(), as_json=as_json)
    if report.failed:
        raise typer.Exit(1)


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the files of a procedure by their path inside its folder, and those of the procedures that it calls."""
    from workflows.called import read_model

    files = read_model(folder)
    if not any(name.endswith(".bpmn") for name in files):
        raise Invalid(f"{folder} 中没有流程图（*.bpmn）。")
    return files
