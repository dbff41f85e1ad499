"""The demonstration: a synthetic county life, marked as sample data on every page and letter."""

from jieban.demo.load import PASSWORD, is_loaded, load

__all__ = ["PASSWORD", "is_loaded", "load"]
