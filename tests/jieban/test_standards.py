"""Loading local standards: checked cell by cell, looked at, confirmed, undone; and whom they concern."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import xlsxwriter
from sqlalchemy import func, select

from jieban.areas.tables import Area
from jieban.audit.tables import AdminEvent
from jieban.benefits.granting import grant
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ids import new_id
from jieban.rules import entry, rule_set_for, standards
from jieban.rules.standards.affected import concerned, open_cases, write_concerned
from jieban.rules.standards.columns import SHEETS
from jieban.rules.standards.items import items, linked_amounts, linked_classes, linked_provenance
from jieban.rules.standards.linking import compute, nine, weakest
from jieban.rules.standards.values import load_values
from jieban.rules.tables import RuleValue
from jieban.staff.actor import Actor
from jieban.writes import write_out
from tests.factories import add_case
from tests.people import CITY, COUNTY, OTHER_COUNTY, VILLAGE

TODAY = date(2026, 11, 24)
SINCE = date(2027, 7, 1)
DOCUMENT = "关于公布2027年救助标准的通知(示例)"


def administrator(area_code=CITY, roles=("sys_admin",)):
    return Actor(new_id(), "管理员", area_code, frozenset(roles))


def standard(item="城市低保标准", value=1100, **changes):
    return {
        "地区代码": COUNTY,
        "项目": item,
        "数值": value,
        "生效日期": SINCE,
        "依据文件": DOCUMENT,
        "文号/条款": "第一条",
        "出处程度": "已核对原文",
    } | changes


def bases(urban=1100, rural=900, **changes):
    return {key: value for key, value in standard().items() if key not in {"项目", "数值"}} | {
        "城市低保标准": urban,
        "农村低保标准": rural,
        **changes,
    }


def book(folder, standards=(), linked=()):
    path = folder / "standards.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        date_format = made.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in (("标准", standards), ("联动", linked)):
            sheet = made.add_worksheet(name)
            headers = [column.header for column in SHEETS[name]]
            sheet.write_row(0, 0, headers)
            for number, row in enumerate(rows, 1):
                for place, header in enumerate(headers):
                    value = row.get(header)
                    if isinstance(value, date):
                        sheet.write_datetime(number, place, value, date_format)
                    elif value is not None:
                        sheet.write(number, place, value)
    return path


def plan(database, path, within=CITY, today=TODAY):
    reading = standards.read_standards(path)
    assert reading.rejected == []
    with database.read() as session:
        return standards.make_plan(session, within, today, reading.wanted, reading.bases)


def load(database, now, path, actor=None, *, warnings_read=True):
    reading = standards.read_standards(path)
    assert reading.rejected == []
    actor = actor or administrator()
    with database.write() as session:
        preview_id = standards.record_preview(
            session,
            actor,
            now,
            file=path.name,
            sha256="ab" * 32,
            wanted=reading.wanted,
            bases=reading.bases,
        )
    with database.write() as session:
        standards.confirm(session, actor, now, preview_id, warnings_read=warnings_read)
    return preview_id


def value_of(database, now, key, day, area_code=COUNTY):
    with database.write() as session:
        return entry(rule_set_for(session, area_code, day, now), key)


def urban_rows(database):
    query = select(RuleValue.effective_from, RuleValue.effective_to, RuleValue.value)
    query = query.where(RuleValue.key == "dibao.standard.urban", RuleValue.area_code == COUNTY)
    with database.read() as session:
        return [tuple(row) for row in session.execute(query.order_by(RuleValue.effective_from))]


# --- the nine classes


def test_there_are_nine_classes_and_they_are_told_from_memory():
    assert len(linked_classes()) == 9
    assert linked_provenance() == "memory"
    assert {amount.key for amount in linked_amounts()} <= set(items())


@pytest.mark.parametrize(
    ("key", "base", "multiple", "amount"),
    [
        ("tekun.basic.urban", 1061, "1.3", 1380),
        ("tekun.basic.urban", 1000, "1.3", 1300),
        ("orphan.scattered", 1060, "1.6", 1700),
        ("disabled.nursing.2", 1000, "0.15", 150),
    ],
)
def test_a_linked_amount_is_rounded_up_to_its_step(key, base, multiple, amount):
    linked = next(one for one in linked_amounts() if one.key == key)

    assert compute(linked, Decimal(base), Decimal(multiple)) == amount


def test_change_the_base_and_see_all_nine(sqlite_database):
    with sqlite_database.read() as session:
        values = load_values(session, items())
    rows = nine(
        values,
        values,
        COUNTY,
        SINCE,
        {"dibao.standard.urban": Decimal(1200), "dibao.standard.rural": Decimal(900)},
    )
    by_key = {row.key: row for row in rows}

    assert len({row.group for row in rows}) == 9
    assert (by_key["dibao.standard.urban"].old, by_key["dibao.standard.urban"].new) == (1060, 1200)
    basic = by_key["tekun.basic.rural"]
    assert (basic.old, basic.new, basic.difference, basic.percent) == (1118, 1170, 52, Decimal("4.7"))
    assert basic.words == "农村低保标准 × 1.3，向上取整到元"
    assert basic.formula_provenance == "sample"
    assert by_key["child.unattended"].new == 1920


def test_a_place_without_multiples_is_told_so_and_nothing_is_made_up(sqlite_database):
    with sqlite_database.read() as session:
        values = load_values(session, items())
    rows = nine(values, values, "370102", SINCE, {"dibao.standard.urban": Decimal(1200)})
    basic = next(row for row in rows if row.key == "tekun.basic.urban")

    assert (basic.new, basic.computed, basic.formula_provenance) == (None, None, "")


@pytest.mark.parametrize(
    ("given", "result"),
    [
        (("full", "sample"), "sample"),
        (("full", "full"), "inference"),
        (("part", "memory"), "memory"),
        (("full", "ours"), "ours"),
    ],
)
def test_what_is_worked_out_is_no_surer_than_what_it_comes_from(given, result):
    assert weakest(*given) == result


def test_the_sample_amounts_are_what_the_sample_multiples_make_of_the_sample_bases(sqlite_database):
    with sqlite_database.read() as session:
        values = load_values(session, items())

    for county in (COUNTY, OTHER_COUNTY):
        for day in (TODAY, date(2027, 1, 1)):
            assert [row.key for row in nine(values, values, county, day) if not row.follows] == []


# --- reading and checking


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"项目": "取暖补贴"}, "项目", "没有这个项目"),
        ({"数值": "一千"}, "数值", "应为数字"),
        ({"数值": "60%"}, "数值", "应为数字"),
        ({"数值": -5}, "数值", "不能是负数"),
        ({"数值": 0}, "数值", "应大于 0"),
        ({"数值": 1100.005}, "数值", "最多两位小数"),
        ({"数值": 110000}, "数值", "不超过 20000"),
        ({"数值": None}, "数值", "请填写数值"),
        ({"单位": "元/年"}, "单位", "单位应为“元/人·月”"),
        ({"生效日期": "明年"}, "生效日期", "日期应写成"),
        ({"生效日期": None}, "生效日期", "请填写生效日期"),
        ({"出处程度": "看过"}, "出处程度", "应为列出的一种"),
        ({"依据文件": None}, "依据文件", "须填写依据文件的名称"),
        ({"依据文件": "通" * 201}, "依据文件", "内容过长"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_reason(tmp_path, changes, field, reason):
    reading = standards.read_standards(book(tmp_path, [standard(**changes)]))

    assert reading.wanted == []
    assert [(one.sheet, one.row, one.field) for one in reading.rejected] == [("标准", 2, field)]
    assert reason in reading.rejected[0].reason


@pytest.mark.parametrize(
    ("changes", "within", "reason"),
    [
        ({"地区代码": "990000"}, None, "没有这个地区"),
        ({"地区代码": OTHER_COUNTY}, COUNTY, "不在您的辖区内"),
        ({"生效日期": date(2090, 1, 1)}, CITY, "请核对年份"),
        ({"生效日期": date(2021, 7, 1)}, CITY, "已经施行，不能改写"),
    ],
)
def test_what_may_not_be_set_is_refused(sqlite_database, tmp_path, changes, within, reason):
    found = plan(sqlite_database, book(tmp_path, [standard(**changes)]), within)

    assert found.changes == []
    assert [reason in one.reason for one in found.rejected] == [True]


def test_the_same_value_twice_in_a_file_is_refused(sqlite_database, tmp_path):
    found = plan(sqlite_database, book(tmp_path, [standard(), standard(value=1200)]))

    assert found.changes == []
    assert ["不止一次" in one.reason for one in found.rejected] == [True, True]


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"数值": 1591}, "相差超过一半"),
        ({"数值": 529}, "相差超过一半"),
        ({"生效日期": date(2026, 11, 1)}, "早于今天"),
        ({"生效日期": date(2026, 12, 1)}, "自 2027-01-01 起另有值"),
        ({"生效日期": date(2027, 1, 1)}, "尚未生效的值 1060"),
    ],
)
def test_what_is_unusual_is_said_and_has_to_be_confirmed(sqlite_database, now, tmp_path, changes, warning):
    path = book(tmp_path, [standard(**changes)])

    (change,) = plan(sqlite_database, path).changes

    assert any(warning in said for said in change.warnings)
    with pytest.raises(Invalid, match="逐条核对"):
        load(sqlite_database, now, path, warnings_read=False)


def test_half_as_much_again_is_not_yet_unusual(sqlite_database, tmp_path):
    (change,) = plan(sqlite_database, book(tmp_path, [standard(value=1590)])).changes

    assert change.warnings == ()


def test_a_csv_file_may_name_items_by_key(sqlite_database, tmp_path):
    path = tmp_path / "standards.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*standard()])
        writer.writeheader()
        writer.writerow(standard("temp.multiple.large", "5", 出处程度="示例"))

    (change,) = plan(sqlite_database, path).changes

    assert (change.new.key, change.new.value, change.new.provenance) == ("temp.multiple.large", "5", "sample")


def test_the_untouched_template_changes_nothing(sqlite_database, tmp_path):
    path = tmp_path / "template.xlsx"
    with sqlite_database.read() as session:
        standards.write_template(session, CITY, TODAY, path)

    found = plan(sqlite_database, path)

    assert (found.changes, found.rejected) == ([], [])
    assert found.same > 50


def test_bases_on_the_linked_sheet_compute_all_nine_except_what_is_given_by_itself(sqlite_database, tmp_path):
    path = book(tmp_path, [standard("困难残疾人生活补贴", 300)], [bases(1200, 900)])

    found = plan(sqlite_database, path)
    by_key = {one.new.key: one for one in found.changes}

    assert set(by_key) == {amount.key for amount in linked_amounts()}
    assert (by_key["dibao.standard.urban"].new.provenance, by_key["disabled.living"].new.value) == (
        "full",
        "300",
    )
    assert (by_key["orphan.institution"].new.value, by_key["orphan.institution"].computed) == ("2400", True)
    assert by_key["orphan.institution"].new.provenance == "sample"
    ((area, day, rows),) = found.linked()
    assert (area, day) == (COUNTY, SINCE)
    assert [row.key for row in rows if not row.follows] == ["disabled.living"]


def test_a_multiple_of_the_same_file_is_the_one_that_computes(sqlite_database, tmp_path):
    multiple = standard("联动倍数：城市特困人员基本生活标准", 1.5)

    found = plan(sqlite_database, book(tmp_path, [multiple], [bases(1200, 900)]))

    basic = next(one.new for one in found.changes if one.new.key == "tekun.basic.urban")
    assert (basic.value, basic.provenance) == ("1800", "inference")


def test_a_base_that_changes_alone_shows_what_does_not_follow(sqlite_database, tmp_path):
    found = plan(sqlite_database, book(tmp_path, [standard(value=1200)]))

    ((_, _, rows),) = found.linked()
    basic = next(row for row in rows if row.key == "tekun.basic.urban")
    assert (basic.old, basic.new, basic.computed, basic.follows) == (1378, 1378, 1560, False)


# --- confirming and undoing


def test_a_new_standard_ends_the_old_one_the_day_before(database, now, tmp_path):
    load(database, now, book(tmp_path, [standard()]))

    assert urban_rows(database)[-2:] == [
        (date(2027, 1, 1), date(2027, 6, 30), "1060"),
        (SINCE, None, "1100"),
    ]
    assert value_of(database, now, "dibao.standard.urban", date(2027, 6, 30)).value == "1060"
    found = value_of(database, now, "dibao.standard.urban", SINCE)
    assert (found.value, found.source, found.citable) == ("1100", DOCUMENT, True)


def test_two_dates_of_one_file_follow_each_other(database, now, tmp_path):
    later = standard(value=1200, 生效日期=date(2028, 7, 1))

    load(database, now, book(tmp_path, [later, standard()]))

    assert urban_rows(database)[-2:] == [
        (SINCE, date(2028, 6, 30), "1100"),
        (date(2028, 7, 1), None, "1200"),
    ]


def test_an_import_is_one_recorded_act(database, now, tmp_path):
    load(database, now, book(tmp_path, linked=[bases()]))

    with database.read() as session:
        event = session.scalars(select(AdminEvent).where(AdminEvent.kind == "rules.imported")).one()
    assert (event.actor_name, event.data["sha256"], event.data["changes"]) == ("管理员", "ab" * 32, 13)
    row = next(
        row for row in event.data["rows"] if row["after"]["key"] == "dibao.standard.urban" and row["before"]
    )
    assert (row["before"]["effective_to"], row["after"]["effective_to"]) == (None, "2027-06-30")


def test_an_import_can_be_undone_before_it_holds_and_loaded_again(database, now, tmp_path):
    before = urban_rows(database)
    preview_id = load(database, now, book(tmp_path, [standard()]))

    with database.write() as session:
        standards.undo(session, administrator(), now, preview_id)

    assert value_of(database, now, "dibao.standard.urban", SINCE).value == "1060"
    assert urban_rows(database)[:-1] == before
    with database.read() as session:
        assert session.scalar(select(func.count()).where(AdminEvent.kind == "rules.undone")) == 1
        assert [past.undone is not None for past in standards.past_imports(session, CITY)] == [True]
    with database.write() as session, pytest.raises(Conflict):
        standards.undo(session, administrator(), now, preview_id)
    load(database, now, book(tmp_path, [standard(value=1150)]))
    assert value_of(database, now, "dibao.standard.urban", SINCE).value == "1150"


def test_the_number_of_rows_never_falls(database, now, tmp_path):
    """Processes tell by it whether they have to read the values again."""

    def count():
        with database.read() as session:
            return session.scalar(select(func.count()).select_from(RuleValue))

    before = count()
    preview_id = load(database, now, book(tmp_path, [standard()]))
    assert count() == before + 1

    with database.write() as session:
        standards.undo(session, administrator(), now, preview_id)

    assert count() == before + 1


def test_what_holds_already_cannot_be_undone(database, now, tmp_path):
    preview_id = load(database, now, book(tmp_path, [standard()]))

    with database.write() as session, pytest.raises(Invalid, match="已经施行"):
        standards.undo(session, administrator(), datetime(2027, 6, 30, 16, tzinfo=UTC), preview_id)


def test_an_import_under_a_later_one_is_not_undone(database, now, tmp_path):
    first = load(database, now, book(tmp_path, [standard()]))
    load(database, now, book(tmp_path, [standard(value=1200, 生效日期=date(2027, 10, 1))]))

    with database.write() as session, pytest.raises(Conflict, match="先撤销后来的"):
        standards.undo(session, administrator(), now, first)


def test_a_preview_is_confirmed_once(database, now, tmp_path):
    preview_id = load(database, now, book(tmp_path, [standard()]))

    with database.write() as session, pytest.raises(Conflict):
        standards.confirm(session, administrator(), now, preview_id, warnings_read=True)


@pytest.mark.parametrize(
    ("actor", "error"),
    [(administrator(OTHER_COUNTY), Invalid), (administrator(roles=("model_admin",)), NotAllowed)],
)
def test_nobody_loads_what_is_not_theirs_to_set(sqlite_database, now, tmp_path, actor, error):
    with pytest.raises(error):
        load(sqlite_database, now, book(tmp_path, [standard()]), actor)


def test_an_import_of_another_place_is_not_there_to_be_undone(sqlite_database, now, tmp_path):
    preview_id = load(sqlite_database, now, book(tmp_path, [standard()]))

    with sqlite_database.read() as session:
        assert standards.past_imports(session, OTHER_COUNTY) == []
    with sqlite_database.write() as session, pytest.raises(NotFound):
        standards.undo(session, administrator(OTHER_COUNTY), now, preview_id)


def test_sample_values_are_not_cited_in_place_of_sourced_ones_without_a_word(database, now, tmp_path):
    load(database, now, book(tmp_path, [standard()]))
    later = standard(value=1150, 生效日期=date(2027, 10, 1), 出处程度="示例数据", 依据文件=None)

    (change,) = plan(database, book(tmp_path, [later])).changes

    assert any("没有核对过" in said for said in change.warnings)


# --- whom it concerns


def granted(database, actor, now, *, village=VILLAGE, amount="600", method="difference", **values):
    with database.write() as session:
        case = add_case(session, actor, now, village=village, procedure="subsistence_allowance")
        case.accepted_at, case.state = now, "closed"
        values = {"kind": "monthly", "members": 2, "from_month": "2026-12"} | values
        benefit = grant(session, case, now, amount=Decimal(amount), method=method, **values)
        write_out(session)
        return benefit


def who(database, found, actor):
    with database.read() as session:
        return list(concerned(session, actor, found))


def test_a_benefit_rises_by_the_rise_of_the_standard_for_every_member(database, people, now, tmp_path):
    benefit = granted(database, people.window, now)
    found = plan(database, book(tmp_path, [standard("农村低保标准", 900)]))

    (one,) = who(database, found, administrator())

    assert (one.case_number, one.present, one.from_month) == (benefit.case_number, Decimal(600), "2027-07")
    assert one.new == Decimal(600) + 2 * (900 - 800)


def test_a_benefit_that_asks_for_another_value_is_not_concerned(database, people, now, tmp_path):
    granted(database, people.window, now)
    granted(database, people.other_county_window, now, village="379902001001")

    assert who(database, plan(database, book(tmp_path, [standard()])), administrator()) == []


def test_a_place_with_its_own_value_is_not_touched_by_that_of_the_city(database, people, now, tmp_path):
    granted(database, people.window, now)
    city = standard("农村低保标准", 900, 地区代码=CITY)

    assert who(database, plan(database, book(tmp_path, [city])), administrator()) == []


def test_only_cases_of_the_actors_area_are_shown(database, people, now, tmp_path):
    granted(database, people.window, now)
    granted(database, people.other_county_window, now, village="379902001001")
    rows = [standard("农村低保标准", 900, 地区代码=area) for area in (COUNTY, OTHER_COUNTY)]
    found = plan(database, book(tmp_path, rows))

    assert len(who(database, found, administrator())) == 2
    assert [one.town_code[:6] for one in who(database, found, administrator(COUNTY))] == [COUNTY]
    assert who(database, found, administrator(None)) == []


def test_cases_that_are_not_accepted_yet_are_counted_beside_those_that_keep_their_values(
    database, people, now, tmp_path
):
    with database.write() as session:
        for accepted in (None, now, None):
            case = add_case(session, people.window, now, procedure="subsistence_allowance")
            case.accepted_at = accepted
    found = plan(database, book(tmp_path, [standard("农村低保标准", 900)]))

    with database.read() as session:
        counted = open_cases(session, administrator(), found)
        elsewhere = open_cases(session, administrator(OTHER_COUNTY), found)

    assert (counted.waiting, counted.accepted) == (2, 1)
    assert (elsewhere.waiting, elsewhere.accepted) == (0, 0)


def test_the_list_is_a_workbook_with_short_names_for_who_may_not_read_cases(
    sqlite_database, people, now, tmp_path
):
    from python_calamine import CalamineWorkbook

    benefit = granted(sqlite_database, people.window, now)
    found = plan(sqlite_database, book(tmp_path, [standard("农村低保标准", 900)]))
    path = tmp_path / "cases.xlsx"
    with sqlite_database.read() as session:
        rows = concerned(session, administrator(), found)
        assert write_concerned(session, rows, {}, path, whole_names=False) == 1

    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1]
    assert cells[0] == benefit.case_number
    assert cells[1] == f"{benefit.holder[0]}某"
    assert cells[5:8] == [600, 800, 200]


def test_an_area_that_is_real_is_warned_of_sample_values(sqlite_database, tmp_path):
    with sqlite_database.write() as session:
        for code, parent in (("37", None), ("3701", "37"), ("370102", "3701")):
            if session.get(Area, code) is None:
                level = {2: "province", 4: "city", 6: "county"}[len(code)]
                session.add(Area(code=code, name=code, full_name=code, level=level, parent_code=parent))
    row = standard(地区代码="370102", 出处程度="示例数据", 依据文件=None)

    (change,) = plan(sqlite_database, book(tmp_path, [row]), None).changes

    assert change.warnings == ("标为示例数据，不得作为依据引用。",)
    assert change.new.effective_from - timedelta(days=1) == date(2027, 6, 30)
