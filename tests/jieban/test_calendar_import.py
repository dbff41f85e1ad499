import io
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import select

from jieban.audit.tables import AdminEvent
from jieban.errors import Invalid
from jieban.workdays import Listed, days_of_year, load_calendar, read_days
from jieban.workdays.plausible import check_plausible
from workflows.calendars import Notice, import_now, look_at_file, read_notice

# Shaped like a notice; the State Council has not published 2027, so these days are invented for the test.
HOLIDAYS = {
    "元旦": ["2027-01-01", "2027-01-02", "2027-01-03"],
    "春节": [f"2027-02-{day:02}" for day in range(5, 12)],
    "清明节": ["2027-04-03", "2027-04-04", "2027-04-05"],
    "劳动节": [f"2027-05-{day:02}" for day in range(1, 6)],
    "端午节": ["2027-06-09"],
    "中秋节": ["2027-09-15"],
    "国庆节": ["2027-10-01", "2027-10-02", "2027-10-03"],
}
MAKE_UP = ["2027-02-20", "2027-02-28"]
ROWS = [(day, 0, name) for name, days in HOLIDAYS.items() for day in days] + [
    (day, 1, "春节补班") for day in MAKE_UP
]


STATE = Notice("国办发明电〔2026〕7号", date(2026, 11, 4))
"""Invented too."""


def csv_file(rows=ROWS, header="day,working,name", encoding="utf-8") -> bytes:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]).encode(encoding)


def workbook(*, formula: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["日期", "是否上班", "名称"])
        day_format = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, (day, working, name) in enumerate(ROWS, 1):
            sheet.write_datetime(number, 0, date.fromisoformat(day), day_format)
            if formula:
                sheet.write_formula(number, 1, "=0", value=working)
            else:
                sheet.write_number(number, 1, working)
            sheet.write_string(number, 2, name)
    return file.getvalue()


def icalendar() -> bytes:
    events = [
        ("元旦 休", "20270101", "20270104"),
        ("春节 休", "20270205", "20270212"),
        ("清明节 休", "20270403", "20270406"),
        ("劳动节 休", "20270501", "20270506"),
        ("端午节 休", "20270609", None),
        ("中秋节 休", "20270915", None),
        ("国庆节 休", "20271001", "20271004"),
        ("春节补班", "20270220", None),
        ("春节\r\n 补班", "20270228", "20270301"),
    ]
    lines = ["BEGIN:VCALENDAR"]
    for summary, first, last in events:
        lines += ["BEGIN:VEVENT", f"DTSTART;VALUE=DATE:{first}"]
        lines += [f"DTEND;VALUE=DATE:{last}"] if last else []
        lines += [f"SUMMARY:{summary}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR"]).encode()


SATURDAYS = [
    (month, day) for month in (6, 7, 8, 11) for day in range(10, 30) if date(2026, month, day).weekday() == 5
]


def event(*lines: str, name: str = "元旦 休") -> bytes:
    whole = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"SUMMARY:{name}", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["DTSTART:20261231T160000Z", "DTEND:20270103T160000Z"], 3),
        (["DTSTART;TZID=Asia/Shanghai:20270101T000000", "DTEND;TZID=Asia/Shanghai:20270102T000000"], 1),
        (["DTSTART;TZID=America/New_York:20261231T110000", "DTEND;TZID=America/New_York:20270101T110000"], 1),
        (["DTSTART:20270101T000000", "DTEND:20270104T000000"], 3),
        (["DTSTART;VALUE=DATE:20270101", "DURATION:P3D"], 3),
        (
            ["DTSTART;VALUE=DATE:20270101", "BEGIN:VALARM", "TRIGGER:-PT15M", "SUMMARY:上班", "END:VALARM"],
            1,
        ),
    ],
)
def test_days_of_an_icalendar_file_are_those_of_china(lines, days):
    """Whatever time zone it was written in, and however it says how long it lasts; an alarm is not the day itself."""
    found = read_days(event(*lines), "a.ics")

    assert [(one.day, one.working) for one in found] == [(date(2027, 1, 1 + n), False) for n in range(days)]


def test_what_cannot_be_seen_is_left_out_of_a_name():
    content = csv_file([("2027-01-01", 0, "元\x00旦\u202e")], encoding="utf-8-sig")

    assert [(one.day, one.name) for one in read_days(content, "a.csv")] == [(date(2027, 1, 1), "元旦")]


def take_in(database, content, name, now, notice=STATE, why=""):
    return import_now(database, content, name, actor=None, now=now, notice=notice, why=why)[0]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(csv_file(), "2027.csv", id="csv"),
        pytest.param(csv_file(encoding="gb18030"), "2027.csv", id="csv in GB 18030"),
        pytest.param(workbook(), "2027.xlsx", id="workbook"),
        pytest.param(icalendar(), "2027.ics", id="iCalendar"),
    ],
)
def test_a_notice_makes_its_year_official(database, now, content, name):
    done = take_in(database, content, name, now)

    assert (done.years, done.listed) == ([2027], 25)
    with database.read() as session:
        calendar = load_calendar(session)
    assert calendar.provisional_from == date(2028, 1, 1)
    assert calendar.is_working(date(2027, 2, 20))
    assert not calendar.is_working(date(2027, 2, 11))
    # The provisional table had 2027-10-04 off in lieu; a notice that does not list it makes it a working day.
    assert calendar.is_working(date(2027, 10, 4))


def test_the_same_notice_again_changes_nothing(database, now):
    assert take_in(database, csv_file(), "2027.csv", now).changed == 365
    assert take_in(database, csv_file(), "again.csv", now).changed == 0
    with database.read() as session:
        events = session.scalars(select(AdminEvent).where(AdminEvent.kind == "calendar.imported")).all()
    assert [(event.actor_name, event.data["changed"]) for event in events] == [("命令行", 365)]


def test_in_an_official_year_only_the_listed_days_change(database, now):
    """And not by the way: it takes a reason, and the calendar keeps the notice."""
    content = csv_file([("2026-12-31", 0, "临时放假")])
    with pytest.raises(Invalid, match="1 天已经过去或者已经正式公布（如 2026-12-31）"):
        take_in(database, content, "2026.csv", now)

    done = take_in(database, content, "2026.csv", now, why="国务院临时决定")

    assert done.changed == 1
    with database.read() as session:
        [act] = session.scalars(select(AdminEvent).where(AdminEvent.kind == "calendar.imported"))
        [day] = days_of_year(session, 2026)[-1:]
    assert (act.data["why"], act.data["notice"]["title"]) == ("国务院临时决定", STATE.title)
    assert day.source == "国办发明电〔2026〕7号（2026-11-04），2026.csv"
    with database.read() as session:
        calendar = load_calendar(session)
    assert not calendar.is_working(date(2026, 12, 31))
    assert not calendar.is_working(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        pytest.param(csv_file(ROWS[:3]), "2027.csv", "应列出全年的放假日", id="only part of a year"),
        pytest.param(
            csv_file([("2027-02-30", 0, "")]), "a.csv", "第 2 行 day 无法识别“2027-02-30”", id="no such day"
        ),
        pytest.param(
            csv_file([("2027-02-03", "maybe", "")]), "a.csv", "第 2 行 working", id="neither yes nor no"
        ),
        pytest.param(csv_file([ROWS[0], ROWS[0]]), "a.csv", "重复", id="a day twice"),
        pytest.param(csv_file(header="a,b,c"), "a.csv", "第一行应为列名", id="other columns"),
        pytest.param(b"", "a.csv", "第一行应为列名", id="empty"),
        pytest.param(csv_file([]), "a.csv", "没有日期", id="no rows"),
        pytest.param(b"\xff\xff\xff", "a.csv", "编码", id="not text"),
        pytest.param(b"PK certainly not", "a.xlsx", "完好的 xlsx", id="not a workbook"),
        pytest.param(b"%PDF", "a.pdf", "xlsx、csv 或 ics", id="another format"),
        pytest.param(
            b"BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", "a.ics", "没有日期", id="an event without a day"
        ),
        pytest.param(
            csv_file(
                [(f"2026-{month:02}-{day:02}", 0, "") for month in range(1, 13) for day in range(1, 29)]
            ),
            "2026.csv",
            "2026 年周一至周五共放假 2\\d\\d 天，历年为 16 至 23 天",
            id="a year of rest",
        ),
        pytest.param(
            csv_file([("2026-10-01", 1, "")]),
            "a.csv",
            "2026-10-01 是法定节假日",
            id="work on the National Day",
        ),
        pytest.param(
            csv_file([(f"2027-02-{day:02}", 0, "") for day in range(12, 20)] + ROWS),
            "a.csv",
            "截至 2027-02-19 连续休息 15 天",
            id="no work for a fortnight",
        ),
        pytest.param(
            csv_file([("2026-12-30", 1, "元旦调休上班")]),
            "a.csv",
            "不是周六、周日",
            id="moved to a Wednesday",
        ),
        pytest.param(
            csv_file([(f"2026-{month:02}-{day}", 1, "") for month, day in SATURDAYS]),
            "a.csv",
            "周六、周日上班 1\\d 天，最多 14 天",
            id="work on too many Saturdays",
        ),
        pytest.param(
            csv_file([("2026-12-31", 0, '=HYPERLINK("http://x")')])
            .replace(b"=H", b'"=H')
            .replace(b'"http://x")', b'""http://x"")"'),
            "a.csv",
            "像是公式",
            id="a formula as a name",
        ),
        pytest.param(csv_file([*ROWS, ("2028-01-01", 0, "元旦")]), "a.csv", "2028 年的日历", id="two years"),
        pytest.param(csv_file([("9999-12-31", 0, "")]), "a.csv", "2004 至 2100 年", id="no such year"),
        pytest.param(csv_file([("2027-01-01", 0, "x" * 200_000)]), "a.csv", "一格过长", id="a huge cell"),
        pytest.param(csv_file([("2027-01-01", 0, '"x')]), "a.csv", "引号不成对", id="an open quote"),
        pytest.param(
            csv_file(header="day,working,是否上班,name"), "a.csv", "列名重复：working", id="a column twice"
        ),
        pytest.param(csv_file(encoding="utf-16"), "a.csv", "另存为 UTF-8", id="UTF-16"),
        pytest.param(csv_file(ROWS * 400), "a.csv", "最多 5000 行", id="too many rows"),
        pytest.param(
            csv_file([("2027-01-01", 0, "x", "999999")], header="day,working,name,area"),
            "a.csv",
            "没有代码为 999999 的地区",
            id="no such place",
        ),
        pytest.param(workbook(formula=True), "a.xlsx", "第 2 行第 2 列是公式", id="a formula"),
        pytest.param(csv_file(), "a.xlsx", "完好的 xlsx", id="text called a workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(600), "a.xlsx", "旧版 xls", id="an old workbook"),
        pytest.param(
            event("DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY"), "a.ics", "重复的日程", id="repeated"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20270105", "DTEND;VALUE=DATE:20270101"), "a.ics", "早于", id="backwards"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20270101", "DTEND;VALUE=DATE:20271231"), "a.ics", "31 天", id="too long"
        ),
        pytest.param(
            event("DTSTART:20270101T090000", "DTEND:20270101T180000"), "a.ics", "不是全天", id="some hours"
        ),
        pytest.param(
            event("DTSTART;TZID=Mars/Base:20270101T000000"), "a.ics", "时区", id="no such time zone"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20270101", name="生日"),
            "a.ics",
            "看不出是放假还是上班",
            id="a birthday",
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20270101", "DTEND;VALUE=DATE:20270104")
            + event("DTSTART;VALUE=DATE:20270103"),
            "a.ics",
            "重复的日期：2027-01-03",
            id="overlapping entries",
        ),
        pytest.param(event("STATUS:CANCELLED", "DTSTART;VALUE=DATE:20270101"), "a.ics", "没有日期", id="off"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_and_changes_nothing(
    sqlite_database, now, content, name, reason
):
    """The preview says the same as the import."""
    with pytest.raises(Invalid, match=reason):
        take_in(sqlite_database, content, name, now)
    with sqlite_database.read() as session, pytest.raises(Invalid, match=reason):
        look_at_file(session, content, name, now, STATE)

    with sqlite_database.read() as session:
        assert load_calendar(session).provisional_from == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("title", "dated", "reason"),
    [
        ("", date(2026, 11, 4), "文号或标题"),
        ("=HYPERLINK(1)", date(2026, 11, 4), "像是公式"),
        ("国办发明电〔2026〕7号", None, "印发日期"),
        ("国办发明电〔2026〕7号", date(2026, 12, 4), "不能晚于今天"),
        ("国办发明电〔2024〕12号", date(2024, 11, 12), "不会安排 2027 年的放假"),
    ],
)
def test_a_calendar_rests_on_a_notice_that_can_have_said_it(sqlite_database, now, title, dated, reason):
    with pytest.raises(Invalid, match=reason):
        take_in(sqlite_database, csv_file(), "2027.csv", now, read_notice(title, dated))


def test_every_official_year_so_far_is_plausible(sqlite_database):
    """The bounds refuse none of the calendars that there were."""
    with sqlite_database.read() as session:
        calendar = load_calendar(session)

    check_plausible(
        calendar, [Listed(date(year, 1, 1), working=False, name="") for year in range(2004, 2028)]
    )
