"""What stands in the sidebar, by what the visitor may do."""

from dataclasses import dataclass, field

from fastapi import Request

from notifications import messages
from tasks import inbox
from web.i18n import N_
from web.security.visitor import Visitor


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar."""

    href: str
    title: str
    icon: str
    permission: str
    inside: tuple[str, ...] = ()
    """further addresses that belong to it"""


ENTRIES: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        N_("办理"),
        (
            Entry("/", N_("待办"), "inbox", "task.work", ("/tasks",)),
            Entry("/cases", N_("案件"), "files", "case.read"),
            Entry("/cases/new", N_("登记申请"), "file-plus", "case.register"),
            Entry("/matters", N_("登记事项"), "phone", "task.work"),
            Entry("/cases/import", N_("批量导入"), "file-import", "case.register"),
            Entry("/absences", N_("离岗代岗"), "user-check", "case.read"),
        ),
    ),
    (
        N_("督办"),
        (
            Entry("/overdue", N_("超期督办"), "clock-exclamation", "overdue.read"),
            Entry("/monthly", N_("每月情况"), "chart-bar", "overdue.read"),
            Entry("/contacts", N_("首接首办"), "arrows-exchange", "overdue.read"),
            Entry("/orders", N_("督办单"), "flag", "case.read"),
            Entry("/extensions", N_("延期审批"), "hourglass", "extension.approve"),
        ),
    ),
    (
        N_("管理"),
        (
            Entry("/models", N_("流程"), "hierarchy-2", "model.read"),
            Entry("/incidents", N_("停住的案件"), "alert-triangle", "incident.retry"),
            Entry("/admin/rules", N_("规则与标准"), "scale", "rules.read"),
            Entry("/admin/calendar", N_("工作日历"), "calendar", "calendar.read"),
            Entry("/admin/users", N_("人员账号"), "users", "staff.manage"),
            Entry("/admin/health", N_("运行状况"), "report-analytics", "health.read"),
            Entry("/supply", N_("供给清单"), "package", "supply.read"),
        ),
    ),
)


@dataclass(frozen=True)
class Navigation:
    """The sidebar of one page."""

    groups: list[tuple[str, list[Entry]]]
    active: str
    unread: int
    counts: dict[str, int] = field(default_factory=dict)


def navigation(request: Request, visitor: Visitor) -> Navigation:
    """Gather the entries and counts for a visitor."""
    groups = [
        (title, shown)
        for title, entries in ENTRIES
        if (shown := [entry for entry in entries if visitor.actor.may(entry.permission)])
    ]
    with visitor.database.read() as session:
        unread = messages.unread(session, visitor.actor.id)
        mine = inbox.counts(session, visitor.actor)["mine"] if visitor.actor.may("task.work") else 0
    return Navigation(groups, _active(request.url.path), unread, {"/": mine})


def home(visitor: Visitor) -> str:
    """Say where somebody's work begins."""
    order = ("task.work", "overdue.read", *(entry.permission for _, group in ENTRIES for entry in group))
    links = {entry.permission: entry.href for _, group in reversed(ENTRIES) for entry in reversed(group)}
    return next((links[one] for one in order if visitor.actor.may(one)), "/messages")


def _active(path: str) -> str:
    found, longest = "", 0
    for _, entries in ENTRIES:
        for entry in entries:
            for start in (entry.href, *entry.inside):
                belongs = path == start or (start != "/" and path.startswith(f"{start}/"))
                if belongs and len(start) > longest:
                    found, longest = entry.href, len(start)
    return found
