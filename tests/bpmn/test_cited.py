"""One model serves several kinds of assistance, and each case is shown the law that speaks for its own."""

import bpmn
from tests.bpmn.sketch import sketch

LAWS = (
    '<jb:law article="甲法 第一条"/>'
    '<jb:law article="乙法 第二条" rule="B-2" when="aid = &quot;b&quot;"/>'
    '<jb:law article="丙法 第三条" when="aid in (&quot;b&quot;, &quot;c&quot;) and amount &gt; 10"/>'
)


def drawn(laws):
    """A task of the window with its law."""
    [text] = sketch("start s\nuser a role=town.window\nend e\ns -> a -> e").values()
    return {"p.bpmn": text.replace(b"</extensionElements>", laws.encode() + b"</extensionElements>")}


def shown(facts):
    element = bpmn.load(drawn(LAWS)).elements["a"]
    return [law.article for law in bpmn.cited(element, facts)]


def test_an_article_is_shown_only_where_its_condition_holds():
    assert shown({"aid": "a"}) == ["甲法 第一条"]
    assert shown({"aid": "b", "amount": 5}) == ["甲法 第一条", "乙法 第二条"]
    assert shown({"aid": "c", "amount": 11}) == ["甲法 第一条", "丙法 第三条"]


def test_what_cannot_be_answered_is_not_shown_as_law():
    """A fact that nobody told, or that is no number, takes the article away and never stops the case."""
    assert shown({}) == ["甲法 第一条"]
    assert shown({"aid": "b"}) == ["甲法 第一条", "乙法 第二条"]
    assert shown({"aid": "c", "amount": "much"}) == ["甲法 第一条"]


def test_a_condition_that_is_no_feel_is_refused():
    wrong = LAWS.replace("amount &gt; 10", "amount &gt;")

    assert ("a", "expression-wrong") in {(p.element, p.rule) for p in bpmn.lint(drawn(wrong))}
