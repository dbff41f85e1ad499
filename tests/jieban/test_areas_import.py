import pytest

from jieban.areas.importing import import_areas
from jieban.areas.lookup import children, full_name, get_area
from jieban.errors import Invalid

FILE = "code,name\n37,山东省\n370102001001,泉城社区\n370102001,泉城街道\n370102,历下区\n3701,济南市\n"


def take_in(database, text, encoding="utf-8"):
    with database.write() as session:
        return import_areas(session, text.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_places_are_taken_in_whatever_their_order(empty_database, encoding):
    assert take_in(empty_database, FILE, encoding).added == 5

    with empty_database.read() as session:
        assert full_name(session, "370102001001") == "山东省济南市历下区泉城街道泉城社区"
        assert get_area(session, "370102001").level == "town"
        assert [area.code for area in children(session, "3701")] == ["370102"]


def test_the_same_file_again_changes_nothing(empty_database):
    take_in(empty_database, FILE)

    done = take_in(empty_database, FILE)

    assert (done.listed, done.added, done.renamed) == (5, 0, 0)


def test_a_new_name_reaches_everything_below(database):
    assert take_in(database, "代码,名称\n379901001,新柳林镇\n").renamed == 1

    with database.read() as session:
        assert full_name(session, "379901001001") == "山东省示例市东河县(示例)新柳林镇柳林村"


def test_places_that_are_not_listed_stay(database):
    take_in(database, FILE)

    with database.read() as session:
        assert get_area(session, "379901").name == "东河县(示例)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code,name\n370102001,泉城街道\n", "370102001 缺少上级区划"),
        ("code,name\n37010,某地\n", "第 2 行代码“37010”应为"),
        ("code,name\n37,\n", "第 2 行代码 37 缺少名称"),
        ("code,name\n37,山东省\n37,山东\n", "第 3 行代码 37 重复"),
        ("a,b\n1,2\n", "第一行应为列名"),
        ("", "第一行应为列名"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_and_changes_nothing(empty_database, text, reason):
    with pytest.raises(Invalid, match=reason):
        take_in(empty_database, text)

    with empty_database.read() as session:
        assert children(session, None) == []
