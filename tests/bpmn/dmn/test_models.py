"""Boxed expressions, requirement graphs, services, imports and types (DMN 1.5, 6, 7 and 10)."""

import datetime as dt
from decimal import Decimal

import pytest

from bpmn.decisions import DMNError, NoSuchDecision, decide, decide_strictly
from bpmn.errors import UnsafeXML
from bpmn.feel import Months

VERSIONS = [
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


@pytest.fixture
def logic(write):
    """The value of one decision with this logic."""

    def value(box, inputs=None, **options):
        dmn = write.definitions(
            write.inputs(x="number", 人员="Any"), write.decision("d", box, inputs=("x", "人员"), **options)
        )
        return decide_strictly(dmn, inputs or {}, "d")

    return value


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_read(write, version):
    dmn = write.definitions(
        write.inputs(x="number"), write.decision("d", write.literal("x + 1"), inputs=("x",)), version=version
    )
    assert decide(dmn, {"x": 1}, "d") == 2


def test_without_a_name_all_decisions_are_made(write):
    dmn = write.definitions(
        write.inputs(收入="number"),
        write.decision("人均 收入", write.literal("收入 / 2"), inputs=("收入",)),
        write.decision("可以", write.literal("人均 收入 < 10"), decisions=("人均 收入",)),
    )
    assert decide(dmn, {"收入": 10}) == {"人均 收入": 5, "可以": True}


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        (3, "a + 1", Decimal(4)),
        (0.1, "a * 3", Decimal("0.3")),
        ("x", 'a + "y"', "xy"),
        (True, "not(a)", False),
        (dt.date(2026, 1, 31), 'a + duration("P1M")', dt.date(2026, 2, 28)),
        (dt.time(9, 30), 'a + duration("PT1H")', dt.time(10, 30)),
        (dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC), "a.hour", Decimal(9)),
        (dt.timedelta(hours=30), "a.days", Decimal(1)),
        (Months(14), "a.years", Decimal(1)),
        ([1, [2]], "count(a)", Decimal(2)),
        ({"b": {"c d": 1}}, "a.b.c d", Decimal(1)),
        (None, "a = null", True),
    ],
)
def test_values_come_and_go_as_python_values(write, value, text, expected):
    dmn = write.definitions(write.inputs(a="Any"), write.decision("d", write.literal(text), inputs=("a",)))
    assert decide(dmn, {"a": value}, "d") == expected


def test_a_boxed_context_gives_its_entries_or_its_result(logic, write):
    entries = "".join(
        f'<contextEntry><variable name="{name}"/>{write.literal(text)}</contextEntry>'
        for name, text in [("一", "x"), ("二 倍", "一 * 2")]
    )
    assert logic(f"<context>{entries}</context>", {"x": 3}) == {"一": 3, "二 倍": 6}
    result = f"<contextEntry>{write.literal('一 + 二 倍')}</contextEntry>"
    assert logic(f"<context>{entries}{result}</context>", {"x": 3}) == 9


def test_a_boxed_list_and_a_relation(logic, write):
    assert logic(f"<list>{write.literal('x')}{write.literal('x + 1')}</list>", {"x": 1}) == [1, 2]
    row = f"<row>{write.literal('x')}{write.literal('2')}</row>"
    assert logic(f'<relation><column name="a"/><column name="b"/>{row}</relation>', {"x": 1}) == [
        {"a": 1, "b": 2}
    ]


def test_a_boxed_conditional(logic, write):
    box = f"<conditional><if>{write.literal('x > 1')}</if><then>{write.literal('1')}</then><else>{write.literal('0')}</else></conditional>"
    assert [logic(box, {"x": x}) for x in (2, 1, None)] == [1, 0, 0]


def test_a_boxed_filter(logic, write):
    box = f"<filter><in>{write.literal('人员')}</in><match>{write.literal('item.age > 60')}</match></filter>"
    people = [{"age": 70}, {"age": 7}]
    assert logic(box, {"人员": people}) == [{"age": 70}]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ('<for iteratorVariable="i"><in>{in}</in><return>{body}</return></for>', [1, 4, 9]),
        ('<some iteratorVariable="i"><in>{in}</in><satisfies>{test}</satisfies></some>', True),
        ('<every iteratorVariable="i"><in>{in}</in><satisfies>{test}</satisfies></every>', False),
    ],
)
def test_boxed_iterators(logic, write, box, expected):
    parts = {"in": write.literal("1..3"), "body": write.literal("i * i"), "test": write.literal("i > 2")}
    assert logic(box.format(**parts)) == expected


def bkm(write, name, parameters, body):
    formal = "".join(f'<formalParameter name="{p}" typeRef="number"/>' for p in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{write.literal(body)}</encapsulatedLogic></businessKnowledgeModel>"
    )


def test_a_knowledge_model_is_invoked_boxed_in_text_and_from_outside(write):
    parts = (write.inputs(x="number"), bkm(write, "double", ["n"], "n * 2"))
    boxed = f'<invocation>{write.literal("double")}<binding><parameter name="n"/>{write.literal("x")}</binding></invocation>'
    for logic in (boxed, write.literal("double(x)"), write.literal("double(n: x)")):
        dmn = write.definitions(*parts, write.decision("d", logic, inputs=("x",), knowledge=("double",)))
        assert decide(dmn, {"x": 4}, "d") == 8
    assert decide(dmn, {"n": 5}, "double") == 10
    assert decide(dmn, {"n": "text"}, "double") is None


def test_a_decision_service_hides_what_it_encapsulates(write):
    service = (
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#out"/>'
        '<encapsulatedDecision href="#mid"/><inputData href="#in-x"/></decisionService>'
    )
    dmn = write.definitions(
        write.inputs(x="number"),
        write.decision("mid", write.literal("x * 10"), inputs=("x",)),
        write.decision("out", write.literal("mid + 1"), decisions=("mid",)),
        service,
        write.decision("d", write.literal("s(2) + s(x: 3)"), knowledge=("s",)),
    )
    assert decide(dmn, {"x": 1}, "s") == 11
    assert decide(dmn, {}, "d") == 52


def test_a_decision_service_takes_decisions_as_inputs(write):
    service = '<decisionService id="s" name="s"><outputDecision href="#out"/><inputDecision href="#mid"/></decisionService>'
    dmn = write.definitions(
        write.decision("mid", write.literal("1")),
        write.decision("out", write.literal("mid + 1"), decisions=("mid",)),
        service,
    )
    assert decide(dmn, {"mid": 41}, "s") == 42


def test_an_import_brings_decisions_knowledge_and_types(write):
    person = '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    base = write.definitions(
        person,
        write.inputs(p="tPerson"),
        write.decision("old", write.literal("p.age > 60"), inputs=("p",)),
        bkm(write, "double", ["n"], "n * 2"),
        namespace="urn:base",
    )
    imports = (
        '<import name="Base" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    )
    decision = write.decision("d", write.literal("if Base.old then Base.double(2) else 0"), type_="number")
    links = (
        '<informationRequirement><requiredDecision href="urn:base#old"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="urn:base#double"/></knowledgeRequirement>'
    )
    dmn = write.definitions(imports, decision.replace("<literalExpression>", links + "<literalExpression>"))
    assert decide(dmn, {"p": {"age": 70}}, "d", imports=[base]) == 4
    assert decide(dmn, {"Base": {"p": {"age": 7}}}, "d", imports=[base]) == 0
    assert decide(dmn, {"p": {"age": 70}, "Base": {"p": {"age": 7}}}, "d", imports=[base]) == 0
    with pytest.raises(DMNError, match="urn:base"):
        decide(dmn, {}, "d")


ITEMS = """
<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"A","B"</text></allowedValues></itemDefinition>
<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>
<itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("tLevel", '"A"', "A"),
        ("tLevel", '"C"', None),
        ("tLevels", '["A", "B"]', ["A", "B"]),
        ("tLevels", '["A", "C"]', None),
        ("tPerson", '{age: 3, level: "A"}', {"age": 3, "level": "A"}),
        ("tPerson", '{age: 3, level: "X"}', None),
        ("tPerson", '{age: "3", level: "A"}', None),
        ("number", '"123"', None),
        ("boolean", '{age: 3, level: "A"} instance of tPerson', True),
        ("boolean", "{age: 3} instance of tPerson", False),
    ],
)
def test_a_result_that_is_not_of_its_type_is_null(write, type_, text, expected):
    dmn = write.definitions(ITEMS, write.decision("d", write.literal(text), type_=type_))
    assert decide(dmn, {}, "d") == expected


def test_a_function_of_the_model_may_call_itself(write):
    dmn = write.definitions(bkm(write, "fact", ["n"], "if n <= 1 then 1 else n * fact(n - 1)"))
    assert decide(dmn, {"n": 10}, "fact") == 3628800


def test_an_unknown_name_is_an_error(write):
    with pytest.raises(NoSuchDecision):
        decide(write.definitions(), {}, "nothing")


def test_a_broken_expression_spoils_only_what_needs_it(write):
    dmn = write.definitions(
        write.decision("a", write.literal("1 +")), write.decision("b", write.literal("2"))
    )
    assert decide(dmn, {}) == {"a": None, "b": 2}
    with pytest.raises(DMNError, match="1 \\+"):
        decide_strictly(dmn, {}, "a")


def test_what_is_not_safe_dmn_is_refused(write):
    with pytest.raises(UnsafeXML):
        decide(b'<!DOCTYPE x [<!ENTITY e "y">]>' + write.definitions(), {})
    with pytest.raises(UnsafeXML):
        decide(b"no xml", {})
    with pytest.raises(DMNError):
        decide(b"<definitions/>", {})


def _item(name, type_="", *, body="", many=False, allowed=""):
    type_ = f"<typeRef>{type_}</typeRef>" if type_ else ""
    allowed = f"<allowedValues><text>{allowed}</text></allowedValues>" if allowed else ""
    collection = ' isCollection="true"' if many else ""
    return f'<itemDefinition name="{name}"{collection}>{type_}{allowed}{body}</itemDefinition>'


TYPES = (
    _item("tCodes", "string", many=True),
    _item("tAge", "number", allowed="[0..120]"),
    _item("tChildAge", "tAge", allowed="[130..140]"),
    _item(
        "tPerson",
        body='<itemComponent name="n"><typeRef>string</typeRef></itemComponent>'
        '<itemComponent name="a"><typeRef>tAge</typeRef></itemComponent>',
    ),
    _item(
        "tRate",
        body='<functionItem outputTypeRef="tAge"><parameters name="p" typeRef="tAge"/></functionItem>',
    ),
)


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("tCodes", '"k"', ["k"]),
        ("tCodes", "7", None),
        ("number", "[7]", 7),
        ("number", "[[7]]", None),
        ("number", "[7, 8]", None),
        ("dateTime", '@"2026-03-01"', dt.datetime(2026, 3, 1, tzinfo=dt.UTC)),
        ("tPerson", '{n: "Li", a: 30, more: 1}', {"n": "Li", "a": 30, "more": 1}),
        ("tPerson", '{n: "Li"}', None),
        ("tPerson", '{n: "Li", a: null}', {"n": "Li", "a": None}),
        ("tPerson", '{n: "Li", a: 121}', None),
        ("tChildAge", "135", 135),
        ("tChildAge", "20", None),
        ("boolean", "121 instance of tAge", True),
        ("number", "(function(p: tAge) p)(120)", 120),
        ("number", "(function(p: tAge) p)(121)", None),
        ("tCodes", '(function(p: list<string>) p)("k")', ["k"]),
    ],
)
def test_a_value_is_converted_to_its_type_or_is_null(write, type_, text, expected):
    dmn = write.definitions(*TYPES, write.decision("d", write.literal(text), type_=type_))
    assert decide(dmn, {}, "d") == expected


def test_an_input_may_leave_out_parts_and_may_be_converted(write):
    inputs = write.inputs(x="tPerson", c="tCodes")
    dmn = write.definitions(*TYPES, inputs, write.decision("d", write.literal("[x.n, c]"), inputs=("x", "c")))
    assert decide(dmn, {"x": {"n": "Li"}, "c": "k"}, "d") == ["Li", ["k"]]


FUNCTION_TYPED = {
    "its logic": ("", ' typeRef="tRate"'),
    "its variable": (' typeRef="tRate"', ""),
}


@pytest.mark.parametrize("where", FUNCTION_TYPED)
def test_a_function_type_names_the_type_of_the_result(write, where):
    variable, logic = FUNCTION_TYPED[where]
    knowledge = (
        f'<businessKnowledgeModel id="f" name="f"><variable name="f"{variable}/><encapsulatedLogic{logic}>'
        f'<formalParameter name="p"/>{write.literal("p + 1")}</encapsulatedLogic></businessKnowledgeModel>'
    )
    decision = write.decision("d", write.literal("[f(119), f(120)]"), knowledge=("f",))
    assert decide(write.definitions(*TYPES, knowledge, decision), {}, "d") == [120, None]


def test_a_function_type_binds_the_inputs_and_the_result_of_a_service(write):
    service = (
        '<decisionService id="s" name="s"><variable name="s" typeRef="tRate"/>'
        '<outputDecision href="#d"/><inputDecision href="#p"/></decisionService>'
    )
    dmn = write.definitions(
        *TYPES,
        service,
        write.decision("p", write.literal("0")),
        write.decision("d", write.literal("p * 2"), decisions=("p",)),
    )
    assert [decide(dmn, {"p": p}, "s") for p in (50, 100, 200)] == [100, None, None]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ('<relation><column name="c" typeRef="tAge"/><row>{}</row></relation>', [{"c": None}]),
        (
            (
                '<decisionTable><output name="o"/><output name="q"/><rule><outputEntry typeRef="tAge">'
                "<text>500</text></outputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
            ),
            {"o": None, "q": 1},
        ),
        (
            (
                "<invocation><literalExpression><text>function(p) [p]</text></literalExpression>"
                '<binding><parameter name="p" typeRef="tAge"/>{}</binding></invocation>'
            ),
            [None],
        ),
    ],
)
def test_columns_cells_and_bindings_have_types(write, box, expected):
    dmn = write.definitions(*TYPES, write.decision("d", box.replace("{}", write.literal("500"))))
    assert decide(dmn, {}, "d") == expected


def test_the_input_of_a_model_that_is_imported_by_an_import_may_be_given_by_its_route(write):
    def importing(namespace, name, imported, target, text):
        statement = f'<import name="{name}" namespace="{imported}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        link = (
            f'<informationRequirement><requiredDecision href="{imported}#{target}"/></informationRequirement>'
        )
        decision = write.decision("d", link + write.literal(text))
        return write.definitions(statement, decision, namespace=namespace)

    inner = write.definitions(
        write.inputs(x="number"), write.decision("i", write.literal("x"), inputs=("x",)), namespace="urn:i"
    )
    middle = importing("urn:m", "In", "urn:i", "i", "In.i + 1")
    outer = importing("urn:o", "Mid", "urn:m", "d", "Mid.d + 1")
    for inputs in ({"x": 5}, {"Mid": {"In": {"x": 5}}, "x": 9}, {"Mid.In.x": 5}):
        assert decide(outer, inputs, "d", imports=[middle, inner]) == 7
