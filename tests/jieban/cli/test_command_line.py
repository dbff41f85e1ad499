import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import bpmn
from jieban import clock
from jieban.audit.tables import AdminEvent
from jieban.cli.app import run
from jieban.cli.output import table
from jieban.clock import local_day
from jieban.database import Database
from jieban.ledger import seal
from jieban.ledger.keys import own_key
from jieban.ledger.tables import LedgerRecord
from jieban.rules.tables import RuleValue
from jieban.settings import read_settings
from jieban.staff.directory import find_user
from tests.factories import add_case, id_number
from tests.ledgers import forge
from tests.people import VILLAGE
from workflows.flows import seal_accountability

PROCEDURE = Path(bpmn.__file__).parent / "procedures" / "subsistence_allowance"
NOTICE = "day,working,name\n2026-12-31,0,临时放假\n"
RESTS_ON = ("--notice", "国办发明电〔2025〕7号", "--notice-date", "2025-11-04")


@pytest.fixture
def jieban(database, tmp_path, monkeypatch, capsys):
    """Run a command on the test's database: the exit code, what was printed, and what was complained about."""
    monkeypatch.setenv("JIEBAN_DATA", str(tmp_path))
    monkeypatch.setenv("JIEBAN_DATABASE_URL", database.url)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out.strip(), printed.err.strip()

    return call


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text("moon-over-the-mill-3\n", "utf-8")
    return path


def test_migrating_an_up_to_date_database_says_so(jieban):
    code, out, _ = jieban("migrate", "--json")

    assert (code, json.loads(out)["changed"]) == (0, False)


def test_the_first_administrator_is_made_from_a_password_file(jieban, database, password_file):
    code, out, _ = jieban("users", "create-admin", "--password-file", password_file)

    assert (code, out) == (0, "已建立账号 admin（系统管理员）。")
    with database.read() as session:
        user = find_user(session, "admin")
        assert {row.role for row in user.roles} == {"sys_admin", "model_admin"}
        assert session.scalars(select(AdminEvent.kind)).all() == ["user.created"]


def test_an_administrator_is_made_once(jieban, password_file):
    jieban("users", "create-admin", "--password-file", password_file)

    assert jieban("users", "create-admin", "--password-file", password_file) == (
        1,
        "",
        "用户名“admin”已被使用。",
    )


def test_without_a_terminal_a_password_file_is_asked_for(jieban):
    code, _, err = jieban("users", "create-admin")

    assert (code, err) == (1, "没有可输入密码的终端，请用 --password-file 指定密码文件。")


def test_a_weak_password_is_refused_on_the_command_line_too(jieban, tmp_path):
    (tmp_path / "weak").write_text("short", "utf-8")

    assert jieban("users", "create-admin", "--password-file", tmp_path / "weak") == (
        1,
        "",
        "密码至少需要 10 个字符。",
    )


def test_staff_are_added_listed_and_closed(jieban, password_file):
    options = [
        "--name",
        "新人",
        "--role",
        "town.window",
        "--area",
        "379901001",
        "--password-file",
        password_file,
    ]
    assert jieban("users", "add", "newcomer", *options)[0] == 0
    assert jieban("users", "set-password", "newcomer", "--password-file", password_file)[0] == 0
    assert jieban("users", "deactivate", "newcomer") == (0, "已停用账号 newcomer。", "")

    users = {user["username"]: user for user in json.loads(jieban("users", "list", "--json")[1])}

    assert users["newcomer"]["roles"] == ["town.window"]
    assert users["newcomer"]["active"] is False
    assert "停用" in jieban("users", "list")[1]


def test_an_unknown_account_is_one_sentence(jieban):
    assert jieban("users", "deactivate", "who") == (1, "", "没有用户名为“who”的账号。")


def test_a_case_is_shown_and_the_look_is_written_down(jieban, database, people, now):
    with database.write() as session:
        number = add_case(session, people.window, now).number

    code, out, _ = jieban("cases", "show", number)
    shown = json.loads(jieban("cases", "show", number, "--json")[1])

    assert code == 0
    assert number in out
    assert "山东省示例市东河县(示例)柳林镇柳林村" in out
    assert (shown["number"], shown["first_receiver"]) == (number, "王芳")
    with database.read() as session:
        kinds = session.scalars(select(AdminEvent.kind)).all()
    assert kinds == ["case.shown", "case.shown"]


def test_an_unknown_case_is_one_sentence(jieban):
    assert jieban("cases", "show", "NO-SUCH") == (1, "", "没有编号为“NO-SUCH”的案件。")


def applications(*people):
    """Write a CSV of one-person applications; each is a name and an ID number."""
    head = "申请编号,申请日期,城乡类别,村(社区)代码,居住地址,联系电话,申请理由,已作诚信承诺,已授权核对,姓名,身份证号,与申请人关系"
    # The command line reads the real clock, and nobody applies tomorrow.
    today = local_day(clock.now())
    rows = [
        f"{number},{today},农村,{VILLAGE},一号,13800000000,无收入,是,是,{name},{id_number},本人"
        for number, (name, id_number) in enumerate(people, 1)
    ]
    return "\n".join([head, *rows])


def test_good_rows_are_registered_bad_ones_are_reported_and_again_nothing_changes(jieban, tmp_path):
    file, rejected = tmp_path / "applications.csv", tmp_path / "rejected.xlsx"
    good, bad = id_number(), id_number()[:-1] + "?"
    file.write_text(applications(("钱桂兰", good), ("孙德海", bad)), "utf-8")
    jieban("migrate")

    code, out, _ = jieban("cases", "import", file, "--as", "window", "--rejected", rejected, "--json")
    report = json.loads(out)

    assert (code, report["added"], report["known"]) == (1, 1, 0), report
    assert [(row["row"], row["field"], row["value"]) for row in report["rejected"]] == [(3, "身份证号", bad)]
    assert rejected.stat().st_size > 0
    shown = jieban("cases", "show", report["numbers"][0])[1]
    assert "转入“审查材料”，由窗口经办人办理" in shown
    assert "窗口经办人" in shown
    code, out, _ = jieban("cases", "import", file, "--as", "window")
    assert code == 1
    assert out.startswith("已登记 0 件，此前已登记 1 件，有误未登记 1 处。")


def test_the_template_is_written_and_never_over_a_file(jieban, tmp_path):
    assert jieban("cases", "template", tmp_path / "t.xlsx")[0] == 0
    assert "已存在" in jieban("cases", "template", tmp_path / "t.xlsx")[2]
    assert "无法写入" in jieban("cases", "template", tmp_path / "no" / "t.xlsx")[2]


def test_the_template_is_a_workbook_by_its_name_too(jieban, tmp_path):
    assert "应以 .xlsx 结尾" in jieban("cases", "template", tmp_path / "t.txt")[2]
    assert not (tmp_path / "t.txt").exists()


def test_an_import_says_for_whom(jieban, tmp_path):
    (tmp_path / "a.csv").write_text(applications(), "utf-8")

    assert jieban("cases", "import", tmp_path / "a.csv") == (
        1,
        "",
        "请用 --as 指定以哪位窗口经办人的名义登记。",
    )
    assert jieban("cases", "import", tmp_path / "a.csv", "--as", "who")[2] == "没有用户名为“who”的在用账号。"
    assert jieban("cases", "import", tmp_path / "a.csv", "--as", "leader")[2] == "您没有办理此事项的权限。"


def test_the_ledger_is_verified_exported_and_verified_from_the_export(
    jieban, database, people, now, tmp_path
):
    with database.write() as session:
        add_case(session, people.window, now)
    with database.write() as session:
        seal(session, clock.now())
    code, out, _ = jieban("ledger", "verify")
    assert (code, out.splitlines()[0]) == (0, "台账完好：1 个县，1 条记录。")
    assert "没有签名的链头" in out

    assert jieban("ledger", "export", tmp_path / "ledger.jsonl")[0] == 0
    verified = json.loads(jieban("ledger", "verify", "--export", tmp_path / "ledger.jsonl", "--json")[1])
    assert (verified["ok"], verified["records"]) == (True, 1)
    assert jieban("ledger", "verify", "--earlier", tmp_path / "ledger.jsonl")[0] == 0


def test_the_heads_of_the_ledger_are_signed_with_the_key_that_is_shown(
    jieban, database, people, now, tmp_path, monkeypatch
):
    with database.write() as session:
        add_case(session, people.window, now)
    seal_accountability.sweep(database, clock.now(), "run-1", 60)
    public = own_key(read_settings()).public
    assert jieban("ledger", "key")[1] == public
    verified = json.loads(jieban("ledger", "verify", "--json")[1])
    assert (verified["ok"], verified["signed"], verified["unsigned"]) == (True, 1, 0)
    assert (verified["keys"], verified["pinned"], verified["guards"]["missing"]) == ([public], True, [])

    (tmp_path / "elsewhere").mkdir()
    assert jieban("ledger", "heads", tmp_path / "elsewhere")[1] == "共 1 个链头，新写出 1 个。"
    assert jieban("ledger", "verify", "--heads", tmp_path / "elsewhere")[0] == 0
    jieban("ledger", "export", tmp_path / "ledger.jsonl")
    own = ("ledger", "verify", "--export", tmp_path / "ledger.jsonl", "--key")
    assert jieban(*own, public)[0] == 0
    assert (jieban(*own, "0" * 64)[0], jieban(*own, "short")[0]) == (1, 1)


def test_a_copy_without_its_key_says_that_the_key_is_not_here(jieban, database, people, now, tmp_path):
    """Showing the key makes none; a new one is made by `migrate`, and is not taken for the one that signed."""
    with database.write() as session:
        add_case(session, people.window, now)
    seal_accountability.sweep(database, clock.now(), "run-1", 60)
    public = own_key(read_settings()).public

    (tmp_path / "ledger-key.pem").unlink()
    code, _, told = jieban("ledger", "key")
    assert (code, "此处没有台账签名密钥" in told, "jieban migrate" in told) == (1, True, True)
    code, out, _ = jieban("ledger", "verify")
    assert (code, "此处没有台账签名密钥" in out, "请用 --key 写明" in out) == (0, True, True)
    assert "此处没有" not in jieban("ledger", "verify", "--key", public)[1]
    assert not (tmp_path / "ledger-key.pem").exists()

    jieban("migrate")
    assert jieban("ledger", "key")[1] != public
    code, out, _ = jieban("ledger", "verify")
    assert (code, "签名用的密钥不在此处" in out, "由另一密钥签名" in out) == (1, True, False)
    assert json.loads(jieban("ledger", "verify", "--json")[1])["ok"] is False
    assert jieban("ledger", "verify", "--key", public)[0] == 0

    # Once the new key has signed too, the heads before it are blamed, and the way out is named.
    with database.write() as session:
        add_case(session, people.window, now)
    seal_accountability.sweep(database, clock.now(), "run-2", 60)
    code, out, _ = jieban("ledger", "verify")
    assert (code, "由另一密钥签名" in out, "如果换过密钥" in out) == (1, True, True)
    assert jieban("ledger", "verify", "--key", public)[0] == 0


def test_verifying_names_the_triggers_that_are_gone_and_they_can_be_put_back(jieban, database, people, now):
    with database.write() as session:
        add_case(session, people.window, now)
    seal_accountability.sweep(database, clock.now(), "run-1", 60)
    code, out, _ = jieban("ledger", "verify")
    assert (code, "防护齐全" in out) == (0, True)

    forge(database)
    code, out, _ = jieban("ledger", "verify")
    assert (code, out.startswith("防护缺失：触发器 benefit_step_no_")) == (1, True)
    assert "台账完好" in out
    told = json.loads(jieban("ledger", "verify", "--json")[1])
    assert (told["ok"], told["first_bad"], len(told["guards"]["missing"]) >= 16) == (False, None, True)

    assert jieban("ledger", "guard")[1].startswith("已重新装上触发器：benefit_step_no_")
    assert jieban("ledger", "guard")[1] == "触发器都在，没有需要装上的。"
    assert jieban("ledger", "verify")[0] == 0
    with database.read() as session:
        assert session.scalar(select(AdminEvent.kind)) == "ledger.guarded"


def test_a_record_of_the_ledger_is_corrected_by_a_new_one(jieban, database, people, now):
    with database.write() as session:
        add_case(session, people.window, now)
    with database.read() as session:
        old = session.scalars(select(LedgerRecord.id)).one()

    code, out, _ = jieban("ledger", "correct", old, "--why", "登记地点有误", "--as", "supervisor", "--json")

    assert (code, json.loads(out)["corrects"]) == (0, str(old))
    with database.read() as session:
        new = session.get_one(LedgerRecord, UUID(json.loads(out)["record"]))
        assert (new.kind, new.actor_name, json.loads(new.body)["record"]) == ("correction", "徐明", str(old))
    assert (
        jieban("ledger", "correct", "no-id", "--why", "x", "--as", "supervisor")[2] == "“no-id”不是记录编号。"
    )


def test_protecting_the_ledger_says_what_is_missing(jieban, database):
    code, _, told = jieban("ledger", "protect", "--role", "nobody_at_all", "--show")

    assert code == 1
    assert ("CREATE ROLE nobody_at_all" if database.is_postgresql else "数据库是 SQLite") in told


def test_a_program_that_lies_beside_an_export_is_not_overwritten(jieban, database, tmp_path):
    (tmp_path / "verify_ledger.py").write_text("print('mine')", "utf-8")

    code, _, told = jieban("ledger", "export", tmp_path / "ledger.jsonl")

    assert (code, "请换一个文件夹" in told) == (1, True)
    assert not (tmp_path / "ledger.jsonl").exists()


def test_a_forged_export_is_named_and_leaves_with_1(jieban, database, people, now, tmp_path):
    path = tmp_path / "ledger.jsonl"
    with database.write() as session:
        add_case(session, people.window, now)
    with database.write() as session:
        seal(session, now)
    jieban("ledger", "export", path)
    path.write_text(path.read_text("utf-8").replace("王芳", "他人"), "utf-8")

    code, out, _ = jieban("ledger", "verify", "--export", path)

    assert code == 1
    assert "379901 第 1 号记录" in out
    assert "不一致" in out


def test_the_standards_of_a_place_are_imported_once(jieban, tmp_path, database):
    file = tmp_path / "standards.yaml"
    file.write_text(
        "defaults: {source: 示例文件, rank: county, provenance: sample, effective_from: 2026-07-01}\n"
        "rules:\n"
        "  - {key: dibao.standard.rural, area_code: '370199', name: 农村低保标准, value: 900, unit: yuan}\n",
        "utf-8",
    )

    assert jieban("rules", "import", file)[:2] == (0, "新增 1 条规则。")
    assert jieban("rules", "import", file)[:2] == (0, "新增 0 条规则。")
    with database.read() as session:
        assert session.scalars(select(RuleValue.value).where(RuleValue.area_code == "370199")).all() == [
            "900"
        ]


def test_a_file_of_rules_is_looked_at_without_writing(jieban, tmp_path):
    file = tmp_path / "standards.yaml"
    file.write_text(
        "defaults: {source: 示例文件, rank: county, provenance: sample, effective_from: 2026-07-01}\n"
        "rules:\n"
        "  - {key: dibao.standard.rural, area_code: '370199', name: 农村低保标准, value: 900, unit: yuan}\n",
        "utf-8",
    )

    assert jieban("rules", "import", file, "--dry-run")[:2] == (0, "会新增 1 条规则，没有写入。")
    assert jieban("rules", "import", file)[:2] == (0, "新增 1 条规则。")


@pytest.fixture
def next_year():
    """A day after every standard of the sample counties; commands read the clock."""
    return local_day(clock.now()).replace(month=7, day=1) + timedelta(days=366)


def _standards(folder, *, since, value="1100", area="379901"):
    file = folder / "standards.csv"
    head = "地区代码,项目,数值,生效日期,依据文件,文号/条款,出处程度"
    file.write_text(f"{head}\n{area},城市低保标准,{value},{since},示例文件,第一条,已核对原文\n", "utf-8")
    return file


def test_standards_are_looked_at_and_then_loaded_from_a_table(jieban, tmp_path, database, next_year):
    file = _standards(tmp_path, since=next_year)

    looked = json.loads(jieban("rules", "import", file, "--preview", "--json")[1])
    code, out, _ = jieban("rules", "import", file, "--accept")

    assert (looked["written"], [one["new"] for one in looked["changes"]]) == (False, ["1100"])
    assert (code, out.splitlines()[0]) == (0, "更改 1 个值，0 个没有变化。")
    assert jieban("rules", "import", file)[1] == "更改 0 个值，1 个没有变化。没有写入。"
    with database.read() as session:
        row = session.scalars(select(RuleValue).where(RuleValue.source == "示例文件")).one()
    assert (row.key, row.value, row.provenance) == ("dibao.standard.urban", "1100", "full")


def test_standards_that_are_unusual_wait_for_a_word(jieban, tmp_path, next_year):
    code, out, _ = jieban("rules", "import", _standards(tmp_path, value="5000", since=next_year))

    assert code == 1
    assert "有 1 个值需要核对，核对后加上 --accept 再导入。" in out


def test_standards_with_a_mistake_are_not_loaded(jieban, tmp_path, next_year):
    code, out, _ = jieban("rules", "import", _standards(tmp_path, area="990000", since=next_year))

    assert code == 1
    assert "没有这个地区" in out


def test_the_workbook_of_standards_is_written_once(jieban, tmp_path):
    path = tmp_path / "standards.xlsx"

    assert jieban("rules", "template", path)[0] == 0
    assert path.read_bytes().startswith(b"PK")
    assert jieban("rules", "template", path)[0] == 1


@pytest.mark.parametrize("content", [b"", b"rules: 3", b"\xff\xfe", b"rules: [{key: x}]", b"a: [", b"- 1"])
def test_a_file_of_rules_that_cannot_be_read_is_one_sentence(jieban, tmp_path, content):
    (tmp_path / "bad.yaml").write_bytes(content)

    code, out, err = jieban("rules", "import", tmp_path / "bad.yaml")

    assert (code, out) == (1, "")
    assert err.startswith("规则")


def test_a_calendar_is_imported(jieban, tmp_path):
    (tmp_path / "2026.csv").write_text(NOTICE, "utf-8")

    code, _, err = jieban("calendar", "import", tmp_path / "2026.csv", *RESTS_ON)
    assert (code, "确认并写明理由" in err) == (1, True)

    meant = ("--replace-official", "--why", "国务院临时决定")
    assert jieban("calendar", "import", tmp_path / "2026.csv", *RESTS_ON, *meant) == (
        0,
        "已读取 2026 年的 1 天，更改 1 天；调整 0 件案件的 0 个期限，作废超期记录 0 条。",
        "",
    )


@pytest.mark.parametrize("option", ["--preview", "--dry-run"])
def test_a_calendar_is_looked_at_before_it_is_imported(jieban, tmp_path, option):
    (tmp_path / "2026.csv").write_text(NOTICE, "utf-8")

    code, out, _ = jieban("calendar", "import", tmp_path / "2026.csv", option, *RESTS_ON)
    told = json.loads(jieban("calendar", "import", tmp_path / "2026.csv", option, *RESTS_ON, "--json")[1])

    assert code == 0
    assert "会更改 1 天；没有作任何更改" in out
    assert (told["changed"], told["moved"], told["shown"]) == (1, 0, [])


def test_places_are_imported_and_listed(jieban, tmp_path):
    (tmp_path / "areas.csv").write_text("code,name\n3701,济南市\n", "utf-8")

    assert jieban("areas", "import", tmp_path / "areas.csv") == (
        0,
        "已读取 1 个区划，新增 1 个，更名 0 个。",
        "",
    )
    assert [area["code"] for area in json.loads(jieban("areas", "list", "37", "--json")[1])] == [
        "3701",
        "3799",
    ]
    assert jieban("areas", "list")[1].splitlines()[1] == "37    山东省"


def test_a_bad_calendar_names_every_bad_row(jieban, tmp_path):
    (tmp_path / "bad.csv").write_text("day,working\nx,0\n2026-12-30,y\n", "utf-8")

    code, _, err = jieban("calendar", "import", tmp_path / "bad.csv", *RESTS_ON)

    assert code == 1
    assert "第 2 行 day" in err
    assert "第 3 行 working" in err


def test_the_shipped_procedure_has_no_problem(jieban):
    assert jieban("models", "lint", PROCEDURE) == (0, "没有发现问题。", "")


def test_a_broken_model_is_listed_and_leaves_with_1(jieban, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(PROCEDURE, model)
    (model / "model.bpmn").write_text("<definitions", "utf-8")

    code, out, _ = jieban("models", "lint", model, "--json")

    assert code == 1
    assert json.loads(out)[0]["severity"] == "error"


def test_a_folder_without_a_diagram_is_one_sentence(jieban, tmp_path):
    (tmp_path / "none").mkdir()

    assert "没有流程图" in jieban("models", "lint", tmp_path / "none")[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bogus"], "没有命令 bogus。"),
        (["users", "list", "--bogus"], "没有选项 --bogus。"),
        (["users", "list", "more"], "多余的内容：more。"),
        (["cases", "show"], "缺少“案件编号”。"),
        (["cases", "import", "--as"], "选项 --as 后面缺少内容。"),
        (["cases", "import", "/"], "“文件”应为文件，/ 是文件夹。"),
        (["ledger", "verify", "--export", "/no/such"], "“--export”不存在：/no/such。"),
    ],
)
def test_a_wrong_command_leaves_with_2_and_a_sentence(jieban, arguments, says):
    assert jieban(*arguments) == (2, "", f"命令用法有误：{says}（用 jieban --help 查看用法）")


def test_a_diagram_stands_for_its_folder(jieban):
    shipped = Path(bpmn.__file__).parent / "procedures" / "subsistence_allowance" / "model.bpmn"

    assert jieban("models", "lint", shipped)[:2] == (0, "没有发现问题。")


@pytest.mark.parametrize(
    "arguments", [[], ["areas"], ["users"], ["cases"], ["models"], ["rules"], ["ledger"], ["calendar"]]
)
def test_a_group_without_a_command_shows_its_help(jieban, arguments):
    code, _, err = jieban(*arguments)

    assert code == 2
    assert err.startswith("Usage: jieban")


def test_help_is_not_an_error(jieban):
    code, out, _ = jieban("--help")

    assert code == 0
    assert "backup" in out


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("JIEBAN_PORT", "seventy", "JIEBAN_PORT 应为 1 至 65535"),
        ("JIEBAN_DATABASE_URL", "sqlite:////no/such/folder/jieban.sqlite3", "无法打开数据库"),
        ("JIEBAN_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", "无法打开数据库"),
        ("JIEBAN_DATABASE_URL", "nonsense", "JIEBAN_DATABASE_URL"),
        ("JIEBAN_DATABASE_URL_FILE", "/no/such/file", "无法读取"),
    ],
)
def test_a_wrong_setting_is_one_sentence(jieban, monkeypatch, name, value, reason):
    monkeypatch.setenv(name, value)

    code, out, err = jieban("users", "list")

    assert (code, out) == (1, "")
    assert reason in err
    assert "\n" not in err


def test_a_database_that_was_never_migrated_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JIEBAN_DATA", str(tmp_path))
    monkeypatch.setenv("JIEBAN_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite3")

    assert run(["users", "list"]) == 1
    assert "请先运行 jieban migrate" in capsys.readouterr().err


def test_a_missing_data_folder_is_one_sentence_and_is_not_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JIEBAN_DATA", str(tmp_path / "none"))
    monkeypatch.delenv("JIEBAN_DATABASE_URL", raising=False)

    assert run(["ledger", "verify"]) == 1
    assert "不存在，请先运行 jieban migrate" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_the_program_runs_as_a_module_from_anywhere(tmp_path):
    """One real process, from nothing: migrate an empty folder, then look at it."""
    root = Path(bpmn.__file__).parent.parent
    environ = {**os.environ, "JIEBAN_DATA": str(tmp_path / "data"), "PYTHONPATH": str(root)}
    environ.pop("JIEBAN_DATABASE_URL", None)

    def call(*arguments):
        command = [sys.executable, "-m", "jieban", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environ, cwd=tmp_path, check=False)

    newest = max(path.stem[:4] for path in (root / "jieban" / "migrations" / "versions").glob("*.py"))
    assert call("migrate").stdout.strip() == f"数据库已升级到版本 {newest}。"
    assert json.loads(call("users", "list", "--json").stdout) == []
    assert call("bogus").returncode == 2
    Database(f"sqlite:///{tmp_path}/data/jieban.sqlite3").close()


def test_columns_line_up_though_chinese_is_twice_as_wide():
    assert table(("甲", "b"), [("一二", 1), ("x", 2)]) == "甲    b\n一二  1\nx     2"
