import io
import json
import sqlite3
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jieban.cli.archive import CopyRefused, read_backup, write_backup
from jieban.cli.installation import CannotStart, only_one
from jieban.cli.migrate import DatabaseRefused
from jieban.database import Database
from jieban.ledger import record
from jieban.ledger.keys import own_key
from jieban.settings import read_settings
from jieban.staff.directory import find_user

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def settings(sqlite_database, tmp_path):
    """A data folder as `jieban serve` leaves it."""
    settings = read_settings({"JIEBAN_DATA": str(tmp_path / "data")})
    (settings.data / "uploads" / "ab").mkdir(parents=True)
    (settings.data / "uploads" / "ab" / "paper.jpg").write_bytes(b"a photograph")
    (settings.data / "prefect").mkdir()
    (settings.data / "logs").mkdir()
    (settings.data / "logs" / "web.log").write_text("not worth keeping", "utf-8")
    with closing(sqlite3.connect(sqlite_database.engine.url.database)) as source:
        source.execute(f"VACUUM INTO '{settings.data / 'jieban.sqlite3'}'")
    with closing(sqlite3.connect(settings.data / "prefect" / "prefect.db")) as prefect:
        prefect.execute("CREATE TABLE flow_run (id)")
        prefect.commit()
    return settings


@pytest.fixture
def elsewhere(settings, tmp_path):
    """The settings of an installation on an empty folder."""
    folder = tmp_path / "elsewhere"
    return replace(settings, data=folder, database_url=f"sqlite:///{folder / 'jieban.sqlite3'}")


def names(path):
    with tarfile.open(path) as archive:
        return archive.getnames()


def test_a_backup_is_restored_into_an_empty_folder(settings, elsewhere, tmp_path):
    done = write_backup(settings, tmp_path / "b.tar.gz", NOW)
    restored = read_backup(elsewhere, tmp_path / "b.tar.gz", NOW, force=False)

    assert (done["files"], restored["files"], restored["aside"]) == (3, 3, None)
    assert (elsewhere.data / "uploads" / "ab" / "paper.jpg").read_bytes() == b"a photograph"
    database = Database(elsewhere.database_url)
    with database.read() as session:
        assert find_user(session, "window").name == "王芳"
    database.close()


def test_a_backup_holds_both_databases_and_the_files_and_nothing_else(settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz", NOW)

    assert names(tmp_path / "b.tar.gz") == [
        "jieban.sqlite3",
        "prefect/prefect.db",
        "uploads/ab/paper.jpg",
        "manifest.json",
    ]
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0


def test_a_backup_beside_a_writing_program_is_whole(settings, elsewhere, people, tmp_path):
    """Each transaction writes two rows; whatever moment the copy shows, it shows both or none."""
    database = Database(settings.database_url)

    def write(stop):
        while not stop:
            with database.write() as session:
                record(
                    session,
                    county_code="379901",
                    at=NOW,
                    kind="task.completed",
                    case_id=None,
                    case_number="",
                    actor=people.window,
                    body={},
                )

    stop: list[bool] = []
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, stop)
        for number in range(3):
            write_backup(settings, tmp_path / f"{number}.tar.gz", NOW)
        stop.append(True)
        writing.result()
    database.close()

    read_backup(elsewhere, tmp_path / "2.tar.gz", NOW, force=False)
    with closing(sqlite3.connect(elsewhere.data / "jieban.sqlite3")) as copy:
        count = "SELECT (SELECT count(*) FROM ledger_record), (SELECT count(*) FROM ledger_unsealed)"
        records, unsealed = copy.execute(count).fetchone()
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert records == unsealed > 0


def test_an_existing_file_is_never_overwritten(settings, tmp_path):
    (tmp_path / "b.tar.gz").write_bytes(b"yesterday's")

    with pytest.raises(CopyRefused, match="已存在"):
        write_backup(settings, tmp_path / "b.tar.gz", NOW)
    assert (tmp_path / "b.tar.gz").read_bytes() == b"yesterday's"


def test_a_place_that_cannot_be_written_is_told_and_leaves_nothing(settings, tmp_path):
    with pytest.raises(CopyRefused, match="无法写入备份"):
        write_backup(settings, tmp_path / "no" / "such" / "b.tar.gz", NOW)
    assert not [path for path in settings.data.iterdir() if path.name.startswith("jieban-backup")]


def test_a_folder_without_a_database_has_nothing_to_back_up(elsewhere, tmp_path):
    with pytest.raises(CopyRefused, match="没有数据库"):
        write_backup(elsewhere, tmp_path / "b.tar.gz", NOW)


def test_data_that_is_there_is_kept_unless_forced_and_then_moved_aside(settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz", NOW)
    (settings.data / "uploads" / "later.jpg").write_bytes(b"added after the backup")
    with pytest.raises(CopyRefused, match="--force"):
        read_backup(settings, tmp_path / "b.tar.gz", NOW, force=False)
    assert (settings.data / "uploads" / "later.jpg").exists()

    aside = Path(read_backup(settings, tmp_path / "b.tar.gz", NOW, force=True)["aside"])

    assert aside.name == "before-restore-20261124-100000"
    assert (aside / "uploads" / "later.jpg").exists()
    assert not (settings.data / "uploads" / "later.jpg").exists()
    assert (settings.data / "jieban.sqlite3").exists()


def test_a_running_installation_is_not_restored_over(settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz", NOW)

    with only_one(settings.data), pytest.raises(CannotStart, match="使用"):
        read_backup(settings, tmp_path / "b.tar.gz", NOW, force=True)


def rewrite(path, change):
    """Unpack a backup, let `change` have its files by name, and pack them again."""
    with tarfile.open(path) as archive:
        files = {name: archive.extractfile(name).read() for name in archive.getnames()}
    change(files)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def set_manifest(files, **values):
    files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | values).encode()


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (
            lambda files: files.update({"uploads/ab/paper.jpg": b"another"}),
            CopyRefused,
            "paper.jpg 与清单不符",
        ),
        (lambda files: files.pop("uploads/ab/paper.jpg"), CopyRefused, "paper.jpg 与清单不符"),
        (lambda files: files.update({"uploads/extra": b""}), CopyRefused, "extra 与清单不符"),
        (lambda files: files.update({"../outside": b""}), CopyRefused, "不是完好的备份文件"),
        (lambda files: files.pop("manifest.json"), CopyRefused, "不是完好的备份文件"),
        (lambda files: set_manifest(files, format="other"), CopyRefused, "不是本程序的备份文件"),
        (lambda files: set_manifest(files, revision="9999"), DatabaseRefused, "更新版本"),
    ],
    ids=["changed", "missing", "added", "outside", "no manifest", "another format", "newer"],
)
def test_a_backup_that_is_not_whole_changes_nothing(settings, elsewhere, tmp_path, change, error, reason):
    write_backup(settings, tmp_path / "b.tar.gz", NOW)
    rewrite(tmp_path / "b.tar.gz", change)

    with pytest.raises(error, match=reason):
        read_backup(elsewhere, tmp_path / "b.tar.gz", NOW, force=False)
    assert [path.name for path in elsewhere.data.iterdir()] == ["jieban.lock"]
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00 broken"])
def test_what_is_no_archive_is_refused(elsewhere, tmp_path, content):
    (tmp_path / "b.tar.gz").write_bytes(content)

    with pytest.raises(CopyRefused, match="不是完好的备份文件"):
        read_backup(elsewhere, tmp_path / "b.tar.gz", NOW, force=False)


def test_postgresql_is_left_to_its_own_tools(settings, tmp_path):
    served = replace(settings, database_url="postgresql+psycopg://jieban@db/jieban")

    with pytest.raises(CopyRefused, match="pg_dump"):
        write_backup(served, tmp_path / "b.tar.gz", NOW)


def test_the_key_that_signs_the_ledger_is_in_no_backup_and_stays_with_the_machine(settings, tmp_path):
    """Whoever holds a backup must not be able to sign; what was kept of the heads goes aside with the old data."""
    public = own_key(settings).public
    settings.ledger_newest.mkdir()
    (settings.ledger_newest / "379901.jsonl").touch()
    write_backup(settings, tmp_path / "b.tar.gz", NOW)

    restored = read_backup(settings, tmp_path / "b.tar.gz", NOW, force=True)

    assert not [name for name in names(tmp_path / "b.tar.gz") if "ledger" in name]
    assert own_key(settings).public == public
    assert not settings.ledger_newest.exists()
    assert (Path(restored["aside"]) / "ledger-heads" / "379901.jsonl").exists()
