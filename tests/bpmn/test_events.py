"""Events: timers, messages, signals, errors, escalations and the rest."""

from datetime import date, datetime, timedelta, timezone

import pytest

import bpmn

HERE = timezone(timedelta(hours=8))

ON_TASK = """
    start s
    user a
    boundary late on=a duration=P15D
    boundary remind on=a cycle=R2/P5D beside
    user b
    user c
    service r operation=remind
    s -> a -> b
    late -> c
    remind -> r
"""


def test_interrupting_timer_takes_the_task_away(walk):
    """The task is gone, and with it its other events."""
    case = walk(ON_TASK).fire("late")

    assert (case.open, case.armed) == (["c"], [])


def test_timer_beside_the_task_leaves_it(walk):
    """A cycle fires as often as it says, each time counted from the last."""
    case = walk(ON_TASK)
    start = case.now
    first = {t.element: t.id for t in case.run.timers()}["remind"]
    case.fire("remind")

    assert case.open == ["a"]
    assert {t.element: t.fire_at for t in case.run.timers()}["remind"] == start + timedelta(days=10)
    with pytest.raises(bpmn.NoSuchTimer):
        case.run.fire(first, case.now)
    case.fire("remind")
    assert case.asked == [("operation", "remind")] * 2
    assert case.armed == ["late"]
    assert case.do("a").armed == []


def test_timer_before_its_time_is_refused(walk):
    """Nothing fires early, and nothing fires twice."""
    case = walk(ON_TASK)
    timer = case.run.timers()[0]

    with pytest.raises(bpmn.TimerNotDue):
        case.run.fire(timer.id, timer.fire_at - timedelta(seconds=1))
    case.run.fire(timer.id, timer.fire_at)
    with pytest.raises(bpmn.NoSuchTimer):
        case.run.fire(timer.id, timer.fire_at)


def test_late_completion_is_decided_by_the_deadline(walk):
    """A completion after a passed interrupting deadline is not taken, and the run stays sound."""
    case = walk(ON_TASK)
    task = case.run.tasks()[0]

    with pytest.raises(bpmn.DeadlinePassed) as late:
        case.run.complete(task.id, {"x": 1}, case.now + timedelta(days=15))
    assert (late.value.timer, late.value.task_id) == ("late", task.id)
    restored = case.model.restore(case.run.dump())
    assert [t.element for t in restored.tasks()] == ["c"]
    assert "x" not in restored.facts


def test_late_message_is_decided_by_the_timer(walk):
    """A message after the timer of the same event gateway finds nobody."""
    case = walk("""
        start s
        race r
        catch week duration=P7D
        catch answer message=回复
        user a
        user b
        s -> r
        r -> week -> a
        r -> answer -> b
    """)

    with pytest.raises(bpmn.NotWaiting):
        case.run.deliver("回复", {}, case.now + timedelta(days=8))
    assert [t.element for t in case.run.tasks()] == ["a"]
    case.run.dump()


def test_completing_twice_is_refused(walk):
    """A task that is done, unknown or of another case is not open."""
    case, other = walk(ON_TASK), walk(ON_TASK)
    task = case.run.tasks()[0]
    case.do("a")

    for key in (task.id, "x", "", other.run.tasks()[0].id):
        with pytest.raises(bpmn.NoSuchTask):
            case.run.complete(key, {}, case.now)


@pytest.mark.parametrize(
    ("kind", "text", "facts", "expected"),
    [
        ("duration", "P7D", {}, datetime(2026, 3, 9, 9, tzinfo=HERE)),
        ("duration", "PT24H", {}, datetime(2026, 3, 3, 9, tzinfo=HERE)),
        ("duration", "P1M", {}, datetime(2026, 4, 2, 9, tzinfo=HERE)),
        ("duration", "P1Y2M3DT4H5M6S", {}, datetime(2027, 5, 5, 13, 5, 6, tzinfo=HERE)),
        ("duration", "'duration(\"P3D\")'", {}, datetime(2026, 3, 5, 9, tzinfo=HERE)),
        ("duration", "'duration(\"P1M\")'", {}, datetime(2026, 4, 2, 9, tzinfo=HERE)),
        ("duration", "'\"P3D\"'", {}, datetime(2026, 3, 5, 9, tzinfo=HERE)),
        ("duration", "term", {"term": "P2D"}, datetime(2026, 3, 4, 9, tzinfo=HERE)),
        ("duration", "term", {"term": timedelta(hours=2)}, datetime(2026, 3, 2, 11, tzinfo=HERE)),
        ("date", "2026-04-01", {}, datetime(2026, 4, 1, tzinfo=HERE)),
        ("date", "2026-04-01T08:30:00", {}, datetime(2026, 4, 1, 8, 30, tzinfo=HERE)),
        ("date", "2026-04-01T08:30:00Z", {}, datetime(2026, 4, 1, 16, 30, tzinfo=HERE)),
        ("date", "ends", {"ends": date(2026, 4, 1)}, datetime(2026, 4, 1, tzinfo=HERE)),
        ("date", "ends", {"ends": datetime(2026, 4, 1, 7)}, datetime(2026, 4, 1, 7, tzinfo=HERE)),  # noqa: DTZ001
        (
            "date",
            "公示期满",
            {"公示期满": "2026-04-01T17:00:00+08:00"},
            datetime(2026, 4, 1, 17, tzinfo=HERE),
        ),
        ("cycle", "R3/PT1H", {}, datetime(2026, 3, 2, 10, tzinfo=HERE)),
        ("cycle", "R/2026-03-05T08:00:00+08:00/P1D", {}, datetime(2026, 3, 5, 8, tzinfo=HERE)),
    ],
)
def test_times(walk, kind, text, facts, expected):
    """Spans, moments and facts are read; what has no zone is local time."""
    case = walk(
        f"""
        start s
        catch t {kind}={text}
        end e
        s -> t -> e
    """,
        facts,
    )

    assert [t.fire_at for t in case.run.timers()] == [expected]


def test_month_ends_with_its_last_day(walk):
    """A month after 31 January is the last day of February."""
    case = walk(
        "start s\ncatch t duration=P1M\nend e\ns -> t -> e", now=datetime(2026, 1, 31, 9, tzinfo=HERE)
    )

    assert case.run.timers()[0].fire_at == datetime(2026, 2, 28, 9, tzinfo=HERE)


def test_time_that_nobody_knows_is_an_incident(walk):
    """A timer whose fact is missing is stuck, and is armed when the fact is told."""
    case = walk("start s\ncatch t date=ends\nend e\ns -> t -> e")

    [incident] = case.run.incidents()
    assert (incident.element, case.armed) == ("t", [])
    case.run.retry(incident.id, case.now, {"ends": date(2026, 5, 1)})
    assert [t.element for t in case.run.timers()] == ["t"]


def test_naive_now_is_refused(sketch):
    """The engine never guesses a zone for now."""
    with pytest.raises(ValueError, match="aware"):
        bpmn.load(sketch("start s\nend e\ns -> e")).start({}, datetime(2026, 1, 1))  # noqa: DTZ001


def test_message_is_waited_for_and_brings_facts(walk):
    """A message reaches the one that waits, and nobody else takes it."""
    case = walk("""
        start s
        catch m message=核对结果
        user a
        s -> m -> a
    """)

    assert [(w.message, w.element) for w in case.run.waits()] == [("核对结果", "m")]
    with pytest.raises(bpmn.NotWaiting):
        case.run.deliver("别的", {}, case.now)
    assert case.tell("核对结果", income=300).open == ["a"]
    assert case.run.facts["income"] == 300


def test_receive_task_with_a_deadline(walk):
    """A receive task waits like an event and may be interrupted like a task."""
    text = """
        start s
        receive m message=核对结果
        boundary late on=m duration=P10D
        user a
        user b
        s -> m -> a
        late -> b
    """

    assert walk(text).tell("核对结果").open == ["a"]
    assert walk(text).tell("核对结果").armed == []
    assert walk(text).fire("late").open == ["b"]
    assert walk(text).fire("late").run.waits() == []


def test_message_beside_a_task_comes_as_often_as_it_comes(walk):
    """An event that does not interrupt stays armed."""
    case = walk("""
        start s
        user a
        boundary news on=a message=新情况 beside
        user n
        end e
        s -> a
        news -> n -> e
    """)

    assert case.tell("新情况").tell("新情况").open == ["a", "n", "n"]
    assert case.do("a").run.waits() == []


def test_what_is_sent_is_asked_for(walk):
    """Operations, notices, messages and signals are effects of the step that passed them, in order."""
    case = walk("""
        start s
        service a operation=issue_letter notice=acceptance
        send b message=申请核对
        throw c message=抄送
        throw d signal=已受理
        end e message=办结
        s -> a -> b -> c -> d -> e
    """)

    assert case.asked == [
        ("operation", "issue_letter"),
        ("notice", "acceptance"),
        ("message", "申请核对"),
        ("message", "抄送"),
        ("signal", "已受理"),
        ("message", "办结"),
    ]


def test_signal_reaches_all_who_wait(walk):
    """A signal, from inside or outside, is heard by everyone, and a signal end is one."""
    text = """
        start s
        and f
        catch a signal=停
        catch b signal=停
        user x
        user y
        user c
        end e signal=停
        s -> f
        f -> a -> x
        f -> b -> y
        f -> c -> e
    """

    assert walk(text).do("c").open == ["x", "y"]
    assert walk(text).tell("停").open == ["c", "x", "y"]


def test_condition_fires_when_it_becomes_true(walk):
    """A conditional event sees facts of other branches, at once and later."""
    text = """
        start s
        and f
        user a
        catch c when="amount > 10"
        user b
        s -> f
        f -> a
        f -> c -> b
    """

    assert walk(text).open == ["a"]
    assert walk(text).do("a", amount=3).open == []
    assert walk(text).do("a", amount=30).open == ["b"]
    assert walk(text, {"amount": 30}).open == ["a", "b"]


def test_condition_beside_a_task_needs_a_new_rise(walk):
    """A condition that stays true fires once; it fires again after it was false."""
    case = walk("""
        start s
        and f
        user a
        boundary c on=a when=high beside
        user n
        user tell
        s -> f
        f -> a
        f -> tell -> tell
        c -> n
    """)

    case.do("tell", high=True).do("tell", high=True)
    assert case.open.count("n") == 1
    case.do("tell", high=False).do("tell", high=True)
    assert case.open.count("n") == 2


def test_links_are_direct_flows(walk):
    """A token thrown into a link goes on where the link of the same name catches."""
    case = walk("""
        start s
        throw out link=A
        catch in link=A
        user a
        s -> out
        in -> a
    """)

    assert case.open == ["a"]


def test_terminate_ends_everything(walk):
    """A terminate end takes away all other tokens."""
    case = walk("""
        start s
        and f
        user a
        user b
        end e terminate
        s -> f
        f -> a -> e
        f -> b
    """)

    assert case.do("a").ended == "e"
    assert case.open == []


def test_cancel_stops_everything(walk):
    """A case that is cancelled is finished, with the reason kept."""
    case = walk(ON_TASK)
    case.run.cancel("申请人撤回", case.now)
    with pytest.raises(bpmn.AlreadyFinished):
        case.run.cancel("又一次", case.now)
    restored = case.model.restore(case.run.dump())

    assert (restored.finished, restored.cancelled, restored.tasks(), restored.timers()) == (
        True,
        "申请人撤回",
        [],
        [],
    )


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, object(), float("nan"), b"x"])
def test_facts_are_plain_values(walk, value):
    """Lists, contexts and the like are refused before anything changes."""
    case = walk(ON_TASK)

    with pytest.raises(bpmn.FactError):
        case.run.complete(case.run.tasks()[0].id, {"x": value}, case.now)
    assert case.open == ["a"]
    case.run.dump()


def test_late_signal_is_decided_by_the_timer(walk):
    """A signal after the timer of the same event gateway finds nobody there, and is heard by the others."""
    text = """
        start s
        and f
        race r
        catch week duration=P7D
        catch answer signal=铃
        user a
        user b
        {}
        s -> f
        f -> r
        r -> week -> a
        r -> answer -> b
        {}
    """
    alone = walk(text.format("", ""))
    with pytest.raises(bpmn.NotWaiting):
        alone.run.deliver("铃", {}, alone.now + timedelta(days=8))
    assert [t.element for t in alone.run.tasks()] == ["a"]
    other = walk(text.format("catch too signal=铃\nuser c", "f -> too -> c"))
    other.run.deliver("铃", {}, other.now + timedelta(days=8))
    assert sorted(t.element for t in other.run.tasks()) == ["a", "c"]


def test_an_armed_handler_does_not_hide_that_a_case_is_stuck(walk):
    """A join that waits in vain is told although a message could still call a handler."""
    case = walk("""
        start s
        user a
        xor x
        user b
        user c
        and j
        end e
        s -> a -> x
        x -> b : left
        x -> c : *
        b -> j
        c -> j
        j -> e
        esp h {
            start hs message=异议 beside
            user z
            hs -> z
        }
    """)

    assert [i.element for i in case.do("a", left=True).do("b").run.incidents()] == ["j"]
