"""SQL that is compiled once per kind of database, and how values become its parameters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler

Processor = Callable[[Any], Any]
Default = Callable[[], Any]


@dataclass(frozen=True)
class Prepared:
    """A statement as it is sent, and per parameter its name, its processor, and its default."""

    sql: str
    slots: tuple[tuple[str, Processor | None, Default | None], ...]
    positional: bool

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Make the driver's parameters; KeyError where a value without a default is missing."""
        bound = []
        for name, process, default in self.slots:
            value = values[name] if default is None or name in values else default()
            bound.append(value if process is None else process(value))
        if self.positional:
            return tuple(bound)
        return {slot[0]: value for slot, value in zip(self.slots, bound, strict=True)}


def prepare(
    statement: Executable,
    dialect: Dialect,
    defaults: Mapping[str, Default] | None = None,
    columns: Iterable[str] | None = None,
) -> Prepared:
    """Compile a statement; its own literal values become defaults, as do those that are given."""
    compiled = statement.compile(dialect=dialect, column_keys=None if columns is None else list(columns))  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    order = compiled.positiontup if compiled.positional and compiled.positiontup else list(binds)
    fixed = (
        {name: constant(bind.value) for name, bind in binds.items() if not bind.required}
        if columns is None
        else {}
    )
    known = {**fixed, **(defaults or {})}
    return Prepared(
        str(compiled),
        tuple(
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect), known.get(name))
            for name in order
        ),
        bool(compiled.positional),
    )


def constant(value: Any) -> Default:
    """Make a default that is always the same."""
    return lambda: value
