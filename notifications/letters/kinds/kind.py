from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LetterKind:
    """A kind of letter: how it is called, its mark in the number, its layout, and who signs it."""

    key: str
    title: str
    """may name what was applied for: {item}申请受理通知书"""
    english: str
    mark: str
    layout: str = "letter"
    """letter; notice: a sheet for the board; agreement: terms, and a place for each party to sign"""
    county_signs: bool = False
    """by the organ that decided; otherwise the township that deals with the case"""
    county: bool = False
    """always by the county, as the minutes of its joint meeting"""
    adverse: bool = False
    """needs reasons, and says how to appeal"""
    receipt: bool = False
    """has the sheet on which service is confirmed"""
    contact: bool = True
    """ends with whom to ask; a letter whose table says so does not say it twice"""
    speaks_of: tuple[str, ...] = ()
    """which facts of the case its words need: clocks, missing, notice, decision, check, or record:KIND"""
    addressee: Callable[[Mapping[str, Any]], str] | None = None
    """to whom it is, of the gathered facts; to whoever applied where it says nothing"""
    cites: tuple[str, ...] = ()
    """rules of the rule table whose articles it cites, where they were read in their source"""
    sheet: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    """makes its table of the gathered facts: {"style": "pairs" or "list" (its first row is the head), "rows": [...]}"""

    @property
    def name(self) -> str:
        """Call the letter by its name, whatever was applied for."""
        return self.title.format(item="")
