from pathlib import Path
from typing import Annotated

import typer

from jieban.cli.output import Json, answer


def backup(
    file: Annotated[Path, typer.Argument(metavar="文件.tar.gz", dir_okay=False)], *, as_json: Json = False
) -> None:
    """备份全部数据到一个文件；系统运行时也可备份，结果前后一致。"""
    from jieban.cli.archive import write_backup
    from jieban.clock import now
    from jieban.settings import read_settings

    done = write_backup(read_settings(), file, now())
    words = f"已备份 {done['files']} 个文件到 {file}（{done['size'] / 1_000_000:.1f} MB）。"
    answer(done, words, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="文件.tar.gz", exists=True, dir_okay=False)],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="数据文件夹已有数据时仍然恢复；原有数据移到一旁。")
    ] = False,
    as_json: Json = False,
) -> None:
    """从备份文件恢复数据；请先停止系统。"""
    from jieban.cli.archive import read_backup
    from jieban.clock import now
    from jieban.settings import read_settings

    done = read_backup(read_settings(), file, now(), force=force)
    words = f"已恢复 {done['files']} 个文件到 {done['folder']}。"
    if done["aside"]:
        words += f"原有数据移到 {done['aside']}。"
    answer(done, words, as_json=as_json)
