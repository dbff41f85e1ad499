"""What the engine promises of every run: nothing shared is changed, no branch loses its facts, no loop costs more."""

import sys
from datetime import timedelta
from types import FunctionType

import pytest

import bpmn
from tests.bpmn.sketch import NOW, sketch
from tests.bpmn.test_walks import FACTS, MODELS, act


def picture(thing, seen):
    """Everything that hangs on a specification, in full, as one comparable value."""
    if isinstance(thing, (str, int, float, bool, bytes, type(None), type, FunctionType)):
        return thing
    if id(thing) in seen:
        return ("again", seen[id(thing)])
    seen[id(thing)] = len(seen)
    if isinstance(thing, dict):
        return {key: picture(value, seen) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [picture(value, seen) for value in thing]
    if isinstance(thing, (set, frozenset)):
        return sorted(map(str, thing))
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    own = dict(vars(thing)) if hasattr(thing, "__dict__") else {}
    own |= {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    return (type(thing).__name__, {key: picture(value, seen) for key, value in own.items()})


@pytest.mark.parametrize("name", MODELS)
def test_runs_never_change_what_they_share(name):
    """The specification is, part by part, what it was before 60 cases with loops, handlers and turns."""
    model = bpmn.load(MODELS[name])
    # What is worked out on first use is worked out once.
    model.start(FACTS, NOW)
    before = picture(model._specs, {})
    for number in range(60):
        run, now = model.start(FACTS, NOW), NOW
        for step in range(30):
            run = model.restore(run.dump())
            now = act(
                run, (number * 7 + step * 3, step % 2 == 0, number % 3 == 0, step % 5 == 0, step % 4), now
            )
            if run.finished:
                break

    assert picture(model._specs, {}) == before


def calls(work):
    """Count every call of Python and C that some work makes, which no clock disturbs."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


LOOPS = {
    "gateway": "start s\nuser a\nxor x\nend e\ns -> a -> x\nx -> a : again\nx -> e : *",
    "loop": "start s\nuser a loop=again\nend e\ns -> a -> e",
    "turns": "start s\nuser a turns=2000\nend e\ns -> a -> e",
    "scope": "start s\nsub t loop=again {\nuser a\nboundary late on=a duration=P9D\nuser b\nlate -> b\n}\nend e\ns -> t -> e",
    "beside": "start s\nuser z\nboundary n on=z message=M beside\nservice a operation=o\nend e\nend f\ns -> z -> e\nn -> a -> f",
}


@pytest.mark.parametrize("name", LOOPS)
def test_the_thousandth_round_costs_what_the_first_did(name):
    """Calls made and bytes kept by a whole step (load, act, save) grow by less than half."""
    model = bpmn.load(sketch(LOOPS[name]))
    state = model.start({"again": True}, NOW, key="k").dump()

    def step():
        nonlocal state
        run = model.restore(state)
        if name == "beside":
            run.deliver("M", {}, NOW)
        else:
            run.complete(run.tasks()[0].id, {"again": True}, NOW)
        state = run.dump()

    step()
    size, first = len(state), calls(step)
    for _ in range(997):
        step()
    last = calls(step)

    assert last <= first * 1.5
    assert len(state) <= size * 1.5


@pytest.mark.parametrize(
    "text",
    [
        "start s\nservice a operation=o loop=true max=1000\nend e\ns -> a -> e",
        "start s\nservice a operation=o turns=1000\nend e\ns -> a -> e",
        "start s\nservice a operation=o times=1000\nend e\ns -> a -> e",
        "start s\nsub t loop=true max=1000 {\nservice a operation=o\n}\nend e\ns -> t -> e",
        "start s\n" + "".join(f"service a{n} operation=o\n" for n in range(900)) + "s -> "
        + " -> ".join(f"a{n}" for n in range(900)),
    ],
)  # fmt: skip
def test_a_thousand_rounds_in_one_step_do_not_recurse(text):
    """However many things follow each other without waiting, the stack stays flat."""
    model = bpmn.load(sketch(text))
    here, frame = 0, sys._getframe()
    while frame is not None:
        here, frame = here + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(here + 60)
    try:
        run = model.start({}, NOW)
    finally:
        sys.setrecursionlimit(limit)

    assert run.finished
    assert len(run.effects()) >= 900


def test_branches_keep_what_each_found_out_however_they_are_ordered(walk):
    """Three branches, one inside a scope, one several times: nothing that one told is lost by another."""
    text = """
        start s
        and f
        user a
        sub t {
            user b
        }
        user c times=2
        and j
        user d
        s -> f
        f -> a -> j
        f -> t -> j
        f -> c -> j
        j -> d
    """
    for order in ("abcc", "ccba", "cbac", "bcca"):
        case = walk(text, {"status": "new", "kept": 1})
        for number, element in enumerate(order):
            case.do(element, **{f"{element}{number}": number, f"of_{element}": number})
        assert {k: v for k, v in case.run.facts.items() if not k.startswith("of_")} == {
            "status": "new",
            "kept": 1,
            **{f"{element}{number}": number for number, element in enumerate(order)},
        }


LATE = """
    start s
    sub t {{
        user a
        {inner}
    }}
    user b
    user c
    s -> t -> b -> c
    {outer}
"""


@pytest.mark.parametrize(
    ("inner", "outer", "opens"),
    [
        ("boundary x on=a duration=P5D\nuser z\nx -> z", "", ["z"]),
        ("", "boundary x on=t duration=P5D\nx -> c", ["c"]),
        ("esp h {\nstart hs duration=P5D\nuser z\nhs -> z\n}", "", ["z"]),
        ("", "esp h {\nstart hs duration=P5D\nuser z\nhs -> z\n}", ["z"]),
        ("boundary x on=a duration=P5D\nuser z\nx -> z", "boundary y on=t duration=P4D\ny -> c", ["c"]),
        ("boundary x on=a duration=P4D\nuser z\nx -> z", "boundary y on=t duration=P5D\ny -> c", ["z"]),
    ],
)
def test_whoever_is_late_is_decided_by_the_earliest_deadline_round_the_task(walk, inner, outer, opens):
    """On its own border, round its scope, or as a handler: a passed deadline comes before the click."""
    case = walk(LATE.format(inner=inner, outer=outer))
    task = next(t for t in case.run.tasks() if t.element == "a")

    with pytest.raises(bpmn.DeadlinePassed):
        case.run.complete(task.id, {"x": 1}, NOW + timedelta(days=6))
    assert [t.element for t in case.run.tasks()] == opens
    assert "x" not in case.run.facts


def test_a_reminder_that_has_passed_decides_nothing(walk):
    """What does not interrupt takes no work away."""
    case = walk("start s\nuser a\nboundary r on=a duration=P5D beside\nuser z\nend e\ns -> a -> e\nr -> z")
    case.run.complete(case.run.tasks()[0].id, {"x": 1}, NOW + timedelta(days=6))

    assert (case.run.facts["x"], case.run.finished) == (1, True)
