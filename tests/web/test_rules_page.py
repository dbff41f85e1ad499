"""The page of rules: grouped by field, filtered by field and by words, and honest about what is not law."""

from datetime import date
from uuid import UUID

import pytest

from jieban.rules.seed import read_shipped
from jieban.rules.tables import RuleValue
from tests.web.site import Site
from web.admin.rules import FIELDS, OTHER, field_of

HTMX = {"HX-Request": "true"}


def test_every_shipped_value_has_a_field_of_its_own() -> None:
    assert {field_of(row["key"]) for row in read_shipped()} == set(FIELDS) - {OTHER}


def test_fields_stand_in_their_order_under_their_names(site: Site) -> None:
    page = site.desk("sys_admin").get("/admin/rules").text
    heads = [part.split(" <span")[0] for part in page.split('scope="rowgroup">')[1:]]

    assert heads == [name for field, name in FIELDS.items() if field != OTHER]


def test_one_field_shows_its_values_alone(site: Site) -> None:
    page = site.desk("sys_admin").get("/admin/rules?field=temp").text

    assert "temp.firstaid" in page
    assert "tekun.initial" not in page
    assert '<option value="temp" selected>' in page


def test_field_and_words_narrow_together(site: Site) -> None:
    page = site.desk("sys_admin").get("/admin/rules?field=tekun&search=公示").text

    assert "tekun.publicity" in page
    assert "tekun.initial" not in page
    assert "dibao.publicity.initial" not in page


@pytest.mark.parametrize("query", ["field=nothing", "field=care&search=DB-17"])
def test_where_nothing_matches_the_page_says_so(site: Site, query: str) -> None:
    assert "没有符合条件的规则。" in site.desk("sys_admin").get(f"/admin/rules?{query}").text


def test_an_offices_own_key_stands_under_other(site: Site) -> None:
    with site.database.write() as session:
        session.add(
            RuleValue(
                id=UUID(int=1),
                key="heating.allowance",
                name="取暖补贴",
                value="300",
                unit="yuan",
                provenance="ours",
                effective_from=date(2026, 1, 1),
            )
        )

    page = site.desk("sys_admin").get("/admin/rules?field=other").text

    assert "heating.allowance" in page
    assert "dibao.total" not in page


def test_the_list_alone_is_sent_as_markup(site: Site) -> None:
    """Searching puts the answer into the page as it is, so it must be a table and not its source."""
    part = site.desk("sys_admin").get("/admin/rules?search=TK-05", headers=HTMX).text

    assert part.lstrip().startswith('<div class="table-responsive">')
    assert "&lt;" not in part
    assert "<html" not in part


def test_what_is_searched_for_is_shown_as_text(site: Site) -> None:
    page = site.desk("sys_admin").get("/admin/rules", params={"search": "<b>x</b>"}).text

    assert "<b>x</b>" not in page


@pytest.mark.parametrize(
    ("key", "said"),
    [("monitor.check.red", "本系统设定"), ("dibao.class.c.review", "未核对原文"), ("marginal.total", "推断")],
)
def test_what_is_not_law_says_so(site: Site, key: str, said: str) -> None:
    row = (
        site.desk("sys_admin")
        .get(f"/admin/rules?search={key}")
        .text.split(f"{key}</span>")[1]
        .split("</tr>")[0]
    )

    assert said in row
    assert "不是法律规定" in row
