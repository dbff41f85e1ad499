"""Regular expressions of XPath, matched in bounded time (XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6)."""

from bpmn.feel.regex.matcher import Pattern, compile_pattern, replace_all, search, split_all

__all__ = ["Pattern", "compile_pattern", "replace_all", "search", "split_all"]
