from jieban.rules.known import known_rules
from jieban.rules.seed import seed_rules, seed_sample_rules
from jieban.rules.sets import (
    RuleEntry,
    entry,
    newest_value,
    number,
    rule_set,
    rule_set_for,
    tell_newest,
)

__all__ = [
    "RuleEntry",
    "entry",
    "known_rules",
    "newest_value",
    "number",
    "rule_set",
    "rule_set_for",
    "seed_rules",
    "seed_sample_rules",
    "tell_newest",
]
