"""What goes wrong only at run time stays at its element, and goes on from there."""

import pytest

import bpmn
from tests.bpmn.sketch import NOW, sketch
from tests.bpmn.test_decisions import DMN


class Office:
    """Does what is asked for, and fails when told to."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.failing: set[str] = set()

    def perform(self, effect):
        if effect.name in self.failing:
            raise bpmn.EffectFailed(effect.name, "no paper in the printer")
        self.done.append((effect.element, effect.name))


@pytest.fixture(name="office")
def _office():
    return Office()


def begin(text, office, facts=None):
    return bpmn.load(sketch(text)).start(facts or {}, NOW, key="k", perform=office.perform)


LETTER = """
    start s
    service letter operation=print notice=posted
    boundary late on=letter duration=P3D
    user a
    user b
    s -> letter -> a
    late -> b
"""


def test_an_operation_that_fails_keeps_its_token(office):
    """Nothing after it opens, its deadline stays armed, and a retry does it once."""
    office.failing = {"print"}
    run = begin(LETTER, office)

    [incident] = run.incidents()
    assert (incident.element, incident.expression, incident.message) == (
        "letter",
        "print",
        "no paper in the printer",
    )
    assert (run.tasks(), [t.element for t in run.timers()]) == ([], ["late"])
    run = bpmn.load(sketch(LETTER)).restore(run.dump())
    run.perform_with(office.perform)
    run.retry(incident.id, NOW)
    assert [i.id for i in run.incidents()] == [incident.id]
    office.failing.clear()
    run.retry(incident.id, NOW)
    assert [t.element for t in run.tasks()] == ["a"]
    assert (run.incidents(), run.timers(), run.effects()) == ([], [], [])
    assert office.done == [("letter", "print"), ("letter", "posted")]


def test_what_was_done_before_the_failure_is_not_done_again(office):
    """The notice fails after the operation: the retry sends only the notice."""
    office.failing = {"posted"}
    run = begin(LETTER, office)
    office.failing.clear()
    run.retry(run.incidents()[0].id, NOW)

    assert office.done == [("letter", "print"), ("letter", "posted")]


def test_a_deadline_takes_a_stuck_operation_away(office):
    """An incident does not outlive its activity."""
    office.failing = {"print"}
    run = begin(LETTER, office)
    timer = run.timers()[0]
    run.fire(timer.id, timer.fire_at)

    assert ([t.element for t in run.tasks()], run.incidents()) == (["b"], [])


@pytest.mark.parametrize("word", ["times", "turns"])
def test_each_turn_asks_once(office, word):
    """Three turns are three operations, and the frame round them asks for nothing."""
    run = begin(
        f"start s\nservice a operation=print {word}=3\nuser b operation=decide times=2\ns -> a -> b", office
    )

    assert office.done == [("a", "print")] * 3
    for task in run.tasks():
        run.complete(task.id, {}, NOW)
    assert (run.finished, run.effects(), office.done) == (True, [], [("a", "print")] * 3)


def test_one_turn_that_fails_holds_its_frame_open(office):
    """The other turns go on; the flow waits for the one that failed."""
    office.failing = {"print"}
    run = begin("start s\nservice a operation=print times=2\nuser b\ns -> a -> b", office)
    first, second = run.incidents()
    office.failing.clear()
    run.retry(first.id, NOW)

    assert (run.tasks(), [i.id for i in run.incidents()]) == ([], [second.id])
    run.retry(second.id, NOW)
    assert [t.element for t in run.tasks()] == ["b"]


def test_an_incident_names_the_facts_that_its_element_reads(office):
    """Whoever puts it right sees what to tell."""
    run = begin(
        "start s\nxor x\nuser b\nuser c\ns -> x\nx -> b : amount > limit\nx -> c : *", office, {"amount": 3}
    )

    [incident] = run.incidents()
    assert (incident.reads, incident.facts) == (("amount", "limit"), {"amount": 3})


def test_a_failing_end_does_not_end_the_case(office):
    """The last operation of a case counts as much as the first."""
    office.failing = {"publish"}
    run = begin("start s\nend e operation=publish\ns -> e", office)

    assert (run.finished, run.outcome) == (False, None)
    office.failing.clear()
    run.retry(run.incidents()[0].id, NOW)
    assert (run.finished, run.outcome) == (True, "e")


def test_a_decision_that_lacks_an_input_names_its_inputs():
    """A DMN table says by its inputs what it looks at."""
    files = {**sketch("start s\nrule r decision=grade result=grade\nuser a\ns -> r -> a"), "t.dmn": DMN}
    run = bpmn.load(files).start({"other": 1}, NOW)

    [incident] = run.incidents()
    assert (incident.element, incident.expression, incident.reads) == ("r", "档次", ("income",))
    run.retry(incident.id, NOW, {"income": 200})
    assert (run.facts["grade"], [t.element for t in run.tasks()]) == ("A", ["a"])
