"""DMN 1.2 to 1.5: decision tables, boxed expressions and requirement graphs, compiled once."""
