"""FEEL, the expression language of DMN 1.5: parsed, checked and compiled once, with no way to Python."""

from bpmn.feel.errors import FEELError, FEELLimitError, FEELSyntaxError
from bpmn.feel.expression import Expression, compile_expression, compile_unary_tests, evaluate, satisfies
from bpmn.feel.far import FarDate, FarDateTime
from bpmn.feel.values import FEELFunction, Months, Range

__all__ = [
    "Expression",
    "FEELError",
    "FEELFunction",
    "FEELLimitError",
    "FEELSyntaxError",
    "FarDate",
    "FarDateTime",
    "Months",
    "Range",
    "compile_expression",
    "compile_unary_tests",
    "evaluate",
    "satisfies",
]
