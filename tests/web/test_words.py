"""Every Chinese text of the pages has an English one, with the same values in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from web.cases.words import TABLES
from web.i18n import catalogue, translate

_WEB = Path(__file__).parents[2] / "web"
_METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("frontend/**", "ignore"), ("**.py", "python")]
_KEYWORDS = {"_": None, "N_": None, "translate": (2,)}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _texts() -> Iterator[tuple[str, str]]:
    options = {"templates/**.html": {"silent": "false", "trimmed": "false"}}
    found = extract_from_dir(_WEB, _METHODS, options, _KEYWORDS, directory_filter=_is_ours)
    for place, line, message, *_ in found:
        for text in message if isinstance(message, tuple) else (message,):
            if text:
                yield text, f"web/{place}:{line}"
    for name, table in TABLES.items():
        yield from ((text, f"web/cases/words.py {name}") for text in table.values())


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"frontend", "static", "__pycache__", "locale"}


def _values(text: str) -> set[str]:
    return set(re.findall(r"{(\w*)}", text))


def test_every_text_has_an_english_one() -> None:
    missing = {text: place for text, place in _texts() if _CHINESE.search(text) and text not in catalogue()}

    assert not missing, "\n".join(f"{place}: {text}" for text, place in missing.items())


def test_the_english_text_takes_the_same_values() -> None:
    different = [text for text, english in catalogue().items() if _values(text) != _values(english)]

    assert different == []


def test_the_catalogue_has_no_chinese_left_and_nothing_that_is_not_used() -> None:
    used = {text for text, _ in _texts()}

    assert [text for text, english in catalogue().items() if _CHINESE.search(english)] == []
    assert sorted(set(catalogue()) - used) == []


@pytest.mark.parametrize(("locale", "said"), [("zh", "退出"), ("en", "Sign out"), ("fr", "退出")])
def test_an_unknown_language_stays_chinese(locale: str, said: str) -> None:
    assert translate(locale, "退出") == said
