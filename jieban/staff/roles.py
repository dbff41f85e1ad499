"""Who may do what: roles, the level they work at, and their permissions. One table; tests are generated from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    key: str
    name: str
    english: str
    level: str
    """town, county, or any"""
    permissions: frozenset[str]


_READ = {"case.read", "case.area"}
"""Reading cases, and every case of the own area; without the latter only payment lists and those that one has a task in."""
_WORK = _READ | {"task.work"}
_PAY = {"case.read", "task.work"}


def _role(key: str, name: str, english: str, level: str, permissions: set[str]) -> Role:
    return Role(key, name, english, level, frozenset(permissions))


_LIST = [
    _role(
        "town.window",
        "窗口经办人",
        "Window clerk",
        "town",
        _WORK | {"case.register", "objection.register", "extension.ask", "supply.read"},
    ),
    _role(
        "town.investigator",
        "入户调查员",
        "Investigator",
        "town",
        _WORK | {"extension.ask", "supply.read"},
    ),
    _role(
        "town.reviewer",
        "乡镇审核人",
        "Township reviewer",
        "town",
        _WORK | {"objection.register", "extension.ask", "supply.read"},
    ),
    _role(
        "town.leader",
        "乡镇分管领导",
        "Township leader",
        "town",
        _WORK | {"task.assign", "overdue.read", "extension.approve", "order.issue"},
    ),
    _role("county.check", "县级核对员", "County checker", "county", _WORK),
    _role(
        "county.reviewer",
        "县级审核人",
        "County reviewer",
        "county",
        _WORK | {"objection.register", "extension.ask", "supply.read", "supply.edit"},
    ),
    _role(
        "county.leader",
        "县级分管领导",
        "County leader",
        "county",
        _WORK | {"task.assign", "overdue.read", "extension.approve", "order.issue", "supply.read"},
    ),
    _role("county.finance", "发放经办人", "Payment clerk", "county", _PAY),
    _role("county.treasury", "财政审核人", "Treasury reviewer", "county", _PAY),
    _role(
        "supervisor",
        "督办人",
        "Supervisor",
        "any",
        _READ
        | {
            "overdue.read",
            "order.issue",
            "ledger.read",
            "report.export",
            "calendar.read",
            "calendar.act",
            "calendar.confirm",
        },
    ),
    _role(
        "model_admin",
        "流程管理员",
        "Model administrator",
        "any",
        {"model.read", "model.edit", "model.publish", "rules.read", "calendar.read", "incident.retry"},
    ),
    _role(
        "sys_admin",
        "系统管理员",
        "System administrator",
        "any",
        {
            "staff.manage",
            "rules.read",
            "rules.edit",
            "calendar.read",
            "calendar.act",
            "health.read",
            "ledger.read",
            "model.read",
            "supply.read",
            "supply.edit",
        },
    ),
]

ROLES: dict[str, Role] = {role.key: role for role in _LIST}

SUPERVISORS = frozenset({"supervisor"})
"""The roles above the county, one of which is told at the end of every escalation chain."""

PAIRS = {
    "town.window county.reviewer": ("窗口经办人（县级单位：县级审核人）", "Window clerk, or county reviewer"),
    "town.reviewer county.reviewer": ("审核人（乡镇或县级）", "Reviewer of the office"),
    "town.leader county.leader": ("分管领导（乡镇或县级）", "Leader of the office"),
}
"""Roles that a procedure names together, for a step that an office of either level may have to do."""


def role_at(named: str, town_code: str) -> str:
    """Choose among roles with blanks between them the one of the office's level; a county's own office ends in 000."""
    wanted = "county" if town_code.endswith("000") else "town"
    roles = named.split()
    fitting = (role for role in roles if role in ROLES and ROLES[role].level in (wanted, "any"))
    return next(fitting, roles[0] if roles else "")


def role_title(named: str, *, english: bool = False) -> str:
    """Say a role in words, or several that a step names together; one that is not known stands for itself."""
    if named in PAIRS:
        return PAIRS[named][1 if english else 0]
    names = [
        (ROLES[key].english if english else ROLES[key].name) if key in ROLES else key for key in named.split()
    ]
    return (", " if english else "、").join(names)


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Join the permissions of several roles; an unknown role gives none."""
    return frozenset().union(*(ROLES[role].permissions for role in roles if role in ROLES))
