"""The language of the pages. A msgid is the Chinese text itself; locale/en.po has the English one."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.pofile import read_po
from fastapi import Request

from notifications.letters import KINDS

LOCALES = {"zh": "简体中文", "en": "English"}
LANGUAGE_COOKIE = "jieban_language"

Translate = Callable[..., str]


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools know
    """Mark a text that is translated later, where it is shown."""
    return text


@cache
def catalogue() -> dict[str, str]:
    """Read the English texts, once."""
    content = resources.files("web").joinpath("locale", "en.po").read_bytes()
    texts = {
        str(message.id): str(message.string)
        for message in read_po(BytesIO(content), locale="en")
        if message.id and message.string
    }
    # A letter says itself what it is called in English.
    return texts | {kind.name: kind.english for kind in KINDS.values()}


def translate(locale: str, text: str, /, **values: object) -> str:
    """Give a text in a language, the Chinese one where there is no other, with its values filled in."""
    found = catalogue().get(text, text) if locale == "en" else text
    return found.format(**values) if values else found


def translator(locale: str) -> Translate:
    """Give the function that templates call `_`."""

    def gettext(text: str, /, **values: object) -> str:
        return translate(locale, text, **values)

    return gettext


def locale_of(request: Request) -> str:
    """Choose the language: the account's own, or on public pages the one chosen in this browser."""
    visitor = getattr(request.state, "visitor", None)
    chosen = visitor.locale if visitor else request.cookies.get(LANGUAGE_COOKIE, "zh")
    return chosen if chosen in LOCALES else "zh"
