"""jieban 接办 runs the life of a social-assistance case."""

__version__ = "0.1.0"
