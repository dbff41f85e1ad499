"""FEEL at random, from all its constructs and functions, with arguments that are meant to hurt."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from bpmn.feel.library import LIBRARY
from bpmn.feel.values import FEELFunction, Months, Range

FACTS = {
    "a": 1,
    "b": [1, {"x": 2}, None, "a"],
    "x": Decimal("1E+6000"),
    "s": "ab" * 2_000,
    "收入": 5,
    "人 数": 3,
    "d": dt.date(9999, 12, 31),
    "f-g": {"x": 1, "f-g": {"x": 2}},
    "?": 1,
}
NUMBERS = ["1", "0", "-1", "2.5", "0.1", "100000", "10**100", "10**6000", "9999999999999999999999999999999999",
           "10**-6000", "1/3", "999999999999", "x", "a", "-0", "6177", "1E400"]  # fmt: skip
STRINGS = ['"a"', '""', "s", '"ab"', '"(a+)+$"', '"(a|aa)*b"', '"["', '"a{1,99999}"', '"^(a?){50}a{50}$"',
           '"(((a{1,99}){1,99}){1,99}){1,99}"', r'"\\p{Lu}*"', r'"\\1"', '"$1$1$0"', '"ixsmq"', '"x"', r'"(.)\\1"',
           '"2020-01-01"', '"24:00:00"', '"P1D"', '"P99999999999Y"', '"-P1Y2M"', '"PT1E9S"', '"2020-02-30T25:61:61"',
           '"10:00:00@Asia/Shanghai"', '"2020-01-01T00:00:00@../../x"', '"-9999-01-01"', '"1 000,5"', '","', '"."', '" "',
           '"\U0001f600"', r'"\uD83D"', '"1E999999999"', '"[1..5]"', '"]a..b["', '"ß"', '"__class__"', '"years"']  # fmt: skip
SPANS = ['@"PT1H"', '@"P1DT1S"', '@"-P999999999D"', '@"P106751991167D"', '@"PT0.000001S"']
LONG_SPANS = ['@"P1M"', '@"P999999999Y"', '@"-P1M"', '@"P0M"']
DATES = ['@"2020-02-29"', '@"9999-12-31"', '@"0001-01-01"', "d", "date(1,1,1)"]
TIMES = [
    '@"10:00:00"',
    '@"23:59:59.999999@Asia/Shanghai"',
    '@"00:00:00+14:00"',
    '@"12:00:00-12:00"',
    '@"24:00:00"',
]
MOMENTS = ['@"2020-01-01T00:00:00Z"', '@"9999-12-31T23:59:59.999999-14:00"', '@"0001-01-01T00:00:00+14:00"',
           '@"2021-03-28T02:30:00@Europe/Paris"', '@"2020-01-01T00:00:00"']  # fmt: skip
FAR = ['@"-10000-01-01"', '@"999999999-12-31"', '@"-999999999-01-01T00:00:00Z"', '@"20000-02-29T23:59:59@Asia/Shanghai"',
       '@"999999999-12-31T23:59:59.999999-14:00"']  # fmt: skip
LISTS = ["[]", "[1,2,3]", "b", "for i in 1..9 return i", "for i in 1..100000 return i", "[null]", '["a","b",null]', "[[1],[2,[3]]]",
         "[{a: 1},{a: 2}]", "[true,false,null]", '[@"P1D",@"PT1H"]', "for i in 1..300 return partial", "[1,1,1,2]"]  # fmt: skip
CONTEXTS = [
    "{}",
    "{a: 1}",
    '{"a b": {c: [1]}}',
    "{a: b}",
    "f-g",
    '{key: "k", value: 1}',
    '{start: 1, end: 2, "start included": true}',
]
RANGES = ["[1..5]", "(1..1000000000)", "]1..2[", "(>3)", "(<=10**6000)", '["a".."z"]', "[null..1]", "(=1)",
          '[@"2020-01-01"..@"9999-12-31"]', '[@"P1D"..@"P2D"]', "[5..1]"]  # fmt: skip
FUNCTIONS = ["function(x,y) x<y", "function(x) x", "function() 1", "abs", "function(f) f(f)", "function(x,y) true", "sum",
             "function(x: number, y: string) x", "function(x,y) y", "string join"]  # fmt: skip
OTHERS = [
    "null",
    "true",
    "false",
    "item",
    "partial",
    "?",
    "人 数",
    "收入",
    "不存在",
    "-",
    "a.b.c",
    "-[]",
    "i",
    "j",
]
KINDS = {Decimal: NUMBERS, str: STRINGS, bool: ["true", "false", "a=1"], list: LISTS, dict: CONTEXTS, dt.date: DATES,
         FEELFunction: FUNCTIONS, dt.datetime: MOMENTS, dt.time: TIMES, dt.timedelta: SPANS, Months: LONG_SPANS,
         Range: RANGES}  # fmt: skip
ATOMS = [atom for kind in [*KINDS.values(), FAR, OTHERS] for atom in kind]
TYPES = ["number", "string", "list<number>", "context<a: number>", "function<number>->string", "Any", "range<date>", "Null",
         "days and time duration", "date and time", "list<list<list<context<a: list<Any>>>>>", "x", "boolean"]  # fmt: skip
MEMBERS = [
    "a",
    "x",
    "year",
    "days",
    "f-g",
    "start",
    "end included",
    "__class__",
    "time offset",
    "values",
    "weekday",
]
SIGNS = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", ".."]
REPEATED = [
    "(",
    "[",
    "-",
    "{a:",
    "if ",
    "not(",
    "1 in (",
    "f(",
    "function() ",
    "for i in ",
    "[1..",
    "@",
    "some i in 1 satisfies ",
]
NAMES = sorted(LIBRARY)


def feel(choices, depth=4):
    """Write an expression."""
    if depth <= 0 or choices.over:
        return choices.pick(ATOMS)
    return choices.pick(CONSTRUCTS)(choices, depth - 1)


def _call(c, depth):
    name = c.pick(NAMES)
    overload = c.pick(LIBRARY[name])
    count = max(0, len(overload.names) + c.pick([0, 0, 0, -1, 1, 3]))
    values = []
    for index in range(count):
        kinds = overload.kinds[min(index, len(overload.kinds) - 1)] if overload.kinds else None
        fitting = KINDS.get(c.pick(sorted(kinds, key=str)), FAR) if kinds else LISTS
        values.append(c.pick(fitting) if c.number(4) else feel(c, depth))
    if c.number(6) == 1:
        values = [f"{key}: {value}" for key, value in zip(overload.names, values, strict=False)]
    return f"{name}({', '.join(values)})"


def _binary(c, depth):
    return f"{feel(c, depth)} {c.pick(SIGNS)} {feel(c, depth)}"


def _for(c, depth):
    count = c.pick(["1..3", "1..90", "1..100000", "1..1000000000", "-5..5", "b", "9..1", "0..10**6000", None])
    ways = [f"i in {count or feel(c, depth)}", f"j in {feel(c, depth)}"][: 1 + c.number(2)]
    body = c.pick([None, None, "partial", "if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
                   'if i = 1 then "a" else partial[-1] + partial[-1]', "[partial, i]"])  # fmt: skip
    return f"for {', '.join(ways)} return {body or feel(c, depth)}"


def _test(c, depth):
    return f"{c.pick(['some', 'every'])} i in {feel(c, depth)} satisfies {feel(c, depth)}"


def _recursion(c, depth):
    body = c.pick(
        [
            "f(n)",
            "f(n + 1) + f(n)",
            "[f(n - 1)]",
            "if n = 0 then 1 else f(n - 1) + f(n - 1)",
            "f(f)",
            f"f({feel(c, depth)})",
        ]
    )
    return f"{{f: function(n) {body}, r: f({c.pick(['1', '40', '3000'])})}}.r"


def _repeated(c, depth):
    opening, times = c.pick(REPEATED), c.pick([3, 50, 99, 101, 1_000, 5_000])
    tail = c.pick(["", ")" * times, "]" * times, "}" * times])
    return opening * times + feel(c, depth) + tail


def _row(c, depth):
    return feel(c, depth) + c.pick(
        ["+1", " and true", "[1]", ".a", "()", "**2", " or null", "[item>1]"]
    ) * c.pick([1, 5, 99, 2_000])


def _context(c, depth):
    keys = [c.pick(["a", "b", '"a b"', "f", "人 数", "in", "x+y", '""']) for _ in range(1 + c.number(4))]
    return "{" + ", ".join(f"{key}: {feel(c, depth)}" for key in keys) + "}"


def _long(c, depth):
    return c.pick(
        [
            '"' + "a" * 15_000 + '"',
            "9" * 15_000,
            "1." + "0" * 9_000,
            "a" * 19_000,
            "[" + "1," * 9_000 + "1]",
            "/*" * 9_000,
        ]
    )


CONSTRUCTS = [
    lambda c, _: c.pick(ATOMS),
    _call,
    _call,
    _call,
    _binary,
    _binary,
    _for,
    _test,
    _recursion,
    _repeated,
    _row,
    _context,
    _long,
    lambda c, d: f"({feel(c, d)})",
    lambda c, d: f"-{feel(c, d)}",
    lambda c, d: f"[{', '.join(c.some(5, lambda: feel(c, d)))}]",
    lambda c, d: f"{c.pick('[](')}{feel(c, d)}..{feel(c, d)}{c.pick('[])')}",
    lambda c, d: f"if {feel(c, d)} then {feel(c, d)} else {feel(c, d)}",
    lambda c, d: f"{feel(c, d)}[{feel(c, d)}]",
    lambda c, d: f"{feel(c, d)}.{c.pick(MEMBERS)}",
    lambda c, d: f"{feel(c, d)} between {feel(c, d)} and {feel(c, d)}",
    lambda c, d: f"{feel(c, d)} in ({feel(c, d)}, {c.pick(['<', '>=', '=', '!='])} {feel(c, d)})",
    lambda c, d: f"{feel(c, d)} instance of {c.pick(TYPES)}",
    lambda c, d: f"(function(x, y) {feel(c, d)})({feel(c, d)}, {feel(c, d)})",
    lambda c, d: f"{c.pick(FUNCTIONS)}({feel(c, d)})",
    lambda c, d: f"not({feel(c, d)}), {feel(c, d)}",
    lambda c, d: c.pick([">", "<=", "=", "!="]) + feel(c, d),
]
