"""First-contact steps in a model: feedback, rating and reopening of the matter that somebody received first."""

from collections.abc import Mapping
from datetime import datetime

from jieban import ledger
from jieban.ledger.following import DISSATISFIED, SATISFACTION
from notifications import applicants
from tasks.contact_limits import feedback_limit, promised
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_KEPT = ("kind", "tell", "past", "stage")


@task_operation("give_feedback", "首接反馈", "Give feedback", _KEPT)
def give_feedback(done: Done) -> Mapping[str, Fact]:
    """Tell the person what became of the matter: the form has `how` and `content`."""
    feed_back(done, text(done.data, "how"), text(done.data, "content"))
    return keep(done)


@task_operation("rate_contact", "回访评价（首接）", "Rate the handling", _KEPT)
def rate_contact(done: Done) -> Mapping[str, Fact]:
    """Keep how the person rates it: the form has `rating` and `comment`; tells `rating`."""
    rating = text(done.data, "rating")
    rated(done, rating, text(done.data, "comment"))
    return keep(done) | {"rating": rating}


@task_operation("reopen_contact", "重新办理（首接）", "Reopen", _KEPT)
def reopen_contact(done: Done) -> Mapping[str, Fact]:
    """Owe the person feedback anew: the form has `reason`."""
    _reopen(done, text(done.data, "reason"))
    return keep(done)


def interim_reply(done: Done, how: str, words: str, until: datetime) -> None:
    """Record that the person was told how far it is and until when; a matter of the office itself has nobody to tell."""
    if done.case.first_contact_id:
        limit = promised(done.rules, done.calendar, until, done.now)
        ledger.interim_reply(
            done.session,
            case=done.case,
            actor=done.actor,
            now=done.now,
            how=how,
            words=words,
            until=limit,
        )
        applicants.tell_progress(done.session, done.case, "interim", how, done.now, limit.due_at)


def feed_back(done: Done, how: str, content: str) -> None:
    """Record the feedback."""
    if done.case.first_contact_id:
        ledger.give_feedback(
            done.session, case=done.case, actor=done.actor, now=done.now, how=how, result=content[:2000]
        )
        applicants.tell_progress(done.session, done.case, "feedback", how, done.now)


def rated(done: Done, rating: str, comment: str, *, again: bool = False) -> None:
    """Record a rating; who is not satisfied, or for whom nothing was done, is owed feedback again."""
    if not done.case.first_contact_id:
        return
    if rating in SATISFACTION:
        ledger.rate(
            done.session,
            case=done.case,
            actor=done.actor,
            now=done.now,
            satisfaction=rating,
            reason=comment[:2000],
        )
    if rating in DISSATISFIED or again:
        _reopen(done, comment or "回访得知没有实际办理。")


def _reopen(done: Done, reason: str) -> None:
    ledger.reopen(
        done.session,
        case=done.case,
        actor=done.actor,
        now=done.now,
        reason=reason[:2000],
        limit=feedback_limit(done.rules, done.calendar, "", done.now, done.now),
    )
