from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieban.errors import Invalid
from jieban.people.id_numbers import (
    check_digit,
    check_id_number,
    mask,
    mask_account,
    plain_number,
    upgrade_15,
)

_days = st.dates(date(1900, 1, 1), date(2026, 11, 24))
_areas = st.from_regex(r"[1-9][0-9]{5}", fullmatch=True)
_orders = st.from_regex(r"[0-9]{3}", fullmatch=True)


def number(area: str, born: date, order: str) -> str:
    body = f"{area}{born:%Y}{born:%m%d}{order}"
    return body + check_digit(body)


@given(_areas, _days, _orders)
def test_a_number_made_by_the_standard_is_read(area: str, born: date, order: str):
    """Birth date, sex and area come out of any well-formed number, even of an area that no table knows."""
    read = check_id_number(number(area, born, order))

    assert (born, area) == (read.birth_date, read.area_hint)
    assert ("男" if int(order) % 2 else "女") == read.sex


@given(_areas, _days, _orders, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(area: str, born: date, order: str, place: int, other: str):
    """GB 11643 finds every single substitution."""
    right = number(area, born, order)
    wrong = right[:place] + other + right[place + 1 :]
    if wrong == right:
        return

    with pytest.raises(Invalid):
        check_id_number(wrong)


@given(_areas, _days, _orders, st.integers(0, 16))
def test_two_neighbours_changed_over_are_always_noticed(area: str, born: date, order: str, place: int):
    """GB 11643 finds every swap of neighbours."""
    right = number(area, born, order)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    if wrong == right:
        return

    with pytest.raises(Invalid):
        check_id_number(wrong)


@given(st.text(max_size=24))
def test_any_text_gets_an_answer(text: str):
    """Whatever is typed, it is a number or a sentence."""
    try:
        answer = check_id_number(text).number
    except Invalid as wrong:
        answer = wrong.message

    assert len(answer) == 18 or answer.endswith("。")


@given(_areas, st.dates(date(1910, 1, 1), date(1999, 12, 31)), _orders)
def test_an_old_number_becomes_a_new_one(area: str, born: date, order: str):
    """Fifteen digits lack the century and the check digit, and nothing else."""
    new = number(area, born, order)

    assert new == upgrade_15(new[:6] + new[8:17])


def test_full_width_digits_blanks_and_a_small_x_are_taken():
    """What an input method makes of a number is the same number."""
    right = number("379901", date(1964, 1, 15), "441")
    assert right.endswith("X")

    typed = f" {right[:6].translate({ord(c): ord(c) + 0xFEE0 for c in '0123456789'})} {right[6:].lower()} "

    assert right == check_id_number(typed).number == plain_number(typed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "18 位"),
        ("37990119700506", "18 位"),
        ("379901700506123", "15 位旧号码"),
        ("37990119700230123X", "1970-02-30 不存在"),
        ("379901188901011233", "不合理"),
        ("379901197005061230", "校验位"),
        ("079901197005061230", "18 位"),
        ("²79901197005061230", "校验位"),
        ("①79901700506123", "15 位"),
    ],
)
def test_each_mistake_is_named(text: str, words: str):
    """The sentence says what is wrong, so that the clerk knows what to look at."""
    with pytest.raises(Invalid, match=words):
        check_id_number(text)


def test_a_birth_in_the_future_is_refused():
    """Nobody applies who is not born yet; without a day to compare with, the number alone is looked at."""
    child = number("379901", date(2026, 12, 1), "001")

    assert date(2026, 12, 1) == check_id_number(child).birth_date
    with pytest.raises(Invalid, match="不合理"):
        check_id_number(child, date(2026, 11, 24))


def test_an_old_number_of_the_wrong_length_is_refused():
    """Only fifteen digits can be made into eighteen."""
    with pytest.raises(Invalid, match="15 位"):
        upgrade_15("12345")


def test_masks_show_no_more_than_they_should():
    """Four and four of an identity number, the last four of an account."""
    assert mask("379901197005061234") == "3799**********1234"
    assert mask(None) == ""
    assert mask_account("62170000000000017") == "*************0017"
    assert mask_account("0017") == "0017"
