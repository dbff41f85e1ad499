from jieban.rules.known import known_rules
from jieban.rules.not_read import not_read
from jieban.rules.precedence import CITABLE, left_to_places
from jieban.rules.seed import seed_rules, seed_sample_rules
from jieban.rules.sets import (
    RuleEntry,
    entry,
    number,
    rule_set,
    rule_set_for,
    tell_count,
    value_count,
)

__all__ = [
    "CITABLE",
    "RuleEntry",
    "entry",
    "known_rules",
    "left_to_places",
    "not_read",
    "number",
    "rule_set",
    "rule_set_for",
    "seed_rules",
    "seed_sample_rules",
    "tell_count",
    "value_count",
]
