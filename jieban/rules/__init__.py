from jieban.rules.known import known_rules
from jieban.rules.seed import seed_rules
from jieban.rules.sets import RuleEntry, entry, number, rule_set, rule_set_for

__all__ = ["RuleEntry", "entry", "known_rules", "number", "rule_set", "rule_set_for", "seed_rules"]
