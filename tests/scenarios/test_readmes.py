"""The READMEs of the procedures: what their files say better is written from them."""

from pathlib import Path

import pytest

from scripts.procedure_readmes import PART, folders, written


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_readme_says_what_its_files_say(folder: Path):
    """Deadlines, work, letters, decisions and scenarios are those of the files; `make readmes` writes them anew."""
    readme = folder / "README.md"

    assert readme.exists()
    text = readme.read_text(encoding="utf-8")
    assert written(folder, text) == text
    assert "model.png" not in text or (folder / "model.png").exists()


def test_what_was_written_by_hand_stays():
    """Only what stands between the marks changes; a part that is missing is added, a second time nothing is."""
    folder = next(folder for folder in folders() if folder.name == "subsistence_allowance")
    begun = (
        "# 题\n\n“办法”指《最低生活保障审核确认办法》。\n\n"
        "<!-- generated:limits dibao.total dibao.publicity.initial=张贴次日 -->\n旧表\n<!-- /generated -->\n\n话。\n\n## In English\n\nWords.\n"
    )

    once = written(folder, begun)

    assert (
        PART.sub("", once).split("## ")[0] == "# 题\n\n“办法”指《最低生活保障审核确认办法》。\n\n\n\n话。\n\n"
    )
    assert once.endswith("## In English\n\nWords.\n")
    assert "旧表" not in once
    assert "| 审核确认总期限 | 30 个工作日 | 受理 | 办法 第二十二条 | DB-20 |" in once
    assert "| 初审意见公示期 | 7 日 | 张贴次日 | 办法 第十九条 | DB-14 |" in once
    assert (
        "| 县级审核 | 县级审核人 | 县级审核 | 10 个工作日（自收到材料） | 法定 | 办法 第二十条 | DB-17 |"
        in once
    )
    assert [part["name"] for part in PART.finditer(once)] == [
        "limits",
        "tasks",
        "letters",
        "decisions",
        "scenarios",
    ]
    assert written(folder, once) == once
