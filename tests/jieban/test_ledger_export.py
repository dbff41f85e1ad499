"""The verifier that comes with an export runs without jieban, on a Python that has only cryptography."""

import json
import shutil
import subprocess
import sys
import sysconfig
from importlib.resources import files
from pathlib import Path

import pytest

from jieban.ledger.head_files import keep_head
from jieban.ledger.verify import stored_heads
from jieban.ledger.verify_ledger import Head, link, main
from tests.ledgers import exported, grow, make_key, seal_all, write
from tests.people import OTHER_COUNTY

KEY = make_key().public
ITS_OWN = ("cryptography", "cffi", "_cffi_backend")


@pytest.fixture(scope="module")
def plain_python(tmp_path_factory):
    """The verifier beside nothing but cryptography, as on an auditor's machine."""
    folder, packages = tmp_path_factory.mktemp("auditor"), Path(sysconfig.get_path("platlib"))
    for name in ITS_OWN:
        for found in packages.glob(f"{name}*"):
            if found.suffix != ".dist-info":
                (folder / found.name).symlink_to(found)
    shutil.copy(str(files("jieban.ledger").joinpath("verify_ledger.py")), folder)

    def run(export, *more):
        # -S leaves out what is installed; -P the folder of the test.
        command = [sys.executable, "-S", "-P", "verify_ledger.py", str(export), *map(str, more)]
        done = subprocess.run(
            command,
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    return run


@pytest.fixture
def lines(sqlite_database, people, now):
    """Two counties: five records with heads at the second and the fifth, and two with one head."""
    grow(sqlite_database, people, now, 2, 3)
    grow(sqlite_database, people, now, 2, county=OTHER_COUNTY)
    return exported(sqlite_database)


def put(tmp_path, lines):
    path = tmp_path / "ledger.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


FIRST = 4
"""The line of the first record: a header and three heads stand before it."""


def test_a_good_export(plain_python, lines, tmp_path):
    code, said = plain_python(put(tmp_path, lines), "--key", KEY)

    assert (code, said.splitlines()[0]) == (0, "台账完好：2 个县，7 条记录。")
    assert "签名有效：3 个链头。" in said


def test_without_a_key_it_says_that_somebody_must_compare_it(plain_python, lines, tmp_path):
    code, said = plain_python(put(tmp_path, lines))

    assert code == 0
    assert "没有核对公钥" in said
    assert KEY in said


def changed(lines):
    lines[FIRST + 2] = lines[FIRST + 2].replace("王芳", "他人")


def deleted(lines):
    del lines[FIRST + 2]


def inserted(lines):
    lines.insert(FIRST + 2, lines[FIRST + 1])


def reordered(lines):
    lines[FIRST + 2], lines[FIRST + 3] = lines[FIRST + 3], lines[FIRST + 2]


def cut(lines):
    del lines[-1]


def cut_with_its_count(lines):
    del lines[-1]
    lines[0] = lines[0].replace('"records": 7', '"records": 6')


def county_cut(lines):
    del lines[-2:]


@pytest.mark.parametrize(
    ("attack", "told"),
    [
        (changed, "379901 第 3 号记录"),
        (deleted, "379901 第 3 号记录"),
        (inserted, "379901 第 3 号记录"),
        (reordered, "379901 第 3 号记录"),
        (cut, "379902 第 2 号记录：此前记到第 2 号，现在只到第 1 号"),
        (cut_with_its_count, "379902 第 2 号记录"),
        (county_cut, "379902 第 1 号记录：此前记到第 2 号，现在记录全部被删除"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_was_done_to_an_export_is_named(plain_python, lines, tmp_path, attack, told):
    attack(lines)

    code, said = plain_python(put(tmp_path, lines), "--key", KEY)
    assert code == 1
    assert told in said


def rewritten(lines, key):
    """Change the first record and compute everything anew, heads too, with another key."""
    entries = [json.loads(line) for line in lines[FIRST:]]
    entries[0]["line"] = entries[0]["line"].replace("王芳", "他人")
    last, hashes = {}, {}
    for entry in entries:
        entry["previous"] = last.get(entry["county"], "0" * 64)
        entry["hash"] = last[entry["county"]] = link(entry["previous"], entry["line"])
        hashes[entry["county"], entry["seq"]] = entry["hash"]
    heads, signed = [], {}
    for line in lines[1:FIRST]:
        told = json.loads(json.loads(line)["head"])
        del told["format"]
        told |= {"hash": hashes[told["county"], told["seq"]], "previous": signed.get(told["county"], "")}
        heads.append(key.sign(Head(**told)))
        signed[told["county"]] = heads[-1].signature
    return [
        lines[0],
        *(head.kept for head in heads),
        *(json.dumps(one, ensure_ascii=False) for one in entries),
    ]


def test_an_export_that_was_written_anew_with_another_key(
    plain_python, lines, tmp_path, sqlite_database, people, now
):
    """In itself it is whole: the key on paper, or one head that was kept elsewhere, tells."""
    (tmp_path / "kept").mkdir()
    with sqlite_database.read() as session:
        for head in stored_heads(session):
            keep_head(tmp_path / "kept", head)
    path = put(tmp_path, rewritten(lines, make_key(2)))
    assert plain_python(path)[0] == 0

    code, said = plain_python(path, "--key", KEY)
    assert (code, "由另一密钥签名" in said) == (1, True)
    code, said = plain_python(path, "--heads", tmp_path / "kept")
    assert (code, "379901 第 2 号记录" in said, "另行保管的链头" in said) == (1, True, True)
    assert plain_python(put(tmp_path, lines), "--heads", tmp_path / "kept", "--key", KEY)[0] == 0


def test_records_that_nobody_signed_yet_are_counted(sqlite_database, people, now, tmp_path, capsys):
    grow(sqlite_database, people, now, 2)
    write(sqlite_database, people, now, 3)
    seal_all(sqlite_database, now)
    lines = exported(sqlite_database)

    assert main([str(put(tmp_path, lines)), "--key", KEY]) == 0
    assert "其后 3 条记录尚未签名" in capsys.readouterr().out
    # They can be cut off only as long as the header still tells how many there were.
    assert main([str(put(tmp_path, lines[:-1])), "--key", KEY]) == 1
    assert "应有 5 条记录，实有 4 条" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([""], "台账导出文件第 1 行无法读取"),
        (["{}"], "这不是台账导出文件"),
        (['{"format": "jieban-ledger-2", "heads": 1}'], "应有 1 个链头，实有 0 个"),
        (['{"format": "jieban-ledger-2"}', '{"head": "x"}'], "第 2 行不是链头"),
        (['{"format": "jieban-ledger-2"}', '{"county": "379901"}'], "第 2 行缺少内容"),
    ],
)
def test_what_cannot_be_read_leaves_with_2(tmp_path, capsys, lines, told):
    assert main([str(put(tmp_path, lines))]) == 2
    assert told in capsys.readouterr().err


def test_what_is_asked_wrongly_leaves_with_2(lines, tmp_path, capsys):
    path = put(tmp_path, lines)
    for arguments in (["--key", "short"], ["--heads", str(tmp_path / "none")]):
        assert main([str(path), *arguments]) == 2
    assert main([str(tmp_path / "none.jsonl")]) == 2
    path.write_bytes(b"\xff\xfe")
    assert main([str(path)]) == 2
    assert "不是台账导出文件" in capsys.readouterr().err
