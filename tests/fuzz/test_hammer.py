"""A short hunt with every run of the tests; `make fuzz` hunts for hours (docs/fuzzing.md)."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.choices import Choices
from tests.fuzz.targets import RAW, TARGETS, text_of
from tests.fuzz.watch import Watch, verdict

# Half of it is for machines that are slower than the one where a second is the limit.
SECONDS = 5.0
rows = st.builds(
    lambda seed, size: Random(seed).randbytes(size), st.integers(0, 2**32), st.sampled_from([20, 60, 200])
)


@pytest.mark.timeout(120)  # a hang must not stop the suite
@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=rows)
def test_hostile_input_ends_in_words(target, data):
    """Whatever is given, there is a value or an error of our own, soon, and in little memory."""
    assert verdict(TARGETS[target], data, SECONDS) is None


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200))
def test_bytes_that_are_nothing_end_in_words(target, data):
    """Input that is neither XML nor text nor a state is refused."""
    assert verdict(TARGETS[target], RAW + data, SECONDS) is None


def test_the_same_bytes_build_the_same():
    """A finding can be tried again from its bytes alone."""
    data = bytes(range(200))

    assert text_of(data) == text_of(data)
    assert Choices(b"").pick("abc") == "a"


def test_what_breaks_a_rule_is_kept(tmp_path):
    """A crash is written down once, with the input that led to it."""

    def crash(data):
        raise KeyError(data)

    watch = Watch("feel", tmp_path, crash)
    watch(b"first")
    watch(b"second")

    [found] = tmp_path.glob("feel-*")
    assert found.read_bytes() == b"first"
    assert list(watch.found.values()) == [found.name]


def test_what_takes_long_or_much_breaks_a_rule():
    """Time and memory are watched for each input."""
    assert "slow" in verdict(lambda _: sum(range(3_000_000)), b"", 0.001)
    assert "memory" in verdict(lambda _: len(bytearray(b"x") * 300_000_000), b"", SECONDS)
