"""What ships in jieban/rules/data, held against the texts and against the way in which conflicts are resolved."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

import pytest

from jieban.errors import Invalid
from jieban.rules import entry, rule_set_for
from jieban.rules.seed import read_shipped
from jieban.rules.tables import RuleValue

RULES = {
    "DB": range(1, 35),
    "TK": range(1, 25),
    "BY": range(1, 5),
    "GX": range(1, 10),
    "LS": {*range(1, 5), *range(10, 17), *range(20, 30)},
    "JC": range(1, 11),
    "FW": range(1, 7),
    "CS": range(1, 7),
    "GS": range(1, 16),
    "ZF": range(1, 13),
    "RX": range(1, 14),
    "XF": range(1, 11),
    "SL": range(1, 10),
}
"""The numbers of the rules in each group."""
SUB_RULES = {"DB-08a", "DB-20a", "DB-28a"}
RANKS = {"law", "regulation", "judicial", "central", "ministry", "province", "city", "county", "ours"}
LAST = date(2026, 11, 24)
SHIPPED = list(read_shipped())


def is_a_rule(rule_id):
    found = re.fullmatch(r"([A-Z]{2})-(\d{2})", rule_id)
    return rule_id in SUB_RULES or (found is not None and int(found[2]) in RULES.get(found[1], ()))


def is_well_formed(row):
    if row["unit"] == "bool":
        return row["value"] in {"true", "false"}
    if row["unit"] == "text":
        return bool(row["value"])
    try:
        value = Decimal(row["value"])
    except InvalidOperation:
        return False
    return value >= 0 and (row["unit"] in {"number", "yuan"} or value == int(value))


def value_of(database, now, key, day=LAST, *, area_code="370102"):
    with database.write() as session:
        return entry(rule_set_for(session, area_code, day, now), key)


def test_every_value_fits_its_unit():
    assert [row["key"] for row in SHIPPED if not is_well_formed(row)] == []


def test_every_value_belongs_to_a_rule():
    assert [row["key"] for row in SHIPPED if not is_a_rule(row["rule_id"])] == []


def test_every_value_has_a_source_and_a_rank():
    assert [row["key"] for row in SHIPPED if not row["source"] or row["rank"] not in RANKS] == []


def test_what_was_read_in_full_names_its_article():
    assert [row["key"] for row in SHIPPED if row["provenance"] == "full" and not row["article"]] == []


def test_what_is_not_law_has_no_rank_of_law_and_no_article():
    """A letter prints articles; a value that nobody has read in its source must have none to print."""
    for row in SHIPPED:
        if row["provenance"] in {"memory", "inference", "ours"}:
            assert (row["rank"], row["article"]) == ("ours", ""), row["key"]


def test_every_text_fits_its_column():
    lengths = {column.name: getattr(column.type, "length", None) for column in RuleValue.__table__.columns}
    for row in SHIPPED:
        for name, value in row.items():
            assert lengths[name] is None or len(value) <= lengths[name], (row["key"], name)


def test_no_value_is_given_twice():
    places = [(row["key"], row["area_code"], row["effective_from"]) for row in SHIPPED]
    assert len(places) == len(set(places))


def test_no_value_ends_before_it_begins():
    assert [
        row["key"] for row in SHIPPED if row["effective_to"] and row["effective_to"] < row["effective_from"]
    ] == []


def test_a_name_belongs_to_one_key():
    """The editor of procedures offers limits by their names."""
    keys = {}
    for row in SHIPPED:
        assert keys.setdefault(row["name"], row["key"]) == row["key"], row["name"]


def test_a_key_has_one_unit_everywhere():
    units = {}
    for row in SHIPPED:
        assert units.setdefault(row["key"], row["unit"]) == row["unit"], row["key"]


# Read again in the texts, article by article: a typing mistake here would be a wrong deadline everywhere.
@pytest.mark.parametrize(
    ("key", "value", "unit", "article"),
    [
        ("dibao.visit.investigators", "2", "number", "最低生活保障审核确认办法 第十六条"),
        ("dibao.job.refusals", "3", "number", "最低生活保障审核确认办法 第三十四条"),
        ("tekun.initial", "15", "wd", "特困人员认定办法 第十三条"),
        ("tekun.publicity", "7", "d", "特困人员认定办法 第十五条"),
        ("tekun.reinvestigate", "15", "wd", "特困人员认定办法 第十五条"),
        ("tekun.county.review", "15", "wd", "特困人员认定办法 第十六条"),
        ("tekun.county.sample", "0.3", "number", "特困人员认定办法 第十六条"),
        ("tekun.refusal.notice", "3", "wd", "特困人员认定办法 第十八条"),
        ("tekun.care.partial", "3", "number", "特困人员认定办法 第二十二条"),
        ("tekun.care.full", "4", "number", "特困人员认定办法 第二十二条"),
        ("tekun.reassess", "10", "wd", "特困人员认定办法 第二十三条"),
        ("tekun.end.publicity", "7", "d", "特困人员认定办法 第二十六条"),
        ("tekun.end.reinvestigate", "15", "wd", "特困人员认定办法 第二十六条"),
        ("tekun.review", "12", "mo", "关于改革完善社会救助制度的意见 第7项"),
        ("rigid.total", "30", "wd", "刚性支出困难家庭认定办法 第八条"),
        ("rigid.total.extended", "45", "wd", "刚性支出困难家庭认定办法 第八条"),
        ("rigid.validity", "12", "mo", "刚性支出困难家庭认定办法 第十条"),
        ("rigid.period", "12", "mo", "刚性支出困难家庭认定办法 第四条"),
        ("benefit.hearing.required", "true", "bool", "社会救助法 第四十八条"),
        ("hotline.finish", "5", "wd", "济南市12345市民服务热线条例 第二十四条"),
        ("petition.transfer", "15", "d", "信访工作条例 第二十二条"),
        ("petition.inform", "15", "d", "信访工作条例 第二十三条"),
        ("petition.objection", "5", "wd", "信访工作条例 第二十三条"),
        ("petition.finish", "60", "d", "信访工作条例 第三十四条"),
        ("petition.finish.extension", "30", "d", "信访工作条例 第三十四条"),
        ("petition.recheck", "30", "d", "信访工作条例 第三十五条"),
        ("petition.final", "30", "d", "信访工作条例 第三十六条"),
        ("petition.recheck.accept", "3", "wd", "山东省信访条例 第四十三条"),
        ("publicity.village.update", "3", "mo", "山东省村务公开条例 第十二条"),
        ("remedy.reconsider", "60", "d", "行政复议法 第二十条"),
        ("remedy.suit", "6", "mo", "行政诉讼法 第四十六条"),
    ],
)
def test_the_limits_of_all_procedures_ship_as_the_sources_have_them(
    sqlite_database, now, key, value, unit, article
):
    found = value_of(sqlite_database, now, key)

    assert (found.value, found.unit, found.article) == (value, unit, article)
    assert found.citable


@pytest.mark.parametrize(
    ("key", "day", "area_code", "value"),
    [
        # The notice before the decision: one city had none until the measures of the nation began.
        ("dibao.publicity.required", date(2021, 6, 30), "370811", "false"),
        ("dibao.publicity.required", date(2021, 7, 1), "370811", "true"),
        # The papers after first aid: from the payment in Shandong, from the end of the emergency under the law.
        ("temp.backfill.start", date(2026, 6, 30), "370102", "aid_paid"),
        ("temp.backfill.start", date(2026, 7, 1), "370102", "emergency_ended"),
        ("temp.backfill.start", date(2026, 6, 30), "110101", "emergency_ended"),
        # The power of the township beside the cap of the quick lane.
        ("temp.town.limit", date(2019, 10, 22), "371681", "2000"),
        ("temp.town.limit", LAST, "371681", "3000"),
        ("temp.quick.cap", LAST, "371681", "1"),
        # After an objection the notice is repeated for destitute people alone.
        ("dibao.objection.publicity.again", LAST, "370102", "false"),
        ("tekun.objection.publicity.again", LAST, "370102", "true"),
        # Destitute children: 16, then 18, then as long as they are at school.
        ("tekun.age.minor", LAST, "370102", "16"),
        ("tekun.minor.until", date(2021, 7, 1), "370102", "18"),
        ("tekun.minor.school", LAST, "370102", "true"),
        # Fines for fraud before and under the law.
        ("fraud.fine.most", date(2026, 6, 30), "370102", "3"),
        ("fraud.fine.most", date(2026, 7, 1), "370102", "2"),
        ("dibao.income.pension_base.exempt", date(2025, 12, 31), "370102", "true"),
        ("publicity.catalogue.days", LAST, "370102", "7"),
    ],
)
def test_where_texts_disagree_place_and_day_choose(sqlite_database, now, key, day, area_code, value):
    assert value_of(sqlite_database, now, key, day, area_code=area_code).value == value


@pytest.mark.parametrize(
    ("key", "area_code", "day"),
    [
        (
            "dibao.income.pension_base.exempt",
            "370102",
            date(2026, 1, 1),
        ),  # it ended, and nothing is known after it
        ("fraud.fine.least", "370102", date(2026, 7, 1)),  # the law has no least fine
        ("temp.firstaid", "110101", LAST),  # only Shandong counts hours
        ("marginal.line.relaxed", "370102", date(2027, 11, 1)),  # the provincial measures have run out
    ],
)
def test_where_nothing_is_known_there_is_no_value(sqlite_database, now, key, area_code, day):
    with pytest.raises(Invalid, match=re.escape(key)):
        value_of(sqlite_database, now, key, day, area_code=area_code)
