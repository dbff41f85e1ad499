from typing import Any

import pytest
from sqlalchemy import select

from jieban.audit.tables import ReadRecord
from jieban.cases.tables import CaseEvent, Paper
from tests.people import People
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk

PDF = b"%PDF-1.7\n a scan"


def _upload(
    desk: Desk, walk: Walk, content: bytes = PDF, name: str = "扫描件.pdf", kind: str = "other"
) -> Any:
    files = {"upload": (name, content, "application/octet-stream")}
    return desk.post(f"/cases/{walk.case_id}/papers", {"kind": kind, "name": "低保证明"}, files=files)


def _uploaded(site: Site) -> Paper:
    with site.database.read() as session:
        return session.scalars(select(Paper).where(Paper.sha256 != "")).one()


def test_a_paper_is_kept_and_given_out_as_a_download(site: Site, walk: Walk) -> None:
    desk = site.desk("window")

    assert _upload(desk, walk).status_code == 303

    paper = _uploaded(site)
    assert (paper.name, paper.file_name, paper.size) == ("低保证明", "扫描件.pdf", len(PDF))
    answer = site.desk("reviewer").get(f"/cases/{walk.case_id}/papers/{paper.id}")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "上传材料：低保证明" in desk.get(f"/cases/{walk.case_id}").text
    with site.database.read() as session:
        assert "paper" in session.scalars(select(ReadRecord.what)).all()
        assert "paper.added" in session.scalars(select(CaseEvent.kind)).all()


def test_a_paper_that_was_ticked_at_the_window_gets_its_file(site: Site, walk: Walk) -> None:
    with site.database.read() as session:
        waiting = session.scalars(select(Paper).where(Paper.case_id == walk.case_id)).first()
    assert waiting

    _upload(site.desk("window"), walk, kind=waiting.kind)

    assert _uploaded(site).id == waiting.id


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<html><script>", "page.pdf", "只能上传 PDF、JPG 或 PNG 文件。"),
        (b"MZ\x90\x00", "scan.jpg", "只能上传 PDF、JPG 或 PNG 文件。"),
        (b"", "empty.pdf", "只能上传 PDF、JPG 或 PNG 文件。"),
    ],
)
def test_a_file_is_known_by_its_content_not_by_its_name(
    site: Site, walk: Walk, content: bytes, name: str, message: str
) -> None:
    answer = _upload(site.desk("window"), walk, content, name)

    assert answer.status_code == 422
    assert message in answer.text
    assert "低保证明" in answer.text


@pytest.mark.parametrize(
    ("content", "kind"), [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png")]
)
def test_pictures_are_taken(site: Site, walk: Walk, content: bytes, kind: str) -> None:
    _upload(site.desk("window"), walk, content, "photo")

    assert _uploaded(site).media_type == kind


def test_a_name_with_folders_in_it_leads_nowhere(site: Site, walk: Walk) -> None:
    _upload(site.desk("window"), walk, PDF, "..\\..\\etc\\passwd.pdf")

    assert _uploaded(site).file_name == "passwd.pdf"


def test_a_name_reads_as_what_it_is(site: Site, walk: Walk) -> None:
    """A sign that turns the direction of writing would show an ending that the name does not have."""
    _upload(site.desk("window"), walk, PDF, "户口簿\u202efdp.exe")

    assert _uploaded(site).file_name == "户口簿fdp.exe"


def test_without_a_file_or_with_an_unknown_kind_there_is_a_sentence(site: Site, walk: Walk) -> None:
    desk = site.desk("window")

    empty = desk.post(f"/cases/{walk.case_id}/papers", {"kind": "id_card"})
    assert empty.status_code == 422
    assert "请选择文件。" in empty.text
    unknown = _upload(desk, walk, kind="treasure_map")
    assert unknown.status_code == 422
    assert "请选择材料种类。" in unknown.text


def test_a_paper_of_another_case_is_not_found(site: Site, people: People, walk: Walk) -> None:
    desk = site.desk("window")
    _upload(desk, walk)
    other = Walk.begin(site.database, people, site.now)

    assert desk.get(f"/cases/{other.case_id}/papers/{_uploaded(site).id}").status_code == 404


@pytest.mark.parametrize("username", ["other_town_window", "other_county_window", "no_area"])
def test_another_township_neither_reads_nor_adds(site: Site, walk: Walk, username: str) -> None:
    _upload(site.desk("window"), walk)
    desk = site.desk(username)

    assert desk.get(f"/cases/{walk.case_id}/papers/{_uploaded(site).id}").status_code == 404
    assert _upload(desk, walk, b"%PDF-2").status_code == 404
